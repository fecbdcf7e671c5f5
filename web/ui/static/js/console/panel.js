// The console with its tools: search, follow, jump to an error, line links.
import { fill, h, setAttr, setText, show } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { Lines, find } from "./lines.js";
import { View } from "./view.js";
import { strip } from "./ansi.js";

export function makePanel(ctx) {
  const lines = new Lines();
  const view = new View(lines, mark);
  const input = h("input", { type: "search", placeholder: "Search", "aria-label": "Search the console" });
  const found = h("span.console-found", { role: "status" });
  const follow = tool("down", "Follow", () => view.setFollow(!view.follow));
  const error = tool("warn", "First error", () => jump(lines.errors));
  const previous = tool("up", "", () => step(-1), "Previous match");
  const next = tool("down", "", () => step(1), "Next match");
  const state = h("span.console-state", { role: "status" });
  const raw = h("a.button.quiet.small", { hidden: true, target: "_blank", rel: "noopener" }, icon("out"), "Raw");
  const el = h("section.console-panel", { "aria-label": "Console" },
    h("div.console-tools", null,
      h("label.filter-box.small", null, icon("search"), input), found, previous, next,
      h("span.grow"), state, error, follow, raw),
    view.el);
  let hits = [];
  let at = -1;
  let search = null;
  error.hidden = previous.hidden = next.hidden = true;

  view.onFollow = (on) => setAttr(follow, "aria-pressed", String(on));
  view.onFollow(false);

  function add(text) {
    lines.add(text);
    redraw();
  }

  function redraw() {
    error.hidden = lines.errors.length === 0;
    view.changed();
    goToHash();
  }

  // The address may name lines that are not there yet.
  let wanted = /^#L(\d+)(?:-L?(\d+))?$/.exec(location.hash);
  function goToHash() {
    if (!wanted) return;
    const from = Number(wanted[1]) - 1;
    const to = wanted[2] ? Number(wanted[2]) - 1 : from;
    if (lines.count <= from) return;
    wanted = null;
    view.range = [from, to];
    view.go(from);
  }

  function mark(line, extend) {
    const from = extend && view.range ? Math.min(view.range[0], line) : line;
    const to = extend && view.range ? Math.max(view.range[1], line) : line;
    view.range = [from, to];
    view.setFollow(false);
    history.replaceState(history.state, "", location.pathname + location.search + (from === to ? `#L${from + 1}` : `#L${from + 1}-L${to + 1}`));
    view.draw();
  }

  async function startSearch() {
    search?.abort();
    const own = (search = new AbortController());
    const words = input.value;
    view.words = words.toLowerCase();
    hits = [];
    at = -1;
    view.current = -1;
    view.hits = new Set();
    previous.hidden = next.hidden = !words;
    if (!words) setText(found, "");
    else {
      await find(lines, words, own.signal, (list, done) => {
        hits = list;
        view.hits = new Set(list);
        if (at < 0 && list.length) step(1);
        setText(found, list.length ? `${at + 1} of ${list.length}${done ? "" : "…"}` : done ? "none" : "…");
        view.changed();
      });
    }
    view.changed();
  }

  function step(by) {
    if (!hits.length) return;
    at = (at + by + hits.length) % hits.length;
    view.current = hits[at];
    view.go(hits[at]);
    setText(found, `${at + 1} of ${hits.length}`);
  }

  function jump(list) {
    if (!list.length) return;
    view.range = [list[0], list[0]];
    view.go(list[0]);
  }

  input.addEventListener("input", startSearch);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") {
      input.value = "";
      startSearch();
      view.el.focus();
    }
  });
  view.el.addEventListener("keydown", (event) => {
    const act = { f: () => view.setFollow(!view.follow), e: () => jump(lines.errors), n: () => step(1), N: () => step(-1), G: () => view.setFollow(true) }[event.key];
    if (act && !event.ctrlKey && !event.metaKey) act();
  });
  ctx.signal.addEventListener("abort", () => search?.abort());

  return {
    el, lines, add,
    end() {
      lines.end();
      view.setFollow(false);
      view.ended = follow.hidden = true;
      redraw();
      if (input.value) startSearch();
    },
    follow: () => view.setFollow(!location.hash),
    // wait says in place of the lines why there are none yet; null ends that.
    wait(text) {
      setText(view.note, text);
      show(view.note, Boolean(text));
      show(follow, !text);
    },
    say: (text, live) => {
      fill(state, live && h("span.live-dot"), text);
      setAttr(state, "data-live", live ? "" : null);
    },
    raw(url) {
      raw.hidden = !url;
      if (url) raw.href = url;
    },
    firstError: () => (lines.errors.length ? { line: lines.errors[0], text: strip(lines.line(lines.errors[0])) } : null),
    jumpToError: () => jump(lines.errors),
  };
}

function tool(name, text, onclick, label) {
  return h("button.button.quiet.small", { type: "button", onclick, "aria-label": label || text, title: label || text }, icon(name), text && h("span.tool-text", null, text));
}
