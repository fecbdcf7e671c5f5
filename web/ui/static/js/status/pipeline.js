// One pipeline with its queues.
import { h, reconcile, setAttr, setText, show } from "../lib/dom.js";
import { makeItem, tickItem, updateItem } from "./item.js";
import { rails } from "./rail.js";

export function makePipeline() {
  const count = h("span.count");
  const title = h("h2.pipeline-name");
  const about = h("p.pipeline-about");
  const error = h("p.pipeline-error", { role: "alert", hidden: true },
    "The last processing of this pipeline failed. The server's log says why; the other pipelines are not affected.");
  const queues = h("div.queues");
  const el = h("section.pipeline", null,
    h("header.pipeline-head", null, title, count, h("span.grow"), about), error, queues);
  el.parts = { title, count, about, error, queues };
  return el;
}

export function updatePipeline(el, shown, view) {
  const { pipeline, queues, total } = shown;
  const p = el.parts;
  setText(p.title, pipeline.name);
  setAttr(el, "aria-label", "Pipeline " + pipeline.name);
  setText(p.count, total);
  setText(p.about, pipeline.manager);
  setAttr(p.about, "title", pipeline.description || null);
  show(p.error, pipeline.state === "error");
  reconcile(p.queues, queues, (q) => q.key, makeQueue, (q, shownQueue) => updateQueue(q, shownQueue, view));
}

function makeQueue() {
  const name = h("h3.queue-name");
  const window = h("span.queue-window");
  const items = h("ol.items");
  const head = h("div.queue-head", null, name, window);
  const el = h("div.queue", null, head, items);
  el.parts = { head, name, window, items };
  return el;
}

function updateQueue(el, { queue, entries, all }, view) {
  const p = el.parts;
  show(p.head, Boolean(queue.name));
  setText(p.name, queue.name + (queue.branch ? ` (${queue.branch})` : ""));
  const active = all.filter((i) => i.active !== false).length;
  setText(p.window, queue.window ? `${active} of ${all.length} active · window ${queue.window}` : "");
  reconcile(p.items, entries, (e) => e.item.id, () => makeItem(view), (item, entry) => updateItem(item, entry, view));
}

// arrange turns a PIPELINE of the status into what is shown of it.
export function arrange(pipeline, keep) {
  let total = 0;
  const queues = [];
  for (const [i, queue] of pipeline.change_queues.entries()) {
    const all = queue.heads.flat();
    const shapes = pipeline.manager === "dependent" || all.some((item) => item.item_ahead) ? rails(all) : null;
    const byID = new Map(all.map((item) => [item.id, item]));
    const entries = [];
    for (const [k, item] of all.entries()) {
      if (!keep(item, queue, pipeline)) continue;
      const ahead = byID.get(item.item_ahead) || null;
      const before = ahead || all[k - 1] || null;
      entries.push({ item, queue, pipeline, ahead: before, rail: shapes?.[k] || { lane: 0 }, text: signature(item) });
    }
    total += entries.length;
    const key = queue.name ? `${queue.name}|${queue.branch || ""}` : `#${all[0]?.id || i}`;
    if (entries.length) queues.push({ key, queue, entries, all });
  }
  return { pipeline, queues, total };
}

// signature is a text that changes when what is shown of an item does. What
// moves with the clock alone is not in it: tickItem sees to that.
function signature(item) {
  const own = [item.active, item.live, item.enqueue_time, item.resets, item.failing_reasons, JSON.stringify(item.refs)];
  const jobs = item.jobs.map((j) => [j.name, j.ref, j.voting, j.queued, j.tries, j.waiting_status, j.result, j.uuid, j.start_time, j.end_time, j.estimated_time, j.paused, j.pre_fail].join("\t"));
  return own.join("\t") + "\n" + jobs.join("\n");
}

export function tickPipelines(root, view) {
  for (const item of root.querySelectorAll("li.item")) if (item.entry) tickItem(item, view);
}
