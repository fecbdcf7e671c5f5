// The facts of a change as the code review of its connection tells them.
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
  return {
    ...c,
    connection,
    patchsets: c.patchsets || [],
    votes: c.votes || [],
    comments: c.comments || [],
    depends_on: c.depends_on || [],
    needed_by: c.needed_by || [],
    missing: c.missing || [],
  };
}
