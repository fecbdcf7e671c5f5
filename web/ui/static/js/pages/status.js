// The status page: what every pipeline does now, live.
import { fill, h, reconcile, setText, show } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { tenantPath, query } from "../lib/api.js";
import { watch } from "../lib/live.js";
import { now } from "../lib/time.js";
import { trouble } from "../lib/parts.js";
import { isAdmin } from "../login.js";
import { matches, parse } from "../status/filter.js";
import { arrange, makePipeline, tickPipelines, updatePipeline } from "../status/pipeline.js";
import { subjects } from "../status/subjects.js";
import { firstChange } from "../status/first.js";
import { recent } from "../status/recent.js";
import { askAct } from "../status/actions.js";

export default async function page(ctx) {
  ctx.title("Status · " + ctx.tenant);
  const view = {
    tenant: ctx.tenant, opened: new Map(), asked: new Set(), admin: false, madeAt: now(),
    compact: localStorageGet("gozer.compact") === "1",
    act: (entry) => askAct(ctx.tenant, entry),
  };
  const input = h("input.filter", {
    type: "search", placeholder: "Filter: project, change, owner, pipeline", "aria-label": "Filter the items",
    value: ctx.query.get("q") || "", title: "Words that must all occur. Also project: change: owner: pipeline: queue:",
  });
  const compact = h("button.button.quiet", { type: "button", "aria-pressed": String(view.compact) }, "Compact");
  const summary = h("p.status-summary", { role: "status" });
  const banner = h("div.banner", { role: "alert", hidden: true });
  const board = h("div.board");
  const idle = h("p.idle");
  const hint = h("div");
  const past = recent(ctx);
  let status = null;
  const noteSubjects = subjects(ctx.signal, () => {
    noteSubjects(status);
    draw();
  });

  fill(ctx.root,
    h("div.status-bar", null, h("h1.sr-only", null, "Status of " + ctx.tenant),
      h("label.filter-box", null, icon("search"), input), compact, h("span.grow"), summary),
    banner, board, hint, idle, past.el);

  function draw() {
    const terms = parse(input.value);
    const shown = status.pipelines.map((p) => arrange(p, (item, queue) => matches(terms, item, queue, p)));
    const busy = shown.filter((s) => s.total > 0 || s.pipeline.state === "error");
    const total = shown.reduce((n, s) => n + s.total, 0);
    reconcile(board, busy, (s) => s.pipeline.name, makePipeline, (el, s) => updatePipeline(el, s, view));
    setText(summary, total === 1 ? "1 item" : total + " items");
    const empty = shown.filter((s) => s.total === 0 && s.pipeline.state !== "error").map((s) => s.pipeline.name);
    show(idle, total > 0 && empty.length > 0 && !terms.length);
    setText(idle, "Nothing in " + empty.join(", ") + ".");
    drawHint(total, terms);
  }

  let hinted = "";
  function drawHint(total, terms) {
    const want = total > 0 ? "" : terms.length ? "filter" : "first";
    if (want === hinted) return;
    hinted = want;
    if (want === "first") firstChange(hint, ctx, status);
    else if (want === "filter") fill(hint, h("div.empty", null, h("h2", null, "No item matches the filter"),
      h("p", null, h("button.button", { onclick: () => setFilter("") }, "Show all items"))));
    else fill(hint);
  }

  function setFilter(text) {
    input.value = text;
    const params = new URLSearchParams(location.search);
    if (text) params.set("q", text);
    else params.delete("q");
    history.replaceState(history.state, "", location.pathname + query(Object.fromEntries(params)));
    if (status) draw();
  }
  input.addEventListener("input", () => setFilter(input.value));
  input.addEventListener("keydown", (event) => event.key === "Escape" && setFilter(""));
  compact.addEventListener("click", () => {
    view.compact = !view.compact;
    view.opened.clear();
    compact.setAttribute("aria-pressed", String(view.compact));
    localStorageSet("gozer.compact", view.compact ? "1" : "");
    if (status) draw();
  });

  isAdmin(ctx.tenant, ctx.signal).then((admin) => {
    view.admin = admin;
    if (admin && status) draw();
  }, () => {});

  let how = "polling";
  watch(ctx.tenant, tenantPath(ctx.tenant, "/status"), ctx.signal,
    (data) => {
      status = data;
      view.madeAt = now();
      noteSubjects(data);
      drawBanner(banner, data);
      draw();
      past.refresh();
    },
    (err) => {
      if (!err) ctx.live(how);
      else if (!status) fill(ctx.root, trouble(err, ctx.reload));
      else ctx.live("lost");
    },
    (state) => ctx.live((how = state)));

  const ticker = setInterval(() => !document.hidden && tickPipelines(board, view), 1000);
  ctx.signal.addEventListener("abort", () => clearInterval(ticker));
}

function drawBanner(el, { state }) {
  const said = state && [
    state.trigger_queue_discarding && "New events are thrown away.",
    state.trigger_queue_paused && "New events wait.",
    state.result_queue_paused && "Results wait, so nothing merges.",
  ].filter(Boolean).join(" ");
  show(el, Boolean(said));
  setText(el, said ? `This tenant is paused. ${said} ${state.reason || ""}` : "");
}

function localStorageGet(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function localStorageSet(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The choice lasts as long as the page then.
  }
}
