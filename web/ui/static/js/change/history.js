// What was decided about a change and why, newest first: one part for each
// time it was in a pipeline, and one for events that led to nothing.
import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { millis, timeAgo } from "../lib/time.js";
import { badge } from "../lib/parts.js";

// faces of decisions by their kind, such as item.enqueued.
const faces = [
  [/(dequeued|canceled|skipped)/, "minus", "calm"],
  [/(failing|conflict|failed|rejected|refused|ignored)/, "cross", "bad"],
  [/(reset|moved|window)/, "retry", "warn"],
  [/(merged|report|completed)/, "check", "good"],
  [/(enqueued|triggered)/, "gate", "run"],
  [/(started|requested|prepared|activated)/, "play", "run"],
];

export function story(history) {
  const items = (history.items || []).toSorted((a, b) => millis(b.enqueue_time) - millis(a.enqueue_time));
  const refusals = history.refusals || [];
  return h("div.stories", null,
    items.map((item) => h("div.story-item", null,
      h("div.story-head", null,
        h("h3", null, item.pipeline),
        item.result && badge(item.result),
        item.resets > 0 && h("span.badge.warn", null, icon("retry"), item.resets === 1 ? "started again once" : `started again ${item.resets} times`)),
      decisions(item.decisions || []))),
    refusals.length > 0 && h("div.story-item", null, h("div.story-head", null, h("h3", null, "Did not enter a pipeline")), decisions(refusals)));
}

function decisions(list) {
  return h("ol.story", null, list.toReversed().map((d) => {
    const kind = d.kind || "";
    const [, name, tone] = faces.find(([match]) => match.test(kind)) || [null, "clock", "calm"];
    return h("li.story-line", { "data-kind": tone },
      h("span.story-mark", null, icon(name)),
      h("div.story-text", null,
        h("span", null, d.text || kind.replace(".", " ")),
        h("span.story-meta", null, timeAgo(d.time))));
  }));
}

export function isEmpty(history) {
  return !history.items?.length && !history.refusals?.length;
}
