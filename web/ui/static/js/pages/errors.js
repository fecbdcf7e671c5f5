// The configuration errors of the tenant.
import { fill, h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { get, query, tenantPath } from "../lib/api.js";
import { empty } from "../lib/parts.js";

const most = 500;

export default async function page(ctx) {
  ctx.title("Configuration errors · " + ctx.tenant);
  const errors = await get(tenantPath(ctx.tenant, "/config-errors" + query({ limit: most })), ctx.signal);
  if (!errors.length) {
    fill(ctx.root, h("h1", null, "Configuration errors"),
      empty("No errors", h("p", null, "Every configuration file of this tenant could be loaded.")));
    return;
  }
  fill(ctx.root, h("h1", null, "Configuration errors"),
    h("p.lead", null, "What has an error is left out; everything else of the tenant works on."),
    h("ul.errors", null, errors.map(error)),
    errors.length === most && h("p.muted", null, `Only the first ${most} are shown.`));
}

function error(e) {
  const at = e.source_context || {};
  const severe = e.severity !== "warning";
  return h("li.error-card", null,
    h("details", { open: true }, h("summary", null,
      h("span.badge", { class: severe ? "bad" : "warn" }, icon("warn"), severe ? "Error" : "Warning"),
      h("strong", null, e.name || "Error"),
      h("code.error-place", null, [at.project, at.branch && `(${at.branch})`, at.path].filter(Boolean).join(" "))),
      h("p.error-short", null, e.short_error),
      e.error && e.error !== e.short_error && h("pre.message", null, e.error)));
}
