// One job with its variants: what each sets and where it stands.
import { fill, h } from "../lib/dom.js";
import { get, query, tenantPath } from "../lib/api.js";
import { facts, section } from "../lib/parts.js";

export default async function page(ctx) {
  const base = `/t/${encodeURIComponent(ctx.tenant)}`;
  const variants = await get(tenantPath(ctx.tenant, "/job/" + encodeURIComponent(ctx.params.job)), ctx.signal);
  const first = variants[0];
  ctx.title("Job " + first.name);
  fill(ctx.root,
    h("p.eyebrow", null, "Job"),
    h("h1", null, first.name),
    first.description && h("p.lead", null, first.description),
    h("p", null, h("a", { href: `${base}/builds${query({ job_name: first.name })}` }, "Builds of this job")),
    variants.map((v, i) => section(variants.length > 1 ? `Variant ${i + 1}${v.variant_description ? ": " + v.variant_description : ""}` : "Definition", variant(base, v))));
}

function variant(base, v) {
  const at = v.source_context;
  const names = (list) => (list?.length ? list.map((x) => x.name || x.project_name || x.path || x.regex || x).join(", ") : null);
  return h("div.card", null, facts([
    ["Parent", v.parent && h("a", { href: `${base}/job/${encodeURIComponent(v.parent)}` }, v.parent)],
    ["Defined in", at && h("code", null, `${at.project} ${at.path} (${at.branch})`)],
    ["Branches", names(v.branches)],
    ["Files", names(v.files)],
    ["Irrelevant files", names(v.irrelevant_files)],
    ["Pre-run", names(v.pre_run)],
    ["Run", names(v.run)],
    ["Post-run", names(v.post_run)],
    ["Depends on", names(v.dependencies)],
    ["Required projects", names(v.required_projects)],
    ["Semaphores", names(v.semaphores)],
    ["Nodes", v.nodeset?.nodes?.map((n) => `${n.name}: ${n.label}`).join(", ")],
    ["Timeout", v.timeout && v.timeout + " s"],
    ["Attempts", v.attempts],
    ["Voting", v.voting === false ? "no" : null],
    ["Kind", [v.abstract && "abstract", v.final && "final", v.protected && "protected", v.post_review && "after review only"].filter(Boolean).join(", ")],
    ["Tags", names(v.tags)],
  ]), v.variables && Object.keys(v.variables).length > 0 && h("pre.message", null, JSON.stringify(v.variables, null, 2)));
}
