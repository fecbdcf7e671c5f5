// The files that a build left, as a tree that is read folder by folder.
import { h } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { getOr } from "../lib/api.js";

// files lists the folder at address, or returns null where there is nothing.
export async function files(address, signal) {
  const list = await getOr(address, [], signal).catch(() => []);
  if (!list.length) return null;
  const sorted = list.toSorted((a, b) => (a.type === b.type ? a.name.localeCompare(b.name) : a.type === "directory" ? 1 : -1));
  return h("ul.files", null, sorted.map((f) => h("li", { class: f.type === "directory" ? "files-folder" : null },
    f.type === "directory" ? folder(address, f, signal) : file(address, f))));
}

function file(address, f) {
  return h("a.file", { href: address + encodeURIComponent(f.name), target: "_blank", rel: "noopener" },
    icon("file"), h("span.file-path", null, f.name), h("span.muted", null, bytes(f.size)));
}

function folder(address, f, signal) {
  const el = h("details", null, h("summary.file", null, icon("chevron"), h("span.file-path", null, f.name + "/")));
  el.addEventListener("toggle", async () => {
    if (!el.open || el.loaded) return;
    el.loaded = true;
    el.append((await files(`${address}${encodeURIComponent(f.name)}/`, signal)) || h("p.muted", null, "It is empty."));
  });
  return el;
}

function bytes(n) {
  if (n === undefined || n === null) return "";
  if (n < 1000) return n + " B";
  const units = ["kB", "MB", "GB", "TB"];
  let i = -1;
  for (; n >= 1000 && i < units.length - 1; i++) n /= 1000;
  return n.toFixed(n < 10 ? 1 : 0) + " " + units[i];
}
