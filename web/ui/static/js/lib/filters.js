// Filters of the history in the page's address, and paging by row number.
import { fill, h, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { get, query } from "./api.js";
import { events } from "./live.js";
import { empty, table, tableRow, updateRow } from "./parts.js";

const pageSize = 50;
const atMostEvery = 2000;

// historyPage shows a list of the history. fields: [{name, label, options}].
export async function historyPage(ctx, { title, path, fields, columns, link, hint }) {
  ctx.title(title + " · " + ctx.tenant);
  const names = fields.map((f) => f.name);
  const chosen = Object.fromEntries(names.map((n) => [n, ctx.query.get(n) || ""]));
  const before = ctx.query.get("idx_max") || "";
  const ask = () => get(path + query({ ...chosen, idx_max: before, limit: pageSize + 1 }), ctx.signal);
  const rows = await ask();
  const shown = rows.slice(0, pageSize);
  const more = rows.length > pageSize ? rows[pageSize]._id : null;
  const address = (extra) => location.pathname + query({ ...chosen, ...extra });
  const filtered = Object.values(chosen).some(Boolean);

  const form = h("form.filters", { role: "search", "aria-label": "Filter", onsubmit: (event) => {
    event.preventDefault();
    for (const name of names) chosen[name] = form.elements[name].value.trim();
    ctx.go(address({}));
  } },
    fields.map((f) => field(f, chosen[f.name], () => form.requestSubmit())),
    h("button.button", { type: "submit" }, icon("search"), "Filter"),
    filtered && h("a.button.quiet", { href: location.pathname }, "Clear"));

  const box = h("details.filters-box", null, h("summary", null, icon("search"), "Filter"), form);
  const wide = matchMedia("(min-width: 44rem)");
  const fit = () => (box.open = wide.matches || filtered);
  wide.addEventListener("change", fit, { signal: ctx.signal });
  fit();
  fill(ctx.root, h("h1", null, title), box,
    shown.length ? table(title, columns, shown, link) : nothing(filtered, title, hint),
    h("nav.pager", { "aria-label": "Pages" },
      before && h("a.button", { href: address({}) }, "Newest"),
      more && h("a.button", { href: address({ idx_max: more }), rel: "next" }, "Older", icon("chevron"))));
  if (shown.length) stayFresh(ctx, ask, shown, columns, link);
}

// stayFresh follows what the server decides: rows change in their place and
// new ones come on top, until the page would have to turn.
function stayFresh(ctx, ask, rows, columns, link) {
  const body = ctx.root.querySelector("tbody");
  const drawn = new Map([...body.children].map((tr, i) => [rows[i].uuid, { tr, text: JSON.stringify(rows[i]) }]));
  body.keyed = new Map([...drawn].map(([uuid, { tr }]) => [uuid, tr]));
  let timer = 0;
  let last = performance.now();
  async function refresh() {
    timer = 0;
    last = performance.now();
    const list = await ask().catch(() => null);
    if (!list || ctx.signal.aborted) return;
    reconcile(body, list.slice(0, pageSize), (row) => row.uuid, (row) => tableRow(columns, row, link), (tr, row) => {
      const text = JSON.stringify(row);
      if (drawn.get(row.uuid)?.text === text) return;
      if (drawn.has(row.uuid)) updateRow(tr, columns, row);
      drawn.set(row.uuid, { tr, text });
    });
  }
  ctx.signal.addEventListener("abort", () => clearTimeout(timer));
  let first = true; // the stream begins with what is known
  events(ctx.tenant, ctx.signal, () => {
    if (!first) timer ||= setTimeout(refresh, Math.max(0, last + atMostEvery - performance.now()));
    first = false;
  }, ctx.live);
}

function nothing(filtered, title, hint) {
  return filtered
    ? empty("Nothing matches", h("p", null, "In a filter, * stands for any text: ", h("code", null, "org/*"), "."),
      h("p", null, h("a.button", { href: location.pathname }, "Clear the filter")))
    : empty("No " + title.toLowerCase() + " yet", h("p", null, hint));
}

function field(f, value, submit) {
  const id = "f-" + f.name;
  const props = { id, name: f.name, autocomplete: "off", spellcheck: "false" };
  const input = f.options
    ? h("select", { ...props, onchange: submit }, h("option", { value: "" }, "any"), f.options.map((o) => h("option", { value: o, selected: o === value }, o)))
    : h("input", { ...props, type: f.search ? "search" : "text", inputmode: f.number ? "numeric" : null, value });
  return h("div.filters-field", null, h("label", { for: id }, f.label), input);
}
