// Looks at the page as a careful visitor would and returns what is wrong:
// text with too little contrast (WCAG AA), controls without a name, pictures
// without one, identifiers used twice, targets too small for a finger.
(() => {
  const wrong = new Set();
  const say = (el, what) => wrong.add(`${what}: ${el.tagName.toLowerCase()}.${el.className.baseVal ?? el.className} "${(el.textContent || "").trim().slice(0, 40)}"`);
  const channels = (text) => {
    const n = (text.match(/-?[\d.]+(?:e-?\d+)?/g) || []).map(Number);
    const scale = text.startsWith("color(") ? 255 : 1;
    return { rgb: n.slice(0, 3).map((v) => v * scale), alpha: n[3] ?? 1 };
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const over = (top, below) => top.rgb.map((v, i) => v * top.alpha + below[i] * (1 - top.alpha));
  const ground = (el) => {
    if (!el) return [255, 255, 255];
    const own = channels(getComputedStyle(el).backgroundColor);
    return own.alpha === 1 ? own.rgb : over(own, ground(el.parentElement));
  };
  const ownText = (el) => [...el.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());

  for (const el of document.body.querySelectorAll("*")) {
    if (!el.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const box = el.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || el.closest(".sr-only, .skip, option, [disabled]")) continue;
    const style = getComputedStyle(el);
    if (ownText(el) && !el.closest("svg, .ansi-dim")) {
      const back = ground(el);
      const front = over(channels(style.color), back);
      const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < (large ? 3 : 4.5)) say(el, `contrast ${ratio.toFixed(2)}`);
    }
    if (el.matches("a[href], button, summary, [role=button]") && !name(el)) say(el, "no name");
    if (el.matches("input, select, textarea") && !el.labels?.length && !el.getAttribute("aria-label")) say(el, "no label");
    if (el.matches("button, select, summary") && (box.width < 24 || box.height < 24)) say(el, `target ${box.width.toFixed()}x${box.height.toFixed()}`);
    if (el.matches("svg") && !el.getAttribute("aria-label") && el.getAttribute("aria-hidden") !== "true") say(el, "picture without a name");
  }

  function name(el) {
    const label = el.getAttribute("aria-label") || el.title || el.textContent.trim();
    return label || el.querySelector("[aria-label]")?.getAttribute("aria-label");
  }

  const ids = [...document.querySelectorAll("[id]")].map((el) => el.id);
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach((id) => wrong.add("identifier twice: " + id));
  if (document.querySelectorAll("main").length !== 1) wrong.add("not one main");
  if (!document.documentElement.lang) wrong.add("no language");
  return [...wrong].slice(0, 20).join("\n");
})()
