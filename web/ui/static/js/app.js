// The frame around the pages and the way from one to the next.
import { h, fill } from "./lib/dom.js";
import { match } from "./routes.js";
import { empty, skeleton, trouble } from "./lib/parts.js";
import { makeHeader } from "./header.js";

const header = makeHeader();
const main = h("main", { id: "main", tabindex: "-1" });
let leave = null; // ends the current page

// Leaving a page aborts what it asked for, which is no mistake of anybody's.
addEventListener("unhandledrejection", (e) => {
  if (e.reason?.name === "AbortError") e.preventDefault();
});

document.body.append(
  h("a.skip", { href: "#main", onclick: (e) => { e.preventDefault(); main.focus(); } }, "Skip to the content"),
  header.el, main);

async function open(focus) {
  leave?.abort();
  const own = (leave = new AbortController());
  const found = match(location.pathname);
  const tenant = found?.params.tenant || null;
  header.at(tenant, found?.route.nav);
  title("");
  const root = h("div.page");
  fill(root, skeleton());
  main.replaceChildren(root);
  if (focus) main.focus({ preventScroll: true });
  if (!found) {
    fill(root, empty("There is no such page", h("p", null, h("a.button", { href: "/" }, "To the start"))));
    return;
  }
  const ctx = {
    root, tenant, params: found.params, signal: own.signal, title,
    query: new URLSearchParams(location.search),
    live: header.live,
    go,
    reload: () => open(false),
  };
  try {
    const module = await load(found.route);
    if (!own.signal.aborted) await module.default(ctx);
  } catch (err) {
    if (own.signal.aborted || err.name === "AbortError") return;
    fill(root, trouble(err, ctx.reload));
    if (err.status === undefined) console.error(err);
  }
}

// load imports a page's module. After an upgrade of the server the modules of
// the old version are gone; the page has to be loaded anew then.
async function load(route) {
  try {
    return await route.load();
  } catch (err) {
    if (!(err instanceof TypeError)) throw err;
    const gone = new Error("This page is older than the server. Reload it to get the present version.");
    gone.status = 0;
    throw gone;
  }
}

function title(text) {
  document.title = text ? text + " · Gozer" : "Gozer";
}

function go(href, replace) {
  if (replace) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  open(true);
  if (!location.hash) scrollTo(0, 0);
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || !match(url.pathname)) return;
  if (url.pathname === location.pathname && url.search === location.search && url.hash) return;
  event.preventDefault();
  go(url.pathname + url.search + url.hash);
});

let path = location.pathname + location.search;
addEventListener("popstate", () => {
  const now = location.pathname + location.search;
  if (now === path && location.hash) return;
  path = now;
  open(true);
});
addEventListener("gozer:session", () => open(false));

// Keys: / goes to the filter of the page, g and a letter to another page.
const jumps = { s: "status", b: "builds", u: "buildsets", p: "projects", j: "jobs", e: "config-errors" };
let lastKey = "";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const tenant = match(location.pathname)?.params.tenant;
  if (event.key === "/") {
    const input = main.querySelector("input[type=search]");
    if (input) {
      event.preventDefault();
      input.focus();
    }
  } else if (lastKey === "g" && tenant && jumps[event.key]) {
    go(`/t/${encodeURIComponent(tenant)}/${jumps[event.key]}`);
  }
  lastKey = event.key;
});

open(false);
