// The jobs of the tenant as a tree of parents.
import { h } from "../lib/dom.js";
import { get, query, tenantPath } from "../lib/api.js";
import { listPage } from "../lib/listpage.js";
import { empty } from "../lib/parts.js";

export default async function page(ctx) {
  ctx.title("Jobs · " + ctx.tenant);
  const base = `/t/${encodeURIComponent(ctx.tenant)}`;
  const address = ({ job }) => `${base}/job/${encodeURIComponent(job.name)}`;
  listPage(ctx, {
    title: "Jobs",
    rows: tree(await get(tenantPath(ctx.tenant, "/jobs"), ctx.signal)),
    text: ({ job }) => `${job.name} ${job.description || ""} ${(job.tags || []).join(" ")}`,
    columns: [
      { label: "Job", cell: (row) => name(row, address(row)), class: "col-main" },
      { label: "Description", cell: ({ job }) => job.description || "", class: "col-wide" },
      { label: "Variants", cell: ({ job }) => job.variants?.length || 1, class: "col-number col-minor" },
      { label: "History", cell: ({ job }) => h("a", { href: `${base}/builds${query({ job_name: job.name })}` }, "builds") },
    ],
    link: address,
    none: empty("No jobs", h("p", null, "Define jobs in zuul.yaml of a project.")),
  });
}

function name({ job, depth }, href) {
  const el = h("span.tree", null, h("a.strong", { href }, job.name));
  el.style.setProperty("--depth", depth);
  return el;
}

// tree puts each job below its parent and tells its depth.
function tree(jobs) {
  const names = new Set(jobs.map((j) => j.name));
  const parentOf = (j) => j.variants?.map((v) => v.parent).find((p) => p && p !== j.name && names.has(p)) || null;
  const children = Map.groupBy(jobs, parentOf);
  const rows = [];
  const seen = new Set();
  const walk = (parent, depth) => {
    for (const job of children.get(parent) || []) {
      if (seen.has(job.name)) continue;
      seen.add(job.name);
      rows.push({ job, depth });
      walk(job.name, depth + 1);
    }
  };
  walk(null, 0);
  for (const job of jobs) if (!seen.has(job.name)) rows.push({ job, depth: 0 });
  return rows;
}
