// Live state: server-sent events say that something changed, watchers then ask
// for what they show. Where events don't come through, we poll.
import { authHeaders, getIfChanged, tenantPath } from "./api.js";

const pollEvery = 5000;
const retryFirst = 1000;
const retryMost = 15000;

// events calls changed(seq) for every message of the tenant's stream until
// signal ends, and state("live" | "polling") when the way changes. The stream
// is read with fetch because EventSource can't send a token. It rests while
// the page is hidden: a browser has few connections for each server.
export async function events(tenant, signal, changed, state) {
  let wait = retryFirst;
  while (!signal.aborted) {
    if (document.hidden) await visible(signal);
    const stop = new AbortController();
    const onHide = () => document.hidden && stop.abort();
    const onEnd = () => stop.abort();
    document.addEventListener("visibilitychange", onHide);
    signal.addEventListener("abort", onEnd);
    try {
      await read(tenant, stop.signal, (seq) => {
        wait = retryFirst;
        state("live");
        changed(seq);
      });
    } catch {
      // Whatever ended the stream, the next turn tries again.
    }
    document.removeEventListener("visibilitychange", onHide);
    signal.removeEventListener("abort", onEnd);
    if (signal.aborted) return;
    if (!document.hidden) state("polling");
    await pause(wait, signal);
    changed(null);
    wait = Math.min(wait * 2, retryMost);
  }
}

async function read(tenant, signal, message) {
  const response = await fetch(tenantPath(tenant, "/events"), {
    signal,
    headers: { Accept: "text/event-stream", ...authHeaders() },
    cache: "no-store",
  });
  const type = response.headers.get("Content-Type") || "";
  if (!response.ok || !type.startsWith("text/event-stream")) throw new Error("no event stream");
  message(null);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) deliver(block, message);
  }
}

function deliver(block, message) {
  const data = block
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).trim())
    .join("\n");
  if (!data) return;
  try {
    message(JSON.parse(data).seq ?? null);
  } catch {
    message(null);
  }
}

// watch keeps the document at path fresh and calls got(data) when it changed.
// Questions are never asked in parallel nor faster than the page can draw: a
// burst of events becomes one question.
export function watch(tenant, path, signal, got, failed, state) {
  let tag = null;
  let busy = false;
  let again = false;
  let timer = 0;
  let heard = 0; // the newest commit that an event told of
  async function refresh(seq) {
    if (signal.aborted) return;
    if (seq > heard) heard = seq;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    clearTimeout(timer);
    const began = performance.now();
    try {
      const answer = await getIfChanged(path, tag, heard, signal);
      if (answer) {
        tag = answer.tag;
        got(answer.data);
      }
      failed(null);
    } catch (err) {
      if (!signal.aborted) failed(err);
    }
    await pause(Math.max(100, 2 * (performance.now() - began)), signal);
    busy = false;
    if (signal.aborted) return;
    if (again) {
      again = false;
      refresh();
    } else {
      timer = setTimeout(() => !document.hidden && refresh(), pollEvery);
    }
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  refresh();
  events(tenant, signal, refresh, state || (() => {}));
  return refresh;
}

function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

function visible(signal) {
  return new Promise((resolve) => {
    if (!document.hidden) return resolve();
    const check = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", check);
      resolve();
    };
    document.addEventListener("visibilitychange", check);
    signal.addEventListener("abort", resolve, { once: true });
  });
}
