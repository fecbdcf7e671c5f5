// The token of the viewer. It lives as long as the browser's tab and is never
// written to disk by us.

const key = "gozer.token";
let memory = ""; // where storage is forbidden

export function token() {
  try {
    return sessionStorage.getItem(key) || memory;
  } catch {
    return memory;
  }
}

export function setToken(value) {
  memory = value;
  try {
    if (value) sessionStorage.setItem(key, value);
    else sessionStorage.removeItem(key);
  } catch {
    // Kept in memory only.
  }
  dispatchEvent(new Event("gozer:session"));
}

// claims reads a JWT without checking it: only to greet the user and to notice
// an expired one. The server decides what it allows.
export function claims(text = token()) {
  try {
    const part = text.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(part), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

export function userName() {
  const c = claims();
  return c ? c.preferred_username || c.name || c.sub || "" : "";
}

export function signedIn() {
  return token() !== "";
}
