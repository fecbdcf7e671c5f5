// The lines of a console: text comes in pieces of any size, lines go out.

import { strip } from "./ansi.js";

// stamp matches the time that the executor puts before a line, in three parts:
// the date, the time of day, and the rest.
export const stamp = /^(\d{4}-\d\d-\d\d )(\d\d:\d\d:\d\d)(\.\d+ \| )/;

// An error is looked for once, when a line is complete.
const errorWords = /\b(error|errors|fail|failed|failure|fatal|panic|traceback|exception|segfault|not ok)\b/i;
const notErrors = /\b(0|no|without) (errors?|fail(ed|ures?)?)\b|failed=0|errors?[=:] ?0\b|ignor/i;

export class Lines {
  constructor() {
    this.texts = [];
    this.partial = ""; // the last line while it has no end
    this.received = 0; // characters, to go on after a broken connection
    this.errors = []; // line numbers from 0, ascending
    this.widest = 0;
  }

  get count() {
    return this.texts.length + (this.partial ? 1 : 0);
  }

  line(i) {
    return i < this.texts.length ? this.texts[i] : this.partial;
  }

  add(text) {
    this.received += text.length;
    const pieces = (this.partial + text).split("\n");
    this.partial = pieces.pop();
    for (const piece of pieces) this.push(piece);
    if (this.partial.length > this.widest) this.widest = this.partial.length;
  }

  end() {
    if (this.partial) this.push(this.partial);
    this.partial = "";
  }

  push(piece) {
    const line = settle(piece);
    const words = strip(line);
    if (errorWords.test(words) && !notErrors.test(words)) this.errors.push(this.texts.length);
    if (line.length > this.widest) this.widest = line.length;
    this.texts.push(line);
  }
}

// settle leaves of a line that was written over with carriage returns what
// was written last.
function settle(piece) {
  if (piece.endsWith("\r")) piece = piece.slice(0, -1);
  const at = piece.lastIndexOf("\r");
  return at < 0 ? piece : piece.slice(at + 1) || piece.slice(0, at);
}

// find calls found(numbers) as it gets on, in slices that leave the page alive.
export async function find(lines, words, signal, found) {
  const want = words.toLowerCase();
  const hits = [];
  for (let i = 0; i < lines.count && !signal.aborted; ) {
    const until = performance.now() + 12;
    for (; i < lines.count && (i & 255 || performance.now() < until); i++) {
      if (lines.line(i).toLowerCase().includes(want)) hits.push(i);
      if ((i & 255) === 255 && performance.now() >= until) {
        i++;
        break;
      }
    }
    found(hits, i >= lines.count);
    await new Promise((resolve) => setTimeout(resolve));
  }
  if (!signal.aborted) found(hits, true);
}
