// The files that a build left.
import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { getOr } from "../lib/api.js";

export async function files(base, signal) {
  const answer = await getOr(base + "?format=json", [], signal).catch(() => []);
  const list = (Array.isArray(answer) ? answer : answer.files || []).map((f) => ({ ...f, path: f.path || f.name })).filter((f) => f.path);
  if (!list.length) return null;
  return h("ul.files", null, list.map((f) => h("li", null,
    h("a.file", { href: base + f.path.split("/").map(encodeURIComponent).join("/"), target: "_blank", rel: "noopener" },
      icon("file"), h("span.file-path", null, f.path), h("span.muted", null, bytes(f.size))))));
}

function bytes(n) {
  if (n === undefined || n === null) return "";
  if (n < 1000) return n + " B";
  const units = ["kB", "MB", "GB", "TB"];
  let i = -1;
  for (; n >= 1000 && i < units.length - 1; i++) n /= 1000;
  return n.toFixed(n < 10 ? 1 : 0) + " " + units[i];
}
