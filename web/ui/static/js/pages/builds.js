// The builds of the tenant, newest first.
import { h } from "../lib/dom.js";
import { tenantPath } from "../lib/api.js";
import { historyPage } from "../lib/filters.js";
import { timeAgo } from "../lib/time.js";
import { buildBadge, buildPath, refLink, spent } from "../lib/parts.js";

export const results = ["SUCCESS", "FAILURE", "POST_FAILURE", "TIMED_OUT", "NODE_FAILURE", "RETRY_LIMIT", "MERGE_CONFLICT", "CONFIG_ERROR", "ABORTED", "CANCELED", "SKIPPED", "ERROR"];

export default function page(ctx) {
  const { tenant } = ctx;
  return historyPage(ctx, {
    title: "Builds",
    path: tenantPath(tenant, "/builds"),
    fields: [
      { name: "job_name", label: "Job", search: true },
      { name: "project", label: "Project" },
      { name: "pipeline", label: "Pipeline" },
      { name: "branch", label: "Branch" },
      { name: "change", label: "Change", number: true },
      { name: "result", label: "Result", options: results },
    ],
    columns: [
      { label: "Result", cell: buildBadge, class: "col-result" },
      { label: "Job", cell: (b) => h("a.strong", { href: buildPath(tenant, b.uuid) }, b.job_name), class: "col-main" },
      { label: "Project", cell: (b) => b.ref.project },
      { label: "Change", cell: (b) => refLink(tenant, b.ref) },
      { label: "Branch", cell: (b) => b.ref.branch || "–", class: "col-minor" },
      { label: "Pipeline", cell: (b) => b.pipeline },
      { label: "Took", cell: (b) => spent(b.start_time, b.end_time, b.duration), class: "col-number" },
      { label: "Started", cell: (b) => timeAgo(b.start_time || b.event_timestamp), class: "col-time" },
    ],
    link: (b) => buildPath(tenant, b.uuid),
    hint: "A build appears here as soon as it is requested.",
  });
}
