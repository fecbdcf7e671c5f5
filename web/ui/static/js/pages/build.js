// The build page: what the build was, and what it printed.
import { fill, h, setText } from "../lib/dom.js";
import { get, tenantPath } from "../lib/api.js";
import { events } from "../lib/live.js";
import { duration, millis, now, timeAgo } from "../lib/time.js";
import { buildBadge, buildState, buildsetPath, facts, refLink, section, words } from "../lib/parts.js";
import { whyPath } from "../lib/why.js";
import { archived, logBase, stream } from "../console/feed.js";
import { stamp } from "../console/lines.js";
import { makePanel } from "../console/panel.js";
import { files } from "../console/files.js";

export default async function page(ctx) {
  const { uuid } = ctx.params;
  const path = tenantPath(ctx.tenant, "/build/" + uuid);
  let build = await waitFor(path, ctx);
  const head = h("div");
  const left = h("div");
  const error = h("div");
  const panel = makePanel(ctx);
  let archive = false; // the files were asked for

  const running = h("span");
  const tick = () => setText(running, clock(build));

  function draw() {
    tick();
    ctx.title(`${build.job_name} ${words(buildState(build)).toLowerCase()}`);
    fill(head,
      h("p.eyebrow", null, h("span", null, build.ref.project), build.ref.branch && ` · ${build.ref.branch}`),
      h("div.title-row", null, h("h1", null, build.job_name), buildBadge(build), build.voting === false && h("span.badge.calm", null, "Non-voting")),
      facts([
        ["Change", refLink(ctx.tenant, build.ref)],
        ["Pipeline", build.pipeline],
        ["Buildset", build.buildset && h("a", { href: buildsetPath(ctx.tenant, build.buildset.uuid) }, build.buildset.uuid.slice(0, 8))],
        ["Why", h("a", { href: whyPath(ctx.tenant, build.uuid) }, build.result ? "What happened" : "What it waits for")],
        ["Started", build.start_time && timeAgo(build.start_time)],
        [build.result ? "Took" : "Running for", build.start_time && running],
        ["Nodes", build.nodeset],
        ["Held", build.held ? "its nodes are kept" : null],
        ["Artifacts", build.artifacts?.length > 0 && h("span", null, build.artifacts.map((a) => [h("a", { href: a.url, rel: "noreferrer" }, a.name), " "]))],
      ]),
      build.error_detail && h("p.callout.bad", null, build.error_detail));
  }

  // ended asks for the result until there is one, then for the files.
  async function ended() {
    draw();
    if (archive) return;
    archive = true;
    ctx.signal.aborted || showError();
    const base = logBase(build);
    if (!base) {
      if (build.log_url) fill(left, section("Files", h("p", null, h("a", { href: build.log_url, rel: "noreferrer" }, build.log_url))));
      if (!panel.lines.count) panel.say(build.log_url ? "The log is kept elsewhere" : "No log was kept");
      return;
    }
    panel.raw(base + "job-output.txt");
    if (panel.lines.count === 0) await readArchive(base);
    const list = await files(base, ctx.signal);
    if (list) fill(left, section("Files", list));
  }

  async function readArchive(base) {
    panel.say("Loading");
    const found = await archived(base + "job-output.txt", ctx.signal, panel.add).catch(() => false);
    panel.end();
    panel.say(found ? count(panel.lines.count) : "No log was kept");
    showError();
  }

  // showError puts the first line that looks like an error above the console
  // of a build that did not succeed.
  function showError() {
    const first = build.result && build.result !== "SUCCESS" && panel.firstError();
    fill(error, first && h("button.callout.bad.first-error", { type: "button", onclick: panel.jumpToError },
      h("span.first-error-line", null, "line " + (first.line + 1)), h("code", null, first.text.replace(stamp, "").trim().slice(0, 300))));
  }

  fill(ctx.root, head, error, panel.el, left);
  draw();
  if (build.result) {
    await ended();
    return;
  }
  const ticker = setInterval(tick, 1000);
  ctx.signal.addEventListener("abort", () => clearInterval(ticker));
  const done = () => {
    clearInterval(ticker);
    return ended();
  };
  const begun = new Promise((resolve) => {
    watchResult(ctx, path, (b) => {
      const news = b.start_time !== build.start_time;
      build = b;
      if (build.result) done();
      else if (news) draw();
      if (build.result || build.start_time) resolve();
    });
    if (build.start_time) resolve();
    ctx.signal.addEventListener("abort", resolve);
  });
  if (!build.start_time) panel.wait("The job waits for an executor. Its output appears here as soon as it starts.");
  await begun;
  panel.wait("");
  if (build.result || ctx.signal.aborted) return;
  panel.say("Live", true);
  panel.follow();
  const end = await stream(ctx.tenant, uuid, ctx.signal, panel.add, () => panel.lines.received);
  if (ctx.signal.aborted) return;
  panel.end();
  panel.say(end.code === 1000 ? count(panel.lines.count) : end.reason || "The stream ended");
  showError();
  if (build.result && panel.lines.count === 0 && logBase(build)) await readArchive(logBase(build));
}

function count(n) {
  return n === 1 ? "1 line" : n.toLocaleString() + " lines";
}

function clock(build) {
  if (build.duration !== null && build.duration !== undefined) return duration(build.duration);
  const start = millis(build.start_time);
  return start === null ? "" : duration(Math.floor((now() - start) / 1000));
}

// waitFor returns the build. A build that was just requested may not be in
// the history yet, so a missing one is asked for again a few times.
async function waitFor(path, ctx) {
  for (let i = 0; ; i++) {
    try {
      return await get(path, ctx.signal);
    } catch (err) {
      if (err.status !== 404 || i === 3) throw err;
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  }
}

// watchResult asks for the build after each event until it has a result.
function watchResult(ctx, path, got) {
  const stop = new AbortController();
  ctx.signal.addEventListener("abort", () => stop.abort());
  let busy = false;
  let again = false;
  async function ask() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    again = false;
    const build = await get(path, stop.signal).catch(() => null);
    busy = false;
    if (stop.signal.aborted) return;
    if (build) got(build);
    if (build?.result) stop.abort();
    else if (again) setTimeout(ask, 250);
  }
  events(ctx.tenant, stop.signal, ask, ctx.live);
}
