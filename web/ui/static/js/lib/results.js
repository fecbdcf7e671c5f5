// Results and states: their colours, icons and words.
import { h } from "./dom.js";
import { icon } from "./icons.js";

// kinds of results, for colour and icon; the word itself stays Zuul's.
const kinds = {
  SUCCESS: ["good", "check"],
  FAILURE: ["bad", "cross"],
  POST_FAILURE: ["bad", "cross"],
  TIMED_OUT: ["bad", "clock"],
  POST_TIMED_OUT: ["bad", "clock"],
  MERGE_CONFLICT: ["bad", "warn"],
  MERGE_FAILURE: ["bad", "warn"],
  CONFIG_ERROR: ["bad", "warn"],
  NODE_FAILURE: ["warn", "warn"],
  RETRY_LIMIT: ["bad", "retry"],
  RETRY: ["warn", "retry"],
  ERROR: ["bad", "warn"],
  DISK_FULL: ["bad", "warn"],
  NO_JOBS: ["calm", "minus"],
  ABORTED: ["calm", "minus"],
  CANCELED: ["calm", "minus"],
  SKIPPED: ["calm", "skip"],
  DEQUEUED: ["calm", "minus"],
  replaced: ["calm", "retry"],
  running: ["run", "play"],
  waiting: ["calm", "clock"],
  paused: ["run", "pause"],
  open: ["run", "gate"],
  merged: ["good", "check"],
  abandoned: ["calm", "minus"],
};

export function resultKind(result) {
  return (kinds[result] || ["bad", "cross"])[0];
}

export function resultIcon(result) {
  return (kinds[result] || ["bad", "cross"])[1];
}

// badge shows a result as a word with an icon: never by colour alone.
export function badge(result, label) {
  const word = result || "running";
  return h("span.badge", { class: resultKind(word) }, icon(resultIcon(word)), h("span", null, label || words(word)));
}

// words makes POST_FAILURE readable as "Post failure".
export function words(result) {
  const s = result.replaceAll("_", " ").toLowerCase();
  return s[0].toUpperCase() + s.slice(1);
}

// buildState is one of waiting, running or the result of a BUILD.
export function buildState(build) {
  return build.result || (build.start_time ? "running" : "waiting");
}

// startedOver tells why a BUILDSET was replaced by another one of its item,
// because what it was tested on changed; null for every other. The API calls
// such a buildset dequeued, and its message begins with these words.
export function startedOver(set) {
  return set.result === "DEQUEUED" && set.message?.startsWith("Started over") ? set.message : null;
}

// setState is one of waiting, running, replaced or the result of a BUILDSET.
export function setState(set) {
  if (startedOver(set)) return "replaced";
  return set.result || (set.first_build_start_time ? "running" : "waiting");
}

export function buildBadge(build) {
  return badge(buildState(build));
}

export function setBadge(set) {
  const el = badge(setState(set), startedOver(set) && "Started over");
  if (startedOver(set)) el.title = set.message;
  return el;
}
