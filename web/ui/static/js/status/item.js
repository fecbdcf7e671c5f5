// One item of a queue: what it is, how it does, and its jobs.
import { h, reconcile, setAttr, setText, show } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { exact, setTime, short } from "../lib/time.js";
import { changePath, isChangeID, resultKind, shortCommit, shortRef } from "../lib/parts.js";
import { explain, jobState, remaining } from "./explain.js";
import { drawWhy, makeWhy } from "./why.js";
import { makeJob, tickJob, updateJob } from "./job.js";

export function makeItem(view) {
  const refs = h("div.item-refs");
  const eta = h("span.item-eta");
  const since = h("time.item-since");
  const strip = h("span.strip", { "aria-hidden": "true" });
  const why = h("p.item-why", { hidden: true });
  const reset = h("span.item-reset", { hidden: true });
  const jobs = h("ul.jobs");
  const toggle = h("button.item-toggle", { type: "button" }, icon("down"));
  const menu = h("button.item-menu", { type: "button", hidden: true }, icon("menu"));
  const ask = makeWhy(view, () => el.entry);
  const card = h("div.item-card", null,
    h("div.item-head", null, refs, h("div.item-when", null, eta, since), ask.button, menu, toggle), strip, reset, why, ask.panel, jobs);
  const el = h("li.item", null, h("span.rail", { "aria-hidden": "true" }, h("span.rail-dot")), card);
  el.parts = { refs, eta, since, strip, why, reset, ask, jobs, toggle, menu };
  toggle.addEventListener("click", () => {
    const id = el.entry.item.id;
    view.opened.set(id, !isOpen(el.entry, view));
    updateItem(el, el.entry, view, true);
  });
  menu.addEventListener("click", () => view.act(el.entry));
  return el;
}

// isOpen: the viewer's choice, else open while there is something to see.
function isOpen({ item }, view) {
  return view.opened.get(item.id) ?? (!view.compact && item.jobs.length > 0 && item.active !== false && item.live !== false);
}

// updateItem draws entry {item, queue, pipeline, ahead, rail}. What equals
// what is shown already costs only the comparison.
export function updateItem(el, entry, view, force) {
  const open = isOpen(entry, view);
  const key = entry.text + JSON.stringify(entry.rail) + open + view.admin + (entry.ahead?.id || "");
  el.entry = entry;
  if (el.shown === key && !force) return;
  el.shown = key;
  const { item, queue, pipeline, ahead, rail } = entry;
  const p = el.parts;
  const said = explain(item, queue, pipeline, ahead);
  el.dataset.tone = tone(item, said);
  el.dataset.lane = rail.lane;
  setAttr(el, "data-top", rail.top ? "" : null);
  setAttr(el, "data-bottom", rail.bottom ? "" : null);
  setAttr(el, "data-pass", rail.pass ? "" : null);
  setAttr(el, "data-dim", item.live === false || item.active === false ? "" : null);
  drawRefs(p.refs, item, view.tenant);
  setTime(p.since, item.enqueue_time);
  if (item.cause) setAttr(p.since, "title", `Here since ${exact(item.enqueue_time)}: ${item.cause}`);
  show(p.why, Boolean(said) && !(open && said.ofJob));
  setText(p.why, said?.text);
  show(p.reset, item.resets > 0);
  setText(p.reset, item.resets > 0 ? resets(item) : "");
  setAttr(p.ask.button, "aria-label", `Why does ${label(item)} stand so?`);
  drawWhy(p.ask, entry, view);
  show(p.menu, view.admin);
  setAttr(p.menu, "aria-label", "Act on " + label(item));
  setAttr(p.menu, "title", "Dequeue or promote");
  setAttr(p.toggle, "aria-expanded", String(open));
  setAttr(p.toggle, "aria-label", (open ? "Hide jobs of " : "Show jobs of ") + label(item));
  show(p.toggle, item.jobs.length > 0);
  reconcile(p.strip, item.jobs, jobKey, () => h("span"), (s, j) => setAttr(s, "data-kind", segment(j)));
  show(p.strip, item.jobs.length > 0 && !open);
  show(p.jobs, open && item.jobs.length > 0);
  reconcile(p.jobs, open ? item.jobs : [], jobKey, () => makeJob(view.tenant), updateJob);
  tickItem(el, view);
}

export function tickItem(el, view) {
  const left = remaining(el.entry.item, view.madeAt);
  setText(el.parts.eta, left === null ? "" : left < 1000 ? "any moment" : "≈ " + short(left / 1000));
  if (el.parts.jobs.hidden) return;
  for (const job of el.parts.jobs.children) if (job.dataset.state === "running") tickJob(job);
}

function segment(job) {
  const state = jobState(job);
  return state === "waiting" ? "wait" : resultKind(state);
}

function tone(item, said) {
  if (item.failing_reasons?.length) return "bad";
  if (said) return said.tone;
  return "run";
}

function resets(item) {
  return (item.resets === 1 ? "Started over" : `Started over ${item.resets} times`) + " because what is ahead of it changed";
}

// jobKey tells the jobs of an item apart: a dependency cycle has a job of one
// name for each of its changes.
function jobKey(job) {
  return job.ref ? `${job.name} ${job.ref}` : job.name;
}

export function label(item) {
  return item.refs.map((r) => `${r.project} ${r.id || shortRef(r.ref)}`).join(", ");
}

// drawRefs keeps the links that stay: one of them may have the focus.
function drawRefs(el, item, tenant) {
  reconcile(el, item.refs, (ref) => `${ref.project} ${ref.id} ${ref.ref}`, (ref) => makeRef(ref, tenant), (row, ref) => {
    const [, , about, owner] = row.children;
    const subject = ref.subject || (isChangeID(ref.id) ? "" : "at " + shortCommit(ref.id));
    setText(about, subject);
    setAttr(about, "title", subject);
    show(about, Boolean(subject));
    setText(owner, ref.owner);
  });
}

function makeRef(ref, tenant) {
  const id = isChangeID(ref.id)
    ? h("a.item-id", { href: changePath(tenant, ref.id) }, ref.id)
    : h("span.item-id", { title: ref.id || "" }, shortRef(ref.ref));
  return h("div.item-ref", null, id, h("span.item-project", null, ref.project), h("span.item-subject"), h("span.item-owner"));
}
