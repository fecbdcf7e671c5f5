// The facts of a change as its code review tells them, in one form whatever
// the server leaves out.
import { getOr, projectPath } from "../lib/api.js";

// findChange asks the connections that have a code review of their own for a
// change. connection names the one to ask; null asks all. It returns null
// where none has it.
export async function findChange(number, connection, signal) {
  const all = await getOr("/api/connections", [], signal);
  const ask = all.filter((c) => c.driver === "local" && (!connection || c.name === connection));
  for (const c of ask) {
    const found = await getOr(changeAPI(c.name, number), null, signal);
    if (found) return normal(found, c.name);
  }
  return null;
}

export function changeAPI(connection, number, rest = "") {
  return `/api/connection/${projectPath(connection)}/changes/${number}${rest}`;
}

function normal(c, connection) {
  const patchsets = (c.patchsets || []).map((p) => ({ ...p, created: p.created || p.time }));
  return {
    ...c,
    connection,
    status: c.status === "new" ? "open" : c.status,
    patchsets,
    patchset: c.patchset || patchsets.at(-1)?.number,
    votes: (c.votes || []).map((v) => ({ ...v, user: v.user || v.username })),
    comments: (c.comments || []).map((m) => ({ ...m, author: m.author || m.username, created: m.created || m.time })),
    depends_on: needs(c.depends_on),
    needed_by: needs(c.needed_by),
    missing: c.missing || [],
  };
}

// needs accepts numbers and objects.
function needs(list) {
  return (list || []).map((n) => (typeof n === "object" ? n : { number: n }));
}
