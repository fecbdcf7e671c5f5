// The subjects of changes, which the status document does not have. They come
// from the code reviews of this server, in one question for all that are new.
import { getOr, query } from "../lib/api.js";
import { projectPath } from "../lib/api.js";
import { isChangeID } from "../lib/parts.js";

const most = 500; // changes asked for at once
const wait = 300; // milliseconds, so that a burst of changes is one question

// subjects returns note(status): it fills refs[].subject of a status with what
// is known and calls found() when more is.
export function subjects(signal, found) {
  const known = new Map(); // "host/project number" to subject
  let reviews = null;
  let timer = 0;
  signal.addEventListener("abort", () => clearTimeout(timer));

  async function ask(missing) {
    try {
      reviews ??= (await getOr("/api/connections", [], signal)).filter((c) => c.driver === "local");
      for (const review of reviews) {
        const list = await getOr(`/api/connection/${projectPath(review.name)}/changes${query({ limit: most })}`, [], signal);
        for (const c of list) known.set(`${review.canonical_hostname || review.name}/${c.project} ${c.number}`, c.subject);
      }
    } catch {
      return; // the page is complete without subjects
    }
    for (const key of missing) if (!known.has(key)) known.set(key, "");
    if (!signal.aborted) found();
  }

  return function note(status) {
    const missing = new Set();
    for (const item of status.pipelines.flatMap((p) => p.change_queues.flatMap((q) => q.heads.flat()))) {
      for (const ref of item.refs) {
        if (!isChangeID(ref.id)) continue;
        const key = `${ref.project_canonical} ${ref.id.split(",")[0]}`;
        if (known.has(key)) ref.subject = known.get(key);
        else missing.add(key);
      }
    }
    if (!missing.size || reviews?.length === 0) return;
    clearTimeout(timer);
    timer = setTimeout(ask, wait, missing);
  };
}
