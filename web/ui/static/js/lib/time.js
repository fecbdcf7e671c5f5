// Times and durations, relative and exact, in the viewer's zone.
import { h } from "./dom.js";

let skew = 0; // server's clock minus ours, milliseconds

// noteServerTime keeps the difference of the clocks from a Date header, so
// that progress is right on a computer whose clock is wrong. The header has
// whole seconds, so small differences mean nothing.
export function noteServerTime(header) {
  const at = Date.parse(header || "");
  if (isNaN(at)) return;
  const diff = at - Date.now();
  skew = Math.abs(diff) > 2500 ? diff : 0;
}

export function now() {
  return Date.now() + skew;
}

// millis reads the three forms of time in the API: milliseconds, text with a
// zone, and text without one, which is UTC.
export function millis(value) {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "number") return value;
  const zoned = /[zZ]$|[+-]\d\d:?\d\d$/.test(value);
  const at = Date.parse(zoned ? value : value + "Z");
  return isNaN(at) ? null : at;
}

// duration writes seconds for people: 0.4 s, 42 s, 3 min 5 s, 2 h 10 min.
export function duration(seconds) {
  if (seconds === null || seconds === undefined || isNaN(seconds)) return "";
  if (seconds < 0) seconds = 0;
  if (seconds > 0 && seconds < 9.95) return seconds.toFixed(1).replace(".0", "") + " s";
  const s = Math.round(seconds);
  if (s < 60) return s + " s";
  if (s < 3600) return join(Math.floor(s / 60), "min", s % 60, "s");
  if (s < 86400) return join(Math.floor(s / 3600), "h", Math.floor((s % 3600) / 60), "min");
  return join(Math.floor(s / 86400), "d", Math.floor((s % 86400) / 3600), "h");
}

function join(a, unitA, b, unitB) {
  return b ? `${a} ${unitA} ${b} ${unitB}` : `${a} ${unitA}`;
}

// short is duration with one unit only, for narrow places.
export function short(seconds) {
  if (seconds === null || seconds === undefined || isNaN(seconds)) return "";
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return s + " s";
  if (s < 3600) return Math.round(s / 60) + " min";
  if (s < 86400) return Math.round(s / 3600) + " h";
  return Math.round(s / 86400) + " d";
}

export function ago(at) {
  const s = (now() - at) / 1000;
  if (s < 5 && s > -5) return "just now";
  return s < 0 ? "in " + short(-s) : short(s) + " ago";
}

const exactFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

export function exact(at) {
  return exactFormat.format(at);
}

// timeAgo makes a <time> that stays right by itself and tells the exact moment
// when pointed at.
export function timeAgo(value) {
  const el = h("time");
  setTime(el, value);
  return el;
}

export function setTime(el, value) {
  const at = millis(value);
  if (at === null) {
    el.textContent = "–";
    return;
  }
  if (el.dataset.at === String(at)) return;
  el.dataset.at = at;
  el.dateTime = new Date(at).toISOString();
  el.title = exact(at);
  el.textContent = ago(at);
}

setInterval(() => {
  for (const el of document.querySelectorAll("time[data-at]")) {
    const text = ago(Number(el.dataset.at));
    if (el.textContent !== text) el.textContent = text;
  }
}, 5000);
