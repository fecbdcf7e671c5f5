// Counts how often the work on an item was thrown away while the page was
// open: its buildset, told by zuul_ref, became another one.

export function resets() {
  const seen = new Map(); // item to {ref, count}
  return function note(status) {
    const now = new Map();
    for (const item of status.pipelines.flatMap((p) => p.change_queues.flatMap((q) => q.heads.flat()))) {
      const before = seen.get(item.id) || { ref: null, count: 0 };
      const again = before.ref && item.zuul_ref && item.zuul_ref !== before.ref;
      const entry = { ref: item.zuul_ref || before.ref, count: before.count + (again ? 1 : 0) };
      now.set(item.id, entry);
      item.resets = entry.count;
    }
    seen.clear();
    for (const [id, entry] of now) seen.set(id, entry);
  };
}
