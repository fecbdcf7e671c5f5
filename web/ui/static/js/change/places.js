// Where a change is now: its items in every pipeline, with the same parts as
// the status page.
import { fill, h, reconcile } from "../lib/dom.js";
import { watch } from "../lib/live.js";
import { tenantPath } from "../lib/api.js";
import { now } from "../lib/time.js";
import { changePath, isChangeID } from "../lib/parts.js";
import { arrange, makePipeline, tickPipelines, updatePipeline } from "../status/pipeline.js";

// places shows the items of the change and calls changed() whenever they do.
export function places(ctx, number, view, changed) {
  const board = h("div.board.narrow");
  const none = h("p.muted", { hidden: true }, "In no pipeline now.");
  const ahead = h("div.ahead");
  let last = "";
  view.refresh = watch(ctx.tenant, tenantPath(ctx.tenant, "/status"), ctx.signal, (status) => {
    view.madeAt = now();
    const shown = status.pipelines
      .map((p) => arrange(p, (item) => item.refs.some((r) => (r.id || "").startsWith(number + ","))))
      .filter((s) => s.total > 0);
    for (const entry of shown.flatMap((s) => s.queues.flatMap((q) => q.entries))) entry.rail = { lane: 0 };
    fill(ahead, shown.map((s) => s.queues.map((q) => chain(ctx.tenant, s.pipeline, q))));
    reconcile(board, shown, (s) => s.pipeline.name, makePipeline, (el, s) => updatePipeline(el, s, view));
    none.hidden = shown.length > 0;
    const key = shown.map((s) => s.queues.map((q) => q.entries.map((e) => e.text))).join();
    if (key !== last) {
      last = key;
      changed();
    }
  }, (err) => err && ctx.live("lost"), ctx.live);
  const ticker = setInterval(() => !document.hidden && tickPipelines(board, view), 1000);
  ctx.signal.addEventListener("abort", () => clearInterval(ticker));
  const el = h("div");
  fill(el, board, ahead, none);
  return el;
}

// chain names what the change is tested on top of: the items ahead that its
// speculative state holds, nearest first.
function chain(tenant, pipeline, { entries, all }) {
  const byID = new Map(all.map((item) => [item.id, item]));
  const names = [];
  for (let item = byID.get(entries[0].item.item_ahead); item; item = byID.get(item.item_ahead)) {
    names.push(item.refs.map((r) => (isChangeID(r.id) ? h("a", { href: changePath(tenant, r.id) }, r.id) : r.ref)));
  }
  if (!names.length) return null;
  return h("p.muted", null, `In ${pipeline.name} it is tested on top of `, names.map((n, i) => [i ? ", " : "", n]), ".");
}
