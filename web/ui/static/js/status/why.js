// The answer to "Why?" inside the card of an item: what it waits for and what
// is ahead, kept up to date while it is open.
import { fill, h, setAttr, show } from "../lib/dom.js";
import { ahead, explanation, sentences, whyPath } from "../lib/why.js";

export function makeWhy(view, entryOf) {
  const button = h("button.item-ask", { type: "button", "aria-expanded": "false" }, "Why?");
  const panel = h("div.item-answer", { role: "region", "aria-live": "polite", hidden: true });
  const why = { button, panel, key: "" };
  button.addEventListener("click", () => {
    const { item } = entryOf();
    if (!view.asked.delete(item.id)) view.asked.add(item.id);
    drawWhy(why, entryOf(), view);
  });
  return why;
}

// drawWhy asks again when what is shown of the item has changed.
export function drawWhy(why, entry, view) {
  const { id } = entry.item;
  const open = view.asked.has(id);
  setAttr(why.button, "aria-expanded", String(open));
  show(why.panel, open);
  const key = open ? id + entry.text + (entry.ahead?.text || entry.ahead?.id || "") : "";
  if (key === why.key) return;
  why.key = key;
  if (!open) {
    fill(why.panel);
    return;
  }
  if (!why.panel.firstChild) fill(why.panel, h("p.muted", null, "Asking the log…"));
  explanation(view.tenant, id).then((doc) => why.key === key && answer(why.panel, doc, view.tenant, id),
    (err) => why.key === key && fill(why.panel, h("p.muted", null, err.message)));
}

function answer(panel, doc, tenant, id) {
  const item = doc.items.find((i) => i.id === id);
  fill(panel, sentences(item ? item.current : doc.current), item && ahead(tenant, item),
    h("p", null, h("a", { href: whyPath(tenant, id) }, "What happened to it")));
}
