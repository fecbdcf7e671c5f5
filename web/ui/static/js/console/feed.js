// Where a console comes from: the websocket while the build runs, the archived
// file afterwards. Both deliver text to add(text).
import { authHeaders, tenantPath } from "../lib/api.js";
import { token } from "../lib/session.js";

const final = new Set([1000, 4000, 4011]);
const notStarted = "Build did not start yet"; // the reason beside 4011

// stream follows a running build until signal ends. The server sends the
// whole text again after a broken connection: skip() tells how much is known
// already. It resolves to {code, reason} of the last close.
export async function stream(tenant, uuid, signal, add, known) {
  for (let wait = 500; ; wait = Math.min(wait * 2, 10000)) {
    const end = await once(tenant, uuid, signal, add, known());
    const early = end.code === 4011 && end.reason === notStarted;
    if (signal.aborted || (final.has(end.code) && !early)) return end;
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (signal.aborted) return end;
  }
}

function once(tenant, uuid, signal, add, skip) {
  return new Promise((resolve) => {
    const url = new URL(tenantPath(tenant, "/console-stream"), location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    const hang = () => socket.close();
    signal.addEventListener("abort", hang);
    socket.onopen = () => socket.send(JSON.stringify({ uuid, logfile: "console.log", ...(token() && { token: token() }) }));
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") return;
      if (skip >= data.length) {
        skip -= data.length;
        return;
      }
      add(skip ? data.slice(skip) : data);
      skip = 0;
    };
    socket.onclose = ({ code, reason }) => {
      signal.removeEventListener("abort", hang);
      resolve({ code, reason });
    };
  });
}

// archived reads a finished file. It resolves to false where there is none.
export async function archived(url, signal, add) {
  const response = await fetch(url, { signal, headers: authHeaders() });
  if (!response.ok || (response.headers.get("Content-Type") || "").startsWith("text/html")) return false;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return true;
    add(value);
  }
}

// logBase is the address of a build's files on this server, or null where
// they are elsewhere: the page asks no other server for anything.
export function logBase(build) {
  if (!build.log_url) return null;
  const url = new URL(build.log_url, location.href);
  if (url.origin !== location.origin && !url.pathname.endsWith(`/logs/${build.uuid}/`)) return null;
  return url.pathname.replace(/\/?$/, "/");
}
