// Making and updating elements. Text is always set as text: nothing in the
// interface writes HTML from a string.

// h makes an element: h("a.name", {href, onclick}, children...). The tag may
// carry classes. Props: "on..." is a listener, "class" adds classes, null and
// false are left out, everything else is an attribute.
export function h(tag, props, ...children) {
  const [name, ...classes] = tag.split(".");
  const el = document.createElement(name || "div");
  if (classes.length) el.className = classes.join(" ");
  for (const [key, value] of Object.entries(props || {})) setProp(el, key, value);
  append(el, children);
  return el;
}

function setProp(el, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
  else if (key === "class") el.classList.add(...value.split(" ").filter(Boolean));
  else if (key === "value") el.value = value;
  else el.setAttribute(key, value === true ? "" : value);
}

function append(el, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    el.append(child);
  }
}

// fill replaces what is in el.
export function fill(el, ...children) {
  el.replaceChildren();
  append(el, children);
  return el;
}

// setText changes a text only when it differs, so that selections and screen
// readers are left alone.
export function setText(el, text) {
  const s = text === null || text === undefined ? "" : String(text);
  if (el.textContent !== s) el.textContent = s;
}

export function setAttr(el, name, value) {
  if (value === null || value === undefined || value === false) {
    if (el.hasAttribute(name)) el.removeAttribute(name);
  } else if (el.getAttribute(name) !== String(value)) {
    el.setAttribute(name, value);
  }
}

export function show(el, visible) {
  if (el.hidden === visible) el.hidden = !visible;
}

// reconcile makes the children of parent equal to items, keeping the elements
// of keys that stay: update(el, item) changes those, make(item) makes new ones.
// An element is only moved when its place changes.
export function reconcile(parent, items, keyOf, make, update) {
  const old = parent.keyed || new Map();
  const now = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (now.has(key)) continue;
    const el = old.get(key) || make(item);
    now.set(key, el);
    if (update) update(el, item);
  }
  for (const [key, el] of old) if (!now.has(key)) el.remove();
  let at = parent.firstElementChild;
  for (const el of now.values()) {
    if (el === at) at = at.nextElementSibling;
    else parent.insertBefore(el, at);
  }
  parent.keyed = now;
}

const svgSpace = "http://www.w3.org/2000/svg";

export function svg(tag, props, ...children) {
  const el = document.createElementNS(svgSpace, tag);
  for (const [key, value] of Object.entries(props || {})) el.setAttribute(key, value);
  append(el, children);
  return el;
}
