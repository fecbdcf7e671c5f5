// Signing in with a token, and what it allows.
import { ask, say } from "./lib/dialog.js";
import { getOr, tenantPath } from "./lib/api.js";
import { claims, setToken, signedIn, userName } from "./lib/session.js";

export async function signIn() {
  const done = await ask({
    title: "Sign in",
    intro: "Paste your token. It stays in this tab only and is gone when the tab is closed.",
    fields: [{ name: "token", label: "Token", type: "textarea", required: true,
      hint: "Whoever runs this server issues tokens; the demo prints one." }],
    action: "Sign in",
    submit(values) {
      const text = values.token.replace(/^bearer\s+/i, "").replace(/\s+/g, "");
      const c = claims(text);
      if (!c) throw new Error("This is not a token. It has three parts with dots between them.");
      if (c.exp && c.exp * 1000 < Date.now()) throw new Error("This token has expired. Ask for a new one.");
      setToken(text);
    },
  });
  if (done) say("Signed in as " + (userName() || "a user without a name"));
  return Boolean(done);
}

export function signOut() {
  setToken("");
  say("Signed out");
}

// isAdmin asks the server whether the viewer administers the tenant.
export async function isAdmin(tenant, signal) {
  if (!signedIn()) return false;
  const answer = await getOr(tenantPath(tenant, "/authorizations"), null, signal);
  return answer?.zuul?.admin === true;
}
