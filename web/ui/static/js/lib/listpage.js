// A list that fits one page, with a filter over its text in the address.
import { fill, h, setText, show } from "./dom.js";
import { icon } from "./icons.js";
import { query } from "./api.js";
import { table } from "./parts.js";

// listPage shows rows; text(row) is what the filter looks at.
export function listPage(ctx, { title, rows, text, columns, link, none }) {
  const input = h("input.filter", { type: "search", placeholder: "Filter", "aria-label": "Filter", value: ctx.query.get("q") || "" });
  const count = h("p.status-summary", { role: "status" });
  const all = rows.length ? table(title, columns, rows, link) : none;
  const bodies = rows.length ? [...all.querySelectorAll("tbody tr")] : [];
  const draw = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const [i, row] of rows.entries()) {
      const hit = words.every((w) => text(row).toLowerCase().includes(w));
      show(bodies[i], hit);
      if (hit) n++;
    }
    setText(count, `${n === rows.length ? n : `${n} of ${rows.length}`} ${title.toLowerCase()}`);
  };
  input.addEventListener("input", () => {
    history.replaceState(history.state, "", location.pathname + query({ q: input.value }));
    draw();
  });
  fill(ctx.root, h("h1", null, title),
    rows.length > 0 && h("div.status-bar", null, h("label.filter-box", null, icon("search"), input), h("span.grow"), count), all);
  draw();
}
