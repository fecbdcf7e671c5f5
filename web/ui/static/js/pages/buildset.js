// One buildset: its result, its builds, and when each of them ran.
import { fill, h } from "../lib/dom.js";
import { get, tenantPath } from "../lib/api.js";
import { events } from "../lib/live.js";
import { duration, millis, timeAgo } from "../lib/time.js";
import { ahead, explanation, happened, sentences, whyPath } from "../lib/why.js";
import { buildBadge, buildPath, facts, prose, refLink, resultKind, section, setBadge, spent, startedOver, table } from "../lib/parts.js";

const atMostEvery = 1000;

export default async function page(ctx) {
  const path = tenantPath(ctx.tenant, "/buildset/" + ctx.params.uuid);
  let set = await get(path, ctx.signal);
  const why = h("div");
  draw(ctx, set, why);
  drawWhy(ctx, why);
  if (set.result) return;
  const stop = new AbortController();
  ctx.signal.addEventListener("abort", () => stop.abort());
  let timer = 0;
  async function refresh() {
    set = await get(path, stop.signal).catch(() => set);
    timer = 0;
    if (stop.signal.aborted) return;
    draw(ctx, set, why);
    drawWhy(ctx, why);
    if (set.result) stop.abort();
  }
  events(ctx.tenant, stop.signal, () => (timer ||= setTimeout(refresh, atMostEvery)), ctx.live);
}

// drawWhy fills the section of the explanation; without one it stays empty.
function drawWhy(ctx, el) {
  const { uuid } = ctx.params;
  explanation(ctx.tenant, uuid, "", ctx.signal).then((doc) => fill(el, section("Why",
    sentences(doc.current), doc.items.map((item) => [sentences(item.current), ahead(ctx.tenant, item)]),
    h("details.why-more", { open: el.querySelector("details")?.open }, h("summary", null, "What happened"), happened(doc)),
    h("p.muted", null, h("a", { href: whyPath(ctx.tenant, uuid) }, "As of another time")))), () => {});
}

function draw(ctx, set, why) {
  const { tenant } = ctx;
  const builds = set.builds || [];
  ctx.title(`Buildset ${set.pipeline} ${set.result || "running"}`);
  fill(ctx.root,
    h("p.eyebrow", null, [...new Set(set.refs.map((r) => r.project))].join(", ")),
    h("div.title-row", null, h("h1", null, `${set.pipeline} `, h("span.light", null, "buildset")), setBadge(set)),
    facts([
      [set.refs.length > 1 ? "Changes" : "Change", set.refs.map((r) => [refLink(tenant, r), " "])],
      ["Branch", set.refs[0]?.branch],
      ["Triggered", set.event_timestamp && timeAgo(set.event_timestamp)],
      [set.result ? "Took" : "Running for", spent(set.first_build_start_time, set.result && set.last_build_end_time)],
      ["Buildset", h("code", null, set.uuid)],
    ]),
    set.message && h("p.callout", { class: set.result === "SUCCESS" || startedOver(set) ? "calm" : "bad" }, prose(set.message),
      startedOver(set) && h("span", null, ". The change stayed in the pipeline and was tested again in another buildset.")),
    builds.some((b) => b.start_time) && section("When they ran", timeline(tenant, set, builds)),
    why,
    section("Builds", builds.length ? buildTable(tenant, builds) : h("p.muted", null, "It has no builds.")),
    set.events?.length > 0 && section("Events", h("ol.events", null, set.events.map((e) =>
      h("li", null, timeAgo(e.event_time), " ", e.description || e.event_type)))));
}

function buildTable(tenant, builds) {
  return table("Builds", [
    { label: "Result", cell: buildBadge, class: "col-result" },
    { label: "Job", cell: (b) => [h("a.strong", { href: buildPath(tenant, b.uuid) }, b.job_name), b.voting === false && h("span.muted", null, " non-voting"), b.final === false && h("span.muted", null, " tried again")], class: "col-main" },
    { label: "Nodes", cell: (b) => b.nodeset || "–", class: "col-minor" },
    { label: "Took", cell: (b) => spent(b.start_time, b.end_time, b.duration), class: "col-number" },
    { label: "Started", cell: (b) => timeAgo(b.start_time), class: "col-time" },
    { label: "Detail", cell: (b) => b.error_detail || "", class: "col-minor" },
  ], builds, (b) => buildPath(tenant, b.uuid));
}

// timeline draws a bar for each build between the first start and the last end.
function timeline(tenant, set, builds) {
  const started = builds.filter((b) => millis(b.start_time) !== null);
  const from = Math.min(...started.map((b) => millis(b.start_time)));
  const to = Math.max(from + 1000, ...started.map((b) => millis(b.end_time) ?? Date.now()));
  const share = (at) => (100 * (at - from)) / (to - from);
  const rows = started.toSorted((a, b) => millis(a.start_time) - millis(b.start_time)).map((b) => {
    const begin = millis(b.start_time);
    const end = millis(b.end_time) ?? to;
    const bar = h("span.gantt-bar", { "data-kind": resultKind(b.result || "running") });
    bar.style.left = share(begin) + "%";
    bar.style.width = `max(3px, ${share(end) - share(begin)}%)`;
    return h("li.gantt-row", null,
      h("a.gantt-name", { href: buildPath(tenant, b.uuid) }, b.job_name),
      h("span.gantt-track", null, bar),
      h("span.gantt-time", null, spent(b.start_time, b.end_time, b.duration)));
  });
  return h("div.gantt", null, h("ol", null, rows), h("p.gantt-scale", null, h("span", null, "0"), h("span", null, duration((to - from) / 1000))));
}
