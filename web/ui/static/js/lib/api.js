// Requests to the public API: the interface has no other source of facts.
import { noteServerTime } from "./time.js";
import { token } from "./session.js";

// ApiError carries the status and a sentence for people.
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function tenantPath(tenant, rest) {
  return `/api/tenant/${encodeURIComponent(tenant)}${rest}`;
}

// projectPath keeps the slashes of a project's name, as the API wants it.
export function projectPath(name) {
  return name.split("/").map(encodeURIComponent).join("/");
}

// query writes a query string and leaves out what is empty.
export function query(params) {
  const q = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    for (const v of Array.isArray(value) ? value : [value]) {
      if (v !== null && v !== undefined && v !== "") q.append(key, v);
    }
  }
  const text = q.toString();
  return text ? "?" + text : "";
}

export function authHeaders() {
  const t = token();
  return t ? { Authorization: "Bearer " + t } : {};
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...authHeaders(), ...options.headers } });
  } catch (err) {
    if (err.name === "AbortError") throw err;
    throw new ApiError(0, "The server can't be reached. The page tries again by itself.");
  }
  noteServerTime(response.headers.get("Date"));
  return response;
}

// get returns the JSON at path.
export async function get(path, signal) {
  const response = await request(path, { signal, headers: { Accept: "application/json" } });
  if (!response.ok) throw await failure(response);
  return response.json();
}

// getOr returns the fallback where the server has no answer (404): for parts
// of a page that a server may not offer.
export async function getOr(path, fallback, signal) {
  try {
    return await get(path, signal);
  } catch (err) {
    if (err.status === 404 || err.status === 403 || err.status === 401 || err instanceof SyntaxError) return fallback;
    throw err;
  }
}

// getText returns the text at path, or null where there is none.
export async function getText(path, signal) {
  const response = await request(path, { signal, headers: {} });
  if (response.status === 404) return null;
  if (!response.ok) throw await failure(response);
  if ((response.headers.get("Content-Type") || "").startsWith("text/html")) return null;
  return response.text();
}

// getIfChanged returns null when the document still has the tag. seq is the
// commit that the answer has to hold; 0 is any.
export async function getIfChanged(path, tag, seq, signal) {
  const headers = { Accept: "application/json" };
  if (seq) headers["Gozer-Min-Seq"] = String(seq);
  if (tag) headers["If-None-Match"] = tag;
  const response = await request(path, { signal, headers, cache: tag ? "default" : "no-cache" });
  if (response.status === 304) return null;
  if (!response.ok) throw await failure(response);
  return { data: await response.json(), tag: response.headers.get("ETag") };
}

export async function post(path, body) {
  const response = await request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body || {}),
  });
  if (!response.ok) throw await failure(response);
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const words = {
  400: "The server did not understand the request.",
  401: "The server wants a valid token. Sign in again.",
  403: "Your token does not allow this.",
  404: "There is no such thing here.",
  409: "That is not possible in the present state.",
  422: "The tenant is not ready yet. It is still loading its configuration.",
  429: "Too many requests. Wait a moment.",
  503: "The server is starting or overloaded.",
};

async function failure(response) {
  let message = words[response.status] || `The server answered ${response.status}.`;
  try {
    const body = JSON.parse(await response.text());
    const said = body.detail || body.description || body.message;
    if (said) message = [said, body.hint].filter(Boolean).join(" ");
  } catch {
    // Not JSON: our own words are better than a page of HTML.
  }
  return new ApiError(response.status, message);
}
