// The head of every page: where one is, where one can go, who one is.
import { h, fill, setText, setAttr } from "./lib/dom.js";
import { icon } from "./lib/icons.js";
import { getOr, tenantPath } from "./lib/api.js";
import { signedIn, userName } from "./lib/session.js";
import { signIn, signOut } from "./login.js";

const entries = [
  ["status", "Status"],
  ["builds", "Builds"],
  ["buildsets", "Buildsets"],
  ["projects", "Projects"],
  ["jobs", "Jobs"],
  ["config-errors", "Config errors"],
];

export function makeHeader() {
  const crumb = h("a.crumb", { hidden: true });
  const nav = h("nav.nav", { "aria-label": "Pages of the tenant", hidden: true });
  const state = h("span.live", { role: "status", hidden: true }, h("span.live-dot"), h("span.live-text"));
  const user = h("button.button.quiet.user", { type: "button" });
  const errors = h("span.count", { hidden: true });
  const links = new Map(entries.map(([key, label]) => [key, h("a", null, label, key === "config-errors" && errors)]));
  fill(nav, [...links.values()]);
  const el = h("header.header", null,
    h("div.header-row", null,
      h("a.brand", { href: "/", "aria-label": "Gozer, start page" }, icon("gate"), h("span", null, "Gozer")),
      crumb, h("span.grow"), state, themeButton(), user),
    nav);

  user.addEventListener("click", () => (signedIn() ? signOut() : signIn()));
  const showUser = () => {
    fill(user, icon("key"), h("span.user-name", null, signedIn() ? userName() || "Signed in" : "Sign in"));
    user.title = signedIn() ? "Sign out" : "Sign in with a token";
  };
  addEventListener("gozer:session", showUser);
  showUser();
  getOr("/api/info", null).then((answer) => {
    // Where nobody can sign in, nothing offers it.
    const realms = answer?.info?.capabilities?.auth?.realms;
    document.documentElement.classList.toggle("no-login", Boolean(realms) && Object.keys(realms).length === 0);
  }, () => {});

  let current = null;
  async function countErrors(tenant) {
    const answer = await getOr(tenantPath(tenant, "/tenant-status"), null).catch(() => null);
    if (tenant !== current) return;
    const n = answer?.config_error_count || 0;
    errors.hidden = n === 0;
    setText(errors, n);
  }

  return {
    el,
    at(tenant, page) {
      nav.hidden = crumb.hidden = !tenant;
      state.hidden = true;
      if (tenant) {
        setText(crumb, tenant);
        crumb.href = `/t/${encodeURIComponent(tenant)}/status`;
        crumb.title = "Tenant " + tenant;
      }
      for (const [key, link] of links) {
        if (tenant) link.href = `/t/${encodeURIComponent(tenant)}/${key}`;
        setAttr(link, "aria-current", key === page ? "page" : null);
        if (tenant && key === page) requestAnimationFrame(() => reveal(nav, link));
      }
      if (tenant && tenant !== current) {
        current = tenant;
        errors.hidden = true;
        countErrors(tenant);
      }
    },
    // live shows how fresh the page is: "live", "polling" or "lost".
    live(how) {
      state.hidden = false;
      state.dataset.state = how;
      setText(state.lastChild, { live: "Live", polling: "Polling", lost: "No connection" }[how]);
    },
  };
}

// reveal scrolls the entry of the current page into a row that is too narrow.
function reveal(nav, link) {
  nav.scrollLeft = link.offsetLeft + link.offsetWidth / 2 - nav.clientWidth / 2;
}

// themeButton walks through system, light and dark.
function themeButton() {
  const order = ["", "light", "dark"];
  const faces = { "": ["auto", "Theme: as the system"], light: ["sun", "Theme: light"], dark: ["moon", "Theme: dark"] };
  const root = document.documentElement;
  const button = h("button.button.quiet.theme", { type: "button" });
  const draw = () => {
    const [name, label] = faces[root.dataset.theme || ""];
    fill(button, icon(name));
    button.setAttribute("aria-label", label);
    button.title = label;
  };
  button.addEventListener("click", () => {
    const next = order[(order.indexOf(root.dataset.theme || "") + 1) % order.length];
    if (next) root.dataset.theme = next;
    else delete root.dataset.theme;
    try {
      localStorage.setItem("gozer.theme", next);
    } catch {
      // The choice lasts as long as the page then.
    }
    draw();
  });
  draw();
  return button;
}
