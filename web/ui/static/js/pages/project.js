// One project: which jobs it runs in which pipeline.
import { fill, h } from "../lib/dom.js";
import { get, projectPath, query, tenantPath } from "../lib/api.js";
import { facts, section } from "../lib/parts.js";

export default async function page(ctx) {
  const base = `/t/${encodeURIComponent(ctx.tenant)}`;
  const p = await get(tenantPath(ctx.tenant, "/project/" + projectPath(ctx.params.project)), ctx.signal);
  ctx.title(p.name);
  const meta = p.metadata || {};
  const configs = p.configs || [];
  fill(ctx.root,
    h("p.eyebrow", null, p.connection_name),
    h("h1", null, p.name),
    facts([
      ["Queue", meta.queue_name], ["Default branch", meta.default_branch], ["Merge mode", meta.merge_mode],
      ["Canonical name", h("code", null, p.canonical_name)],
      ["History", h("span", null, h("a", { href: `${base}/builds${query({ project: p.name })}` }, "builds"), " · ", h("a", { href: `${base}/buildsets${query({ project: p.name })}` }, "buildsets"))],
    ]),
    configs.length === 0 && h("p.muted", null, "No configuration names this project."),
    configs.map((c) => section(c.is_template ? "From a template" : place(c.source_context) || "Configuration",
      c.templates?.length > 0 && h("p.muted", null, "Templates: " + c.templates.join(", ")),
      (c.pipelines || []).map((pipeline) => h("div.project-pipeline", null,
        h("h3", null, pipeline.name),
        h("ul.chips", null, pipeline.jobs.map((variants) => job(base, variants))))))));
}

function place(at) {
  return at ? `${at.project} ${at.path} (${at.branch})` : "";
}

function job(base, variants) {
  const first = variants[0];
  const after = (first.dependencies || []).map((d) => d.name).join(", ");
  return h("li", null, h("a.chip", { href: `${base}/job/${encodeURIComponent(first.name)}` }, first.name,
    after && h("span.chip-time", null, "after " + after),
    first.voting === false && h("span.chip-time", null, "non-voting")));
}
