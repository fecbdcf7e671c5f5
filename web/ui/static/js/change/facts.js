// The facts of a change as the code review of its connection tells them.
import { getOr, projectPath } from "../lib/api.js";

// findChange asks the connections that have a code review of their own for a
// change. connection is, or promises, the name of the one that has it, or null
// where nobody knows; it is waited for only if there is a choice. findChange
// returns null where none has the change.
export async function findChange(number, connection, signal) {
  const local = (await getOr("/api/connections", [], signal)).filter((c) => c.driver === "local");
  if (local.length === 1) {
    const [found, name] = await Promise.all([ask(local[0]), connection]);
    return name && name !== local[0].name ? null : found;
  }
  const name = await connection;
  for (const c of local) {
    const found = !name || c.name === name ? await ask(c) : null;
    if (found) return found;
  }
  return null;

  async function ask(c) {
    const found = await getOr(changeAPI(c.name, number), null, signal);
    return found && normal(found, c.name);
  }
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
