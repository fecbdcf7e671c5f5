// The buildsets that ended last, below what runs now: where a change went
// that was on the page a moment ago.
import { h, reconcile, setText, show } from "../lib/dom.js";
import { getOr, tenantPath } from "../lib/api.js";
import { badge, buildsetPath, refLink } from "../lib/parts.js";
import { setTime } from "../lib/time.js";

const count = 8;
const atMostEvery = 1500;

export function recent(ctx) {
  const rows = h("ul.recent-list");
  const el = h("section.recent", { hidden: true }, h("h2.section-title", null, "Recently finished"), rows);
  let timer = 0;
  let last = -Infinity;

  async function load() {
    last = performance.now();
    const list = await getOr(tenantPath(ctx.tenant, `/buildsets?complete=true&limit=${count}`), [], ctx.signal).catch(() => null);
    if (!list || ctx.signal.aborted) return;
    show(el, list.length > 0);
    reconcile(rows, list, (b) => b.uuid, makeRow, (row, b) => updateRow(row, b, ctx.tenant));
  }

  ctx.signal.addEventListener("abort", () => clearTimeout(timer));
  return {
    el,
    refresh() {
      clearTimeout(timer);
      timer = setTimeout(load, Math.max(0, last + atMostEvery - performance.now()));
    },
  };
}

function makeRow() {
  const parts = [h("a.recent-result"), h("span.recent-refs"), h("span.recent-pipeline"), h("time.recent-time")];
  return h("li.recent-row", null, parts);
}

function updateRow(row, buildset, tenant) {
  const [result, refs, pipeline, time] = row.children;
  if (row.dataset.result !== buildset.result) {
    row.dataset.result = buildset.result;
    result.replaceChildren(badge(buildset.result));
    result.href = buildsetPath(tenant, buildset.uuid);
    result.setAttribute("aria-label", `Buildset ${buildset.result}`);
    refs.replaceChildren(...buildset.refs.flatMap((ref) => [refLink(tenant, ref), " ", h("span.muted", null, ref.project), " "]));
  }
  setText(pipeline, buildset.pipeline);
  setTime(time, buildset.last_build_end_time || buildset.event_timestamp);
}
