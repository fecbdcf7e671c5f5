// The parts that pages are made of: references, tables, states. Results have
// their own file.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { duration, millis, now } from "./time.js";

export * from "./results.js";

export function changePath(tenant, id) {
  return `/t/${encodeURIComponent(tenant)}/change/${id}`;
}

export function buildPath(tenant, uuid) {
  return `/t/${encodeURIComponent(tenant)}/build/${uuid}`;
}

export function buildsetPath(tenant, uuid) {
  return `/t/${encodeURIComponent(tenant)}/buildset/${uuid}`;
}

export const isChangeID = (id) => /^\d+,\d+$/.test(id || "");

// refID is the name of a REF of the history: "12,3", or the branch or tag with
// what it points to.
export function refID(ref) {
  if (ref.change) return `${ref.change},${ref.patchset}`;
  return [shortRef(ref.ref), shortCommit(ref.newrev)].filter(Boolean).join(" @ ");
}

export function shortCommit(id) {
  return /^[0-9a-f]{12,}$/.test(id || "") ? id.slice(0, 8) : id || "";
}

export function shortRef(ref) {
  return (ref || "").replace(/^refs\/(heads|tags)\//, "");
}

// refLink links a REF of the history to its change page, or names the branch.
export function refLink(tenant, ref) {
  const id = refID(ref);
  if (ref.change) return h("a", { href: changePath(tenant, id) }, id);
  return h("span", { title: ref.newrev || ref.ref }, id);
}

// spent is the duration of a build or buildset, going on if it is running.
export function spent(from, to, known) {
  if (known !== null && known !== undefined) return duration(known);
  const a = millis(from);
  if (a === null) return "–";
  const b = millis(to);
  return duration(((b === null ? now() : b) - a) / 1000);
}

// table makes a table that turns into cards on a narrow screen: each cell is
// named by its column. columns: [{label, cell(row), class, sort}].
export function table(label, columns, rows, rowLink) {
  return h("div.table-wrap", null,
    h("table.table", { "aria-label": label },
      h("thead", null, h("tr", null, columns.map((c) => h("th", { scope: "col", class: c.class }, c.label)))),
      h("tbody", null, rows.map((row) => tableRow(columns, row, rowLink)))));
}

export function tableRow(columns, row, rowLink) {
  const tr = h("tr", null, columns.map((c) => h("td", { "data-label": c.label, class: c.class }, c.cell(row))));
  const href = rowLink && rowLink(row);
  if (href) {
    // The first link of the row is for keyboards; the row is a larger target.
    tr.classList.add("clickable");
    tr.addEventListener("click", (event) => {
      if (event.target.closest("a, button") || String(getSelection())) return;
      const link = h("a", { href });
      document.body.append(link);
      link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: event.ctrlKey, metaKey: event.metaKey }));
      link.remove();
    });
  }
  return tr;
}

// updateRow draws the cells of a row anew that differ.
export function updateRow(tr, columns, row) {
  for (const [i, c] of columns.entries()) {
    const cell = h("td", { "data-label": c.label, class: c.class }, c.cell(row));
    if (!tr.children[i].isEqualNode(cell)) tr.children[i].replaceWith(cell);
  }
}

// empty is the state of a page or list with nothing in it, and what to do.
export function empty(title, ...more) {
  return h("div.empty", null, h("div.empty-mark", null, icon("gate")), h("h2", null, title), ...more);
}

// trouble is the state of a page that couldn't be loaded.
export function trouble(err, retry) {
  const missing = err.status === 404;
  return h("div.empty.trouble", { role: "alert" },
    h("div.empty-mark", null, icon("warn")),
    h("h2", null, missing ? "Not found" : "That did not work"),
    h("p", null, err.message),
    h("p", null, retry && h("button.button", { onclick: retry }, icon("retry"), "Try again"), " ", h("a.button", { href: "/" }, "All tenants")));
}

// linked makes the addresses in a text links; those of builds of this server
// are named shortly.
export function linked(text) {
  return text.split(/(https?:\/\/[^\s)>\]]+)/).map((part, i) => (i % 2 ? h("a", { href: part, rel: "noreferrer", title: part }, named(part)) : part));
}

// prose is a text of several lines: links work, and what is indented, such as
// the place of an error in a file, keeps its shape.
export function prose(text) {
  const parts = text.split(/((?:^|(?<=\n))[ \t]{2,}.*(?:\n[ \t]{2,}.*)*\n?)/);
  return parts.map((part, i) => (i % 2 ? h("code.prose-code", { tabindex: "0" }, part.replace(/\n$/, "")) : linked(part)));
}

function named(address) {
  const [, build] = /\/t\/[^/]+\/build\/([0-9a-f]{12,})$/.exec(address) || [];
  return build && address.startsWith(location.origin + "/") ? "build " + build.slice(0, 8) : address;
}

export function section(title, ...children) {
  return h("section.section", null, h("h2.section-title", null, title), ...children);
}

// facts is a list of names and values; null values are left out.
export function facts(pairs) {
  return h("dl.facts", null, pairs.filter(([, v]) => v !== null && v !== undefined && v !== "" && v !== false)
    .map(([k, v]) => h("div.fact", null, h("dt", null, k), h("dd", null, v))));
}

export function skeleton(lines = 5) {
  return h("div.skeleton", { "aria-hidden": "true" }, Array.from({ length: lines }, () => h("div.bone")));
}

export function copyable(text) {
  const button = h("button.button.small", { type: "button", "aria-label": "Copy" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it and copy";
    }
  });
  return h("div.copyable", null, h("pre", { tabindex: "0" }, text), button);
}
