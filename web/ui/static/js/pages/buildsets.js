// The buildsets of the tenant, newest first.
import { h } from "../lib/dom.js";
import { tenantPath } from "../lib/api.js";
import { historyPage } from "../lib/filters.js";
import { timeAgo } from "../lib/time.js";
import { buildsetPath, refLink, setBadge, spent } from "../lib/parts.js";
import { results } from "./builds.js";

export default function page(ctx) {
  const { tenant } = ctx;
  return historyPage(ctx, {
    title: "Buildsets",
    path: tenantPath(tenant, "/buildsets"),
    fields: [
      { name: "project", label: "Project", search: true },
      { name: "pipeline", label: "Pipeline" },
      { name: "branch", label: "Branch" },
      { name: "change", label: "Change", number: true },
      { name: "result", label: "Result", options: [...results, "DEQUEUED"] },
    ],
    columns: [
      { label: "Result", cell: (b) => h("a.plain", { href: buildsetPath(tenant, b.uuid) }, setBadge(b)), class: "col-result" },
      { label: "Change", cell: (b) => b.refs.map((r) => [refLink(tenant, r), " "]), class: "col-main" },
      { label: "Project", cell: (b) => [...new Set(b.refs.map((r) => r.project))].join(", ") },
      { label: "Branch", cell: (b) => b.refs[0]?.branch || "–", class: "col-minor" },
      { label: "Pipeline", cell: (b) => b.pipeline },
      { label: "Took", cell: (b) => spent(b.first_build_start_time, b.result && b.last_build_end_time), class: "col-number" },
      { label: "Triggered", cell: (b) => timeAgo(b.event_timestamp || b.first_build_start_time), class: "col-time" },
    ],
    link: (b) => buildsetPath(tenant, b.uuid),
    hint: "A buildset is one attempt to test an item. It appears here when its jobs are known.",
  });
}
