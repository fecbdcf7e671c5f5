// The change page: everything about one change.
import { fill, h } from "../lib/dom.js";
import { getOr, getText, query, tenantPath } from "../lib/api.js";
import { isAdmin } from "../login.js";
import { timeAgo, now } from "../lib/time.js";
import { badge, changePath, copyable, empty, facts, prose, section } from "../lib/parts.js";
import { askAct } from "../status/actions.js";
import { changeAPI, findChange } from "../change/facts.js";
import { actions } from "../change/actions.js";
import { isEmpty, story } from "../change/history.js";
import { diffView, parseDiff } from "../change/diff.js";
import { places } from "../change/places.js";
import { historyTables } from "../change/tested.js";

export default async function page(ctx) {
  const id = ctx.params.change;
  const [number, patchset] = id.split(",");
  ctx.title("Change " + id);
  const t = (rest) => tenantPath(ctx.tenant, rest);

  const parts = { head: h("div"), tested: h("div"), story: h("div"), review: h("div"), diff: h("div.last") };
  const view = { tenant: ctx.tenant, opened: new Map(), asked: new Set(), admin: false, compact: false, madeAt: now(), act: (e) => askAct(ctx.tenant, e) };
  let admin = false;
  let redrawHead;
  let shownDiff = "";
  let nothing = false;

  async function load() {
    const tested = getOr(t("/buildsets" + query({ change: number, limit: 50 })), [], ctx.signal);
    const at = tested.then(connectionOf);
    at.catch(() => {}); // nobody may wait for it, or no longer
    const [buildsets, builds, history, change] = await Promise.all([
      tested,
      getOr(t("/builds" + query({ change: number, limit: 200 })), [], ctx.signal),
      getOr(t(`/change/${number}/history`), {}, ctx.signal),
      findChange(Number(number), at, ctx.signal),
    ]);
    nothing = !change && !buildsets.length && isEmpty(history);
    redrawHead = () => drawHead(change, buildsets);
    redrawHead();
    fill(parts.tested, historyTables(ctx.tenant, buildsets, builds));
    fill(parts.story, !isEmpty(history) && section("What happened and why", story(history)));
    if (change) {
      drawReview(change);
      drawDiff(change);
    }
  }

  // connectionOf tells the connection of the project that was tested.
  let connection;
  async function connectionOf(buildsets) {
    const name = buildsets[0]?.refs.find((r) => String(r.change) === number)?.project;
    if (!name || connection) return connection || null;
    const projects = await getOr(t("/projects"), [], ctx.signal);
    connection = projects.find((p) => p.name === name || p.canonical_name === name)?.connection_name || null;
    return connection;
  }

  function drawHead(change, buildsets) {
    const ref = buildsets[0]?.refs.find((r) => String(r.change) === number);
    if (nothing) {
      fill(parts.head, empty(`Change ${number} is not known here`,
        h("p", null, "No pipeline of this tenant has tested it, and no code review of this server has it."),
        h("p", null, h("a.button", { href: `/t/${encodeURIComponent(ctx.tenant)}/status` }, "To the status"))));
      return;
    }
    ctx.title(`${number} ${change?.subject || ref?.project || ""}`);
    fill(parts.head,
      h("p.eyebrow", null, `${change?.project || ref?.project || "Change"}`, (change?.branch || ref?.branch) && ` · ${change?.branch || ref?.branch}`),
      h("div.title-row", null, h("h1", null, change?.subject || `Change ${number}`), change && badge(change.status)),
      facts([
        ["Change", `${number},${patchset || change?.patchset || ref?.patchset || ""}`],
        ["Owner", change?.owner],
        ["Pushed", change?.updated && timeAgo(change.updated)],
        ["Votes", change?.votes.length > 0 && votes(change.votes)],
        ["Depends on", needs(change?.depends_on)],
        ["Needed by", needs(change?.needed_by)],
        ["Missing", change?.status === "open" && change.missing.length > 0 && change.missing.join(", ")],
        ["At", !change && ref?.ref_url && h("a", { href: ref.ref_url, rel: "noreferrer" }, ref.ref_url)],
      ]),
      actions(ctx, change, admin, () => load().catch(() => {})));
  }

  function needs(list) {
    return list?.length > 0 && h("span", null, list.map((n) => [h("a", { href: changePath(ctx.tenant, n) }, String(n)), " "]));
  }

  function drawReview(change) {
    const body = (change.message || "").trim();
    const fetch = fetchCommand(change);
    fill(parts.review,
      body.includes("\n") && section("Message", h("pre.message", null, body)),
      change.comments.length > 0 && section("Comments", h("ol.comments", null, change.comments.map(comment))),
      fetch && section("Fetch it", copyable(fetch)));
  }

  function fetchCommand(change) {
    const p = change.patchsets.at(-1);
    return p?.ref ? `git fetch ${location.origin}/git/${change.project} ${p.ref} && git checkout FETCH_HEAD` : "";
  }

  async function drawDiff(change) {
    const key = `${change.number},${patchset || change.patchset}`;
    if (key === shownDiff) return;
    shownDiff = key;
    const text = await getText(changeAPI(change.connection, number, "/diff" + query({ patchset })), ctx.signal).catch(() => null);
    if (!text || ctx.signal.aborted) return;
    const files = parseDiff(text);
    const lines = files.reduce((n, f) => n + f.added + f.removed, 0);
    fill(parts.diff, section(`Difference: ${count(files.length, "file")}, ${count(lines, "line")}`, diffView(files)));
  }

  const mayAdmin = isAdmin(ctx.tenant, ctx.signal).catch(() => false).then((may) => (admin = view.admin = may));
  await Promise.all([load(), mayAdmin]);
  if (admin) redrawHead();
  let first = true;
  fill(ctx.root, parts.head);
  if (nothing) return;
  fill(ctx.root, parts.head,
    section("Now", places(ctx, number, view, () => {
      if (!first) load().catch(() => {});
      first = false;
    })),
    h("div.columns", null,
      h("div.column", null, parts.tested, parts.diff),
      h("div.column", null, parts.story, parts.review)));
}

function count(n, what) {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function votes(list) {
  return h("span.votes", null, list.map((v) => h("span.vote", {
    class: v.value > 0 ? "good" : v.value < 0 ? "bad" : "calm",
    title: v.user,
  }, `${v.label} ${v.value > 0 ? "+" + v.value : String(v.value).replace("-", "−")}`, v.user && h("span.vote-by", null, v.user))));
}

function comment(c) {
  return h("li.comment", null,
    h("div.comment-head", null, h("strong", null, c.author), c.patchset ? h("span.muted", null, "patchset " + c.patchset) : null, c.votes?.length > 0 && votes(c.votes.map((v) => ({ ...v, user: "" }))), timeAgo(c.created)),
    h("div.comment-text", null, prose(c.message || "")));
}
