// What an item or a job is doing and why, in words. Pure: facts in, words out.
import { now } from "../lib/time.js";

// jobState is one of waiting, running, paused or a result.
export function jobState(job) {
  if (job.result) return job.result;
  if (job.paused) return "paused";
  if (job.start_time) return "running";
  return "waiting";
}

// progress is from 0 to 1, or null where no estimate exists.
export function progress(job) {
  if (job.result) return 1;
  if (!job.start_time || !job.estimated_time) return null;
  return Math.min(0.98, (now() / 1000 - job.start_time) / job.estimated_time);
}

// jobNote is the short text at a job's right end.
export function jobWait(job) {
  const waiting = job.waiting_status;
  if (!waiting) return job.tries > 0 || job.queued ? "starting" : "waiting";
  const [what, names] = waiting.split(/:\s*/, 2);
  switch (what) {
    case "dependencies": return "after " + names;
    case "requirements": return "needs " + names;
    case "semaphores": return "semaphore " + names;
    case "node request":
    case "nodeset request": return "waits for nodes";
    case "repo state": return "fetching repositories";
    case "executor": return "waits for an executor";
  }
  return waiting;
}

const reasons = {
  "a needed change is failing": "A change that this one needs is failing",
  "it has a merge conflict": "It conflicts with the changes ahead of it",
  "it has an invalid configuration": "Its configuration is invalid",
  "at least one job failed": "A job failed",
  "it did not merge": "It could not be merged",
  "is a non-live item with no items behind": "Nothing behind needs it any more",
  "cycle can not be merged": "The cycle of changes can't be merged as one",
};

export function reason(text) {
  return reasons[text] || text.charAt(0).toUpperCase() + text.slice(1);
}

// explain returns {tone, text, ofJob} for an item: the one sentence that answers
// "why has this not merged yet?". ahead is the item in front of it, or null;
// ofJob says that the line of a job tells the same.
export function explain(item, queue, pipeline, ahead) {
  const gate = pipeline.manager === "dependent";
  if (item.failing_reasons?.length) {
    const why = item.failing_reasons.map(reason).join(". ");
    const then = gate && ahead ? ` The items behind it go on without it; it leaves when ${name(ahead)} is decided.` : "";
    return { tone: "bad", text: why + "." + then };
  }
  if (item.live === false) return { tone: "calm", text: "Not tested here: it is listed because a change behind it needs it." };
  if (item.active === false) {
    const limit = queue.window ? ` of ${queue.window}` : "";
    return { tone: "calm", text: `Outside the window${limit}: it starts when items ahead are done.` };
  }
  if (!item.jobs.length) return { tone: "run", text: "Being prepared: merging it with what is ahead and choosing its jobs." };
  const states = item.jobs.map(jobState);
  if (states.every((s) => !["running", "waiting", "paused"].includes(s))) {
    if (gate && ahead) return { tone: "good", text: `All jobs are done. It merges after ${name(ahead)}.` };
    return { tone: "good", text: gate ? "All jobs are done. Merging." : "All jobs are done. Reporting." };
  }
  if (!states.includes("running") && !states.includes("paused")) {
    const blocked = item.jobs.find((j) => jobState(j) === "waiting" && !/^dependencies/.test(j.waiting_status || ""));
    if (blocked) return { tone: "calm", ofJob: true, text: `${blocked.name} ${/^(waits|after|needs)/.test(jobWait(blocked)) ? jobWait(blocked) : "is " + jobWait(blocked)}.` };
  }
  return null;
}

function name(item) {
  return item.refs.map((r) => r.id || r.ref).join(" + ");
}

// remaining is the expected time to the item's end in milliseconds, counted
// down from when the status was made; null when not known.
export function remaining(item, madeAt) {
  if (item.remaining_time === null || item.remaining_time === undefined) return null;
  return Math.max(0, item.remaining_time - (now() - madeAt));
}
