// The projects of the tenant.
import { h } from "../lib/dom.js";
import { get, projectPath, query, tenantPath } from "../lib/api.js";
import { listPage } from "../lib/listpage.js";
import { empty } from "../lib/parts.js";

export default async function page(ctx) {
  ctx.title("Projects · " + ctx.tenant);
  const base = `/t/${encodeURIComponent(ctx.tenant)}`;
  const address = (p) => `${base}/project/${projectPath(p.canonical_name)}`;
  listPage(ctx, {
    title: "Projects",
    rows: await get(tenantPath(ctx.tenant, "/projects"), ctx.signal),
    text: (p) => `${p.name} ${p.connection_name} ${p.type}`,
    columns: [
      { label: "Project", cell: (p) => h("a.strong", { href: address(p) }, p.name), class: "col-main" },
      { label: "Connection", cell: (p) => p.connection_name },
      { label: "Type", cell: (p) => (p.type === "config" ? h("span.badge.run", { title: "Its configuration is trusted: it may define pipelines and use secrets" }, "config") : p.type) },
      { label: "History", cell: (p) => [h("a", { href: `${base}/builds${query({ project: p.name })}` }, "builds"), " · ", h("a", { href: `${base}/buildsets${query({ project: p.name })}` }, "buildsets")] },
    ],
    link: address,
    none: empty("No projects", h("p", null, "Add config-projects and untrusted-projects to the tenant file.")),
  });
}
