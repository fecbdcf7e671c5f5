// The view of a console: only the rows that can be seen exist, so that half a
// million lines cost as much as fifty.
import { h, setText } from "../lib/dom.js";
import { paint, spans } from "./ansi.js";
import { stamp } from "./lines.js";

const rowHeight = 20; // pixels; the style sheet has the same
const extra = 20; // rows above and below what is seen
const tallest = 12e6; // pixels; browsers can't place elements much further down
const longest = 5000; // characters of a line that are drawn

export class View {
  constructor(lines, onLine) {
    this.lines = lines;
    this.follow = false;
    this.hits = new Set();
    this.words = "";
    this.current = -1;
    this.range = null; // [from, to] of the marked lines
    this.rows = new Map();
    this.ended = false; // no more lines come
    this.sheet = h("div.console-sheet");
    this.note = h("p.console-note", { hidden: true });
    this.el = h("div.console", { tabindex: "0", role: "log", "aria-label": "Console output", "aria-live": "off" }, this.note, this.sheet);
    this.el.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.el.addEventListener("click", (event) => {
      const no = event.target.closest(".console-no");
      if (!no) return;
      event.preventDefault();
      onLine(Number(no.parentElement.dataset.line), event.shiftKey);
    });
    this.onFollow = () => {};
    new ResizeObserver(() => this.draw()).observe(this.el);
  }

  // ratio is 1 until the sheet would be too tall; then one pixel of the
  // scrollbar stands for more than one of the lines.
  get height() {
    return Math.min(this.lines.count * rowHeight, tallest);
  }

  get top() {
    const full = this.lines.count * rowHeight;
    if (full <= tallest) return this.el.scrollTop;
    const room = this.height - this.el.clientHeight;
    return room > 0 ? (this.el.scrollTop / room) * (full - this.el.clientHeight) : 0;
  }

  // changed draws new lines; at most once a frame.
  changed() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.draw();
    });
  }

  draw() {
    const height = this.height + "px";
    if (this.sheet.style.height !== height) this.sheet.style.height = height;
    this.sheet.style.minWidth = `calc(${Math.min(this.lines.widest, longest)}ch + 6rem)`;
    if (this.ended) this.fit();
    if (this.follow) this.el.scrollTop = this.el.scrollHeight;
    const top = this.top;
    const shift = this.el.scrollTop - top;
    const first = Math.max(0, Math.floor(top / rowHeight) - extra);
    const last = Math.min(this.lines.count, Math.ceil((top + this.el.clientHeight) / rowHeight) + extra);
    for (const [i, row] of this.rows) {
      if (i >= first && i < last) continue;
      row.remove();
      this.rows.delete(i);
    }
    for (let i = first; i < last; i++) this.drawRow(i, shift);
  }

  // fit makes the console of a build that ended as small as its lines.
  fit() {
    const want = Math.max(4, this.lines.count + 1) * rowHeight;
    const max = want < innerHeight / 2 ? want + "px" : "";
    if (this.el.style.height !== max) this.el.style.height = max;
  }

  drawRow(i, shift) {
    const text = this.lines.line(i);
    let row = this.rows.get(i);
    if (!row) {
      row = h("div.console-row", { "data-line": i }, h("a.console-no", { href: "#L" + (i + 1) }, String(i + 1)), h("span.console-text"));
      this.rows.set(i, row);
      this.sheet.append(row);
    }
    row.style.transform = `translateY(${i * rowHeight + shift}px)`;
    const state = [
      this.hits.has(i) && "hit",
      this.current === i && "current",
      this.range && i >= this.range[0] && i <= this.range[1] && "marked",
      isError(this.lines.errors, i) && "error",
    ].filter(Boolean).join(" ");
    const key = text + "\0" + state + this.words;
    if (row.key === key) return;
    row.key = key;
    row.className = "console-row " + state;
    row.lastChild.replaceChildren(...content(text, this.hits.has(i) ? this.words : ""));
  }

  scrolled() {
    const atEnd = this.el.scrollTop + this.el.clientHeight >= this.el.scrollHeight - rowHeight;
    if (this.follow && !atEnd && this.el.scrollTop < this.lastTop) this.setFollow(false);
    this.lastTop = this.el.scrollTop;
    this.changed();
  }

  setFollow(on) {
    if (this.follow === on) return;
    this.follow = on;
    this.onFollow(on);
    this.changed();
  }

  // go scrolls a line into the middle.
  go(i) {
    this.setFollow(false);
    this.sheet.style.height = this.height + "px";
    const full = this.lines.count * rowHeight;
    const want = Math.max(0, i * rowHeight - this.el.clientHeight / 2 + rowHeight / 2);
    const room = this.height - this.el.clientHeight;
    this.el.scrollTop = full <= tallest ? want : (want / (full - this.el.clientHeight)) * room;
    this.lastTop = this.el.scrollTop;
    this.draw();
  }
}

function isError(sorted, i) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (sorted[mid] < i) low = mid + 1;
    else high = mid;
  }
  return sorted[low] === i;
}

// content paints a line. Of its time a narrow screen shows hours to seconds.
function content(line, words) {
  const [whole, date, time, rest] = stamp.exec(line) || [""];
  const text = line.slice(whole.length);
  const cut = text.length > longest;
  const nodes = spans(cut ? text.slice(0, longest) : text).flatMap((s) => (words ? split(s, words) : [paint(s)]));
  if (whole) nodes.unshift(h("span.console-stamp", null, h("span.console-exact", null, date), time, h("span.console-exact", null, rest)));
  if (cut) nodes.push(h("span.console-cut", null, ` … ${text.length - longest} more characters`));
  return nodes;
}

// split marks the words that are searched for inside a span.
function split(span, words) {
  const out = [];
  const low = span.text.toLowerCase();
  let from = 0;
  for (let at = low.indexOf(words); at >= 0; at = low.indexOf(words, from)) {
    if (at > from) out.push(paint({ ...span, text: span.text.slice(from, at) }));
    const mark = h("mark");
    setText(mark, span.text.slice(at, at + words.length));
    out.push(mark);
    from = at + words.length;
  }
  if (from < span.text.length) out.push(paint({ ...span, text: span.text.slice(from) }));
  return out;
}
