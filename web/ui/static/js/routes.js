// The pages: path, module, and the entry of the navigation that is current.
// A module exports default async function page(ctx); ctx has root (an empty
// element), params, tenant, query (URLSearchParams), signal (aborted when the
// page is left), title(text) and reload().
const status = () => import("./pages/status.js");
const build = () => import("./pages/build.js");

export const routes = [
  { path: "/", load: () => import("./pages/tenants.js") },
  { path: "/tenants", load: () => import("./pages/tenants.js") },
  { path: "/change/:change", load: () => import("./pages/find.js") },
  { path: "/t/:tenant", load: status, nav: "status" },
  { path: "/t/:tenant/status", load: status, nav: "status" },
  { path: "/t/:tenant/change/:change", load: () => import("./pages/change.js"), nav: "status" },
  { path: "/t/:tenant/build/:uuid", load: build, nav: "builds" },
  { path: "/t/:tenant/stream/:uuid", load: build, nav: "builds" },
  { path: "/t/:tenant/builds", load: () => import("./pages/builds.js"), nav: "builds" },
  { path: "/t/:tenant/buildsets", load: () => import("./pages/buildsets.js"), nav: "buildsets" },
  { path: "/t/:tenant/buildset/:uuid", load: () => import("./pages/buildset.js"), nav: "buildsets" },
  { path: "/t/:tenant/explain/*what", load: () => import("./pages/explain.js"), nav: "status" },
  { path: "/t/:tenant/projects", load: () => import("./pages/projects.js"), nav: "projects" },
  { path: "/t/:tenant/project/*project", load: () => import("./pages/project.js"), nav: "projects" },
  { path: "/t/:tenant/jobs", load: () => import("./pages/jobs.js"), nav: "jobs" },
  { path: "/t/:tenant/job/:job", load: () => import("./pages/job.js"), nav: "jobs" },
  { path: "/t/:tenant/config-errors", load: () => import("./pages/errors.js"), nav: "config-errors" },
];

// match finds the route of a path, with the values of its parameters.
export function match(path) {
  const parts = path.replace(/\/+$/, "").split("/");
  for (const route of routes) {
    const params = compare(route.path.replace(/\/+$/, "").split("/"), parts);
    if (params) return { route, params };
  }
  return null;
}

function compare(pattern, parts) {
  const params = {};
  for (let i = 0; i < pattern.length; i++) {
    const p = pattern[i];
    if (p[0] === "*" && parts.length > i) {
      params[p.slice(1)] = parts.slice(i).map(decode).join("/");
      return params;
    }
    if (i >= parts.length) return null;
    if (p[0] === ":") params[p.slice(1)] = decode(parts[i]);
    else if (p !== parts[i]) return null;
  }
  return pattern.length === parts.length ? params : null;
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
