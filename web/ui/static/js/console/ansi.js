// ANSI colours of a line as elements. Only SGR sequences mean something; all
// others are dropped, and text is only ever set as text.

const escape = /\x1b(?:\[([0-9;:]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;

const plain = { fg: null, bg: null, bold: false, dim: false, italic: false, underline: false, inverse: false };

// strip returns the text without sequences.
export function strip(text) {
  return text.includes("\x1b") ? text.replace(escape, "") : text;
}

// spans returns [{text, style}] of a line; style is null where nothing is set.
export function spans(text) {
  if (!text.includes("\x1b")) return [{ text, style: null }];
  const out = [];
  let style = { ...plain };
  let from = 0;
  for (const m of text.matchAll(escape)) {
    if (m.index > from) out.push({ text: text.slice(from, m.index), style: used(style) });
    from = m.index + m[0].length;
    if (m[2] === "m") style = apply(style, (m[1] || "0").split(/[;:]/).map(Number));
  }
  if (from < text.length) out.push({ text: text.slice(from), style: used(style) });
  return out;
}

function used(style) {
  return Object.values(style).some((v) => v !== null && v !== false) ? style : null;
}

function apply(old, codes) {
  let s = { ...old };
  for (let i = 0; i < codes.length; i++) {
    const c = codes[i];
    if (c === 0) s = { ...plain };
    else if (c === 1) s.bold = true;
    else if (c === 2) s.dim = true;
    else if (c === 3) s.italic = true;
    else if (c === 4) s.underline = true;
    else if (c === 7) s.inverse = true;
    else if (c === 22) s.bold = s.dim = false;
    else if (c === 23) s.italic = false;
    else if (c === 24) s.underline = false;
    else if (c === 27) s.inverse = false;
    else if (c >= 30 && c <= 37) s.fg = c - 30;
    else if (c >= 40 && c <= 47) s.bg = c - 40;
    else if (c >= 90 && c <= 97) s.fg = c - 82;
    else if (c >= 100 && c <= 107) s.bg = c - 92;
    else if (c === 39) s.fg = null;
    else if (c === 49) s.bg = null;
    else if (c === 38 || c === 48) i += extended(s, c === 38 ? "fg" : "bg", codes.slice(i + 1));
  }
  return s;
}

// extended reads 5;n and 2;r;g;b and returns how many codes it took.
function extended(s, key, rest) {
  if (rest[0] === 5) {
    s[key] = rest[1] < 16 ? rest[1] : palette(rest[1]);
    return 2;
  }
  if (rest[0] === 2) {
    s[key] = rgb(rest[1], rest[2], rest[3]);
    return 4;
  }
  return 0;
}

function palette(n) {
  if (n >= 232) return rgb(8 + (n - 232) * 10, 8 + (n - 232) * 10, 8 + (n - 232) * 10);
  const level = (v) => (v ? 55 + v * 40 : 0);
  const k = n - 16;
  return rgb(level(Math.floor(k / 36)), level(Math.floor(k / 6) % 6), level(k % 6));
}

function rgb(r, g, b) {
  const byte = (v) => Math.max(0, Math.min(255, v | 0));
  return `rgb(${byte(r)} ${byte(g)} ${byte(b)})`;
}

// paint makes the element of one span.
export function paint({ text, style }) {
  if (!style) return document.createTextNode(text);
  const el = document.createElement("span");
  el.textContent = text;
  for (const flag of ["bold", "dim", "italic", "underline", "inverse"]) if (style[flag]) el.classList.add("ansi-" + flag);
  for (const key of ["fg", "bg"]) {
    if (typeof style[key] === "number") el.classList.add(`ansi-${key}-${style[key]}`);
    else if (style[key]) el.style[key === "fg" ? "color" : "backgroundColor"] = style[key];
  }
  return el;
}
