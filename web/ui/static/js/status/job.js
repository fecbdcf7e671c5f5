// One job of an item: its name, how far it is, and what it waits for.
import { h, setAttr, setText, show } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { duration, short, now } from "../lib/time.js";
import { buildPath, resultIcon, resultKind, words } from "../lib/parts.js";
import { jobState, jobWait, progress } from "./explain.js";

export function makeJob(tenant) {
  const mark = h("span.job-mark");
  const name = h("a.job-name");
  const tags = h("span.job-tags");
  const bar = h("span.job-bar", { hidden: true }, h("span.job-fill"));
  const note = h("span.job-note");
  const el = h("li.job", null, mark, name, tags, bar, note);
  el.parts = { tenant, mark, name, tags, bar, fill: bar.firstChild, note };
  return el;
}

export function updateJob(el, job) {
  const p = el.parts;
  el.job = job;
  const state = jobState(job);
  const kind = resultKind(state);
  if (el.dataset.state !== state) {
    el.dataset.state = state;
    el.dataset.kind = kind;
    p.mark.replaceChildren(icon(resultIcon(state), words(state)));
  }
  setText(p.name, job.ref ? `${job.name} (${job.ref})` : job.name);
  setAttr(p.name, "href", job.uuid ? buildPath(p.tenant, job.uuid) : null);
  setText(p.tags, [
    job.voting === false && "non-voting",
    job.tries > 1 && `attempt ${job.tries}`,
    job.pre_fail && !job.result && "failing early",
  ].filter(Boolean).join(" · "));
  show(p.bar, state === "running" || state === "paused");
  tickJob(el);
}

// tickJob moves what moves with the clock.
export function tickJob(el) {
  const job = el.job;
  const p = el.parts;
  setText(p.note, noteOf(job));
  setAttr(p.note, "title", job.start_time && !job.result && job.estimated_time ? `Usually it takes ${duration(job.estimated_time)}` : null);
  if (p.bar.hidden) return;
  const share = progress(job);
  setAttr(p.bar, "data-unknown", share === null ? "" : null);
  const width = share === null ? "100%" : (share * 100).toFixed(1) + "%";
  if (p.fill.style.width !== width) p.fill.style.width = width;
}

function noteOf(job) {
  const state = jobState(job);
  if (state === "waiting") return jobWait(job);
  const spent = job.result ? (job.elapsed_time ?? 0) / 1000 : now() / 1000 - job.start_time;
  if (state === "paused") return "paused, " + duration(spent);
  if (state !== "running") {
    const time = job.start_time ? duration(spent) : "";
    return state === "SUCCESS" ? time : [words(state), time].filter(Boolean).join(", ");
  }
  if (!job.estimated_time) return duration(Math.max(0, Math.floor(spent)));
  const left = job.estimated_time - spent;
  if (left > 1) return short(left) + " left";
  return left > -2 ? "any moment" : short(-left) + " over";
}
