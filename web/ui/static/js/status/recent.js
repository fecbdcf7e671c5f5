// The buildsets that ended last, below what runs now: where a change went
// that was on the page a moment ago. Buildsets whose item started over are left
// out: it did not go.
import { h, reconcile, setText, show } from "../lib/dom.js";
import { getOr, query, tenantPath } from "../lib/api.js";
import { badge, buildsetPath, refLink, startedOver } from "../lib/parts.js";
import { millis, setTime } from "../lib/time.js";

const count = 8;
const verdicts = ["SUCCESS", "FAILURE", "MERGE_CONFLICT", "MERGE_FAILURE", "CONFIG_ERROR", "NODE_FAILURE", "RETRY_LIMIT", "ERROR"];
const atMostEvery = 1500;

export function recent(ctx) {
  const rows = h("ul.recent-list");
  const el = h("section.recent", { hidden: true }, h("h2.section-title", null, "Recently finished"), rows);
  let timer = 0;
  let last = -Infinity;

  async function load() {
    last = performance.now();
    // Apart from the others, as one reset may replace very many.
    const list = await Promise.all([ask(verdicts), ask("DEQUEUED")]).catch(() => null);
    if (!list || ctx.signal.aborted) return;
    const ended = list.flat().filter((b) => !startedOver(b)).toSorted((a, b) => end(b) - end(a)).slice(0, count);
    show(el, ended.length > 0);
    reconcile(rows, ended, (b) => b.uuid, makeRow, (row, b) => updateRow(row, b, ctx.tenant));
  }

  function ask(result) {
    return getOr(tenantPath(ctx.tenant, "/buildsets" + query({ complete: true, result, limit: count })), [], ctx.signal);
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

function end(buildset) {
  return millis(buildset.last_build_end_time || buildset.event_timestamp);
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
  setTime(time, end(buildset));
}
