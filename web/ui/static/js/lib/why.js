// Explanations: why something waits, ran or ended as it did. The server writes
// the sentences; here they are only laid out.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { get, projectPath, query, tenantPath } from "./api.js";
import { timeAgo } from "./time.js";
import { changePath, isChangeID } from "./parts.js";

// explanation asks why about a change, a ref as project@name, an item, a
// buildset or a build; at is a time, empty for now.
export function explanation(tenant, what, at, signal) {
  return get(tenantPath(tenant, "/explain/" + projectPath(what)) + query({ at }), signal);
}

export function whyPath(tenant, what, at) {
  return `/t/${encodeURIComponent(tenant)}/explain/${projectPath(what)}` + query({ at });
}

// sentences is how it is at that time; without items what was the end.
export function sentences(list) {
  return list.length > 0 && h("ul.why-now", null, list.map((s) => h("li", null, s)));
}

// ahead lists what is in front of an item, nearest first.
export function ahead(tenant, item) {
  if (!item.ahead.length) return false;
  const more = item.ahead_total - item.ahead.length;
  return h("div.why-ahead", null, h("p.why-title", null, item.ahead_total === 1 ? "Ahead of it" : `Ahead of it: ${item.ahead_total}`),
    h("ol", null, item.ahead.map((a) => h("li", { class: a.base ? "why-base" : null, title: a.base ? "It is tested on top of this one" : null },
      h("span.why-place", null, a.position), h("span", null, names(tenant, a), " ", h("span.muted", null, a.state))))),
    more > 0 && h("p.muted", null, `and ${more} more`));
}

function names(tenant, a) {
  return a.refs.map((r, i) => [i > 0 && ", ", isChangeID(r.id) ? h("a", { href: changePath(tenant, r.id) }, r.id) : r.ref, " ", r.project]);
}

// faces of what happened, by the event's name; what has none gets a clock.
const faces = {
  "item.enqueued": ["gate", "run"],
  "enqueue.refused": ["cross", "bad"],
  "item.moved": ["up", "warn"],
  "item.prepared": ["play", "run"],
  "buildset.reset": ["retry", "warn"],
  "builds.canceled": ["minus", "calm"],
  "item.failing": ["cross", "bad"],
  "build.started": ["play", "run"],
  "build.completed": ["check", "calm"],
  "job.skipped": ["skip", "calm"],
  "report.requested": ["say", "calm"],
  "report.completed": ["say", "calm"],
  "item.dequeued": ["out", "calm"],
};

// happened is the timeline, newest first.
export function happened(doc) {
  const several = new Set(doc.timeline.map((e) => e.item).filter(Boolean)).size > 1;
  return h("div.why-happened", null,
    h("ol.story", null, doc.timeline.toReversed().map((e) => {
      const [name, tone] = faces[e.event] || ["clock", "calm"];
      return h("li.story-line", { "data-kind": tone }, h("span.story-mark", null, icon(name)),
        h("div.story-text", null, h("span", null, several && e.pipeline && h("span.muted", null, e.pipeline + ": "), e.text),
          e.cause && h("span.story-why", null, "because: " + e.cause),
          h("span.story-meta", null, timeAgo(e.time), h("span", { title: "The record of the log" }, "#" + e.seq))));
    })),
    doc.omitted > 0 && h("p.muted", null, `${doc.omitted} older entries are left out.`));
}
