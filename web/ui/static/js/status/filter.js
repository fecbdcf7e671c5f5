// The filter of the status page: words that must all occur, each anywhere or,
// with a prefix, in one place: project: change: owner: pipeline: queue:

export function parse(text) {
  return text.trim().toLowerCase().split(/\s+/).filter(Boolean).map((word) => {
    const [, field, rest] = /^(project|change|owner|pipeline|queue):(.*)$/.exec(word) || [];
    return field ? { field, word: rest } : { field: null, word };
  });
}

export function matches(terms, item, queue, pipeline) {
  if (!terms.length) return true;
  const places = {
    project: item.refs.map((r) => r.project),
    change: item.refs.map((r) => r.id || ""),
    owner: item.refs.map((r) => r.owner || ""),
    pipeline: [pipeline.name],
    queue: [queue.name],
  };
  const extra = item.refs.map((r) => r.subject || "");
  return terms.every(({ field, word }) => {
    const where = field ? places[field] : Object.values(places).flat().concat(extra);
    return where.some((s) => s.toLowerCase().includes(word));
  });
}
