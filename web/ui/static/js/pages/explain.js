// Why: one change, ref, item, buildset or build, now or at an earlier time.
import { fill, h } from "../lib/dom.js";
import { section } from "../lib/parts.js";
import { exact, millis } from "../lib/time.js";
import { ahead, explanation, happened, sentences, whyPath } from "../lib/why.js";

export default async function page(ctx) {
  const { what } = ctx.params;
  const at = ctx.query.get("at") || "";
  ctx.title("Why " + what);
  const doc = await explanation(ctx.tenant, what, at, ctx.signal);
  fill(ctx.root,
    h("p.eyebrow", null, "Why"),
    h("div.title-row", null, h("h1", null, `${doc.kind} `, h("span.light", null, doc.kind === "change" || doc.kind === "ref" ? doc.what : doc.what.slice(0, 12)))),
    whenBox(ctx, what, at, doc),
    sentences(doc.current),
    doc.notes.map((n) => h("p.callout.calm", null, n)),
    doc.items.map((item) => section(`${item.title} in ${item.pipeline}`, sentences(item.current), ahead(ctx.tenant, item))),
    doc.timeline.length > 0 && section("What happened", happened(doc)));
}

// whenBox chooses the time asked about.
function whenBox(ctx, what, at, doc) {
  const input = h("input", { type: "text", value: local(doc.at), size: "19", "aria-label": "As of", oninput: () => input.setCustomValidity("") });
  return h("form.why-when", {
    onsubmit: (event) => {
      event.preventDefault();
      const chosen = new Date(input.value.trim().replace(" ", "T"));
      if (isNaN(chosen)) {
        input.setCustomValidity("Write it as " + local(doc.at));
        input.reportValidity();
      } else {
        ctx.go(whyPath(ctx.tenant, what, chosen.toISOString()));
      }
    },
  }, h("span.muted", null, at ? "As of " + exact(millis(doc.at)) : "Now"), input, h("button.button.small", null, "Show"),
  at && h("a.button.small", { href: whyPath(ctx.tenant, what) }, "Now"));
}

// local writes a time as the field reads it: in the viewer's zone.
function local(text) {
  const d = new Date(millis(text));
  return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 19).replace("T", " ");
}
