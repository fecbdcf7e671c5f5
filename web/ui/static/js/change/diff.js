// A unified diff, file by file. Long files are closed until wanted.
import { h } from "../lib/dom.js";
import { setAttr } from "../lib/dom.js";

const openUpTo = 400; // lines of a file that is shown without asking

// parseDiff splits the text into files {name, added, removed, lines}.
export function parseDiff(text) {
  const files = [];
  let file = null;
  let inHunk = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("diff --git ")) {
      file = { name: line.replace(/^diff --git a\/.* b\//, ""), added: 0, removed: 0, lines: [], note: "" };
      files.push(file);
      inHunk = false;
    } else if (!file) {
      continue;
    } else if (line.startsWith("@@")) {
      inHunk = true;
      file.lines.push(line);
    } else if (inHunk) {
      if (line[0] === "+") file.added++;
      else if (line[0] === "-") file.removed++;
      file.lines.push(line);
    } else {
      readHead(file, line);
    }
  }
  for (const f of files) if (f.lines.at(-1) === "") f.lines.pop();
  return files;
}

function readHead(file, line) {
  if (line.startsWith("new file")) file.note = "new";
  else if (line.startsWith("deleted file")) file.note = "deleted";
  else if (line.startsWith("rename from ")) file.note = "renamed from " + line.slice(12);
  else if (line.startsWith("Binary files")) file.note = "binary";
}

export function diffView(files) {
  return h("div.diff", null, files.map(fileView));
}

function fileView(file) {
  const body = h("div.diff-body", { tabindex: "0", role: "group", "aria-label": "Difference of " + file.name });
  const el = h("details.diff-file", null,
    h("summary", null,
      h("span.diff-name", null, file.name),
      file.note && h("span.diff-note", null, file.note),
      h("span.diff-count", null, h("span.plus", null, "+" + file.added), " ", h("span.minus", null, "−" + file.removed))),
    body);
  const draw = () => {
    if (el.open && !body.firstChild) body.append(linesView(file.lines));
  };
  el.addEventListener("toggle", draw);
  setAttr(el, "open", file.lines.length <= openUpTo ? "" : null);
  draw();
  return el;
}

function linesView(lines) {
  const out = h("div.diff-lines");
  let before = 0;
  let after = 0;
  for (const line of lines) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      out.append(row("hunk", "", "", line));
    } else if (line[0] === "+") out.append(row("add", "", after++, line));
    else if (line[0] === "-") out.append(row("del", before++, "", line));
    else if (line[0] === "\\") out.append(row("meta", "", "", line));
    else out.append(row("same", before++, after++, line));
  }
  return out;
}

function row(kind, before, after, text) {
  return h("div.diff-line", { class: kind },
    h("span.diff-no", { "data-no": before }), h("span.diff-no", { "data-no": after }), h("span.diff-text", null, text));
}
