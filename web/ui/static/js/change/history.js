// What was decided about a change and why, newest first: one part for each
// time it was in a pipeline, and one for events that led to nothing.
import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { millis, timeAgo } from "../lib/time.js";
import { badge } from "../lib/parts.js";

// faces of decisions by their kind.
const faces = {
  enqueued: ["gate", "run"],
  refused: ["cross", "bad"],
  moved: ["up", "warn"],
  prepared: ["play", "run"],
  reset: ["retry", "warn"],
  canceled: ["minus", "calm"],
  failing: ["cross", "bad"],
  recovered: ["check", "good"],
  reported: ["say", "calm"],
  merged: ["check", "good"],
  "merge-failed": ["cross", "bad"],
  dequeued: ["out", "calm"],
};

export function story(history) {
  const items = (history.items || []).toSorted((a, b) => millis(b.enqueue_time) - millis(a.enqueue_time));
  const refusals = history.refusals || [];
  return h("div.stories", null,
    items.map((item) => h("div.story-item", null,
      h("div.story-head", null,
        h("h3", null, item.pipeline),
        item.result && badge(item.result),
        item.resets > 0 && h("span.badge.warn", null, icon("retry"), item.resets === 1 ? "started over once" : `started over ${item.resets} times`)),
      decisions(item.decisions || []))),
    refusals.length > 0 && h("div.story-item", null, h("div.story-head", null, h("h3", null, "Did not enter a pipeline")), decisions(refusals)));
}

function decisions(list) {
  return h("ol.story", null, list.toReversed().map((d) => {
    const [name, tone] = faces[d.kind] || ["clock", "calm"];
    return h("li.story-line", { "data-kind": tone },
      h("span.story-mark", null, icon(name)),
      h("div.story-text", null,
        h("span", null, d.text || d.kind),
        h("span.story-meta", null, timeAgo(d.time))));
  }));
}

export function isEmpty(history) {
  return !history.items?.length && !history.refusals?.length;
}
