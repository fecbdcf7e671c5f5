// The icons: strokes on a 16 by 16 grid.
import { svg } from "./dom.js";

const paths = {
  check: "M3.5 8.5l3 3 6-7",
  cross: "M4 4l8 8M12 4l-8 8",
  warn: "M8 2.5l6.200 11H1.800zM8 6.500v3.200M8 11.600v.1",
  minus: "M4 8h8",
  clock: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v3.200l2 1.300",
  play: "M5.500 3.500l7 4.500-7 4.500z",
  pause: "M5.500 4v8M10.500 4v8",
  skip: "M3.500 4l5 4-5 4zM12 4v8",
  retry: "M13 8a5 5 0 1 1-1.500-3.550M13 2.500v2.700h-2.700",
  link: "M6.500 9.500l3-3M7 4.500l1.200-1.200a2.900 2.900 0 0 1 4.100 4.100L11.200 8.600M9 11.500l-1.200 1.200a2.900 2.900 0 0 1-4.100-4.100L4.800 7.400",
  chevron: "M6 4l4 4-4 4",
  down: "M4 6l4 4 4-4",
  up: "M4 10l4-4 4 4",
  search: "M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM10.500 10.500l3 3",
  menu: "M8 3.200v.1M8 8v.1M8 12.800v.1",
  sun: "M8 5.200a2.800 2.800 0 1 0 0 5.600 2.800 2.800 0 0 0 0-5.600zM8 1.500v1M8 13.500v1M1.500 8h1M13.500 8h1M3.400 3.400l.7.7M11.900 11.900l.7.7M3.400 12.600l.7-.7M11.900 4.100l.7-.7",
  moon: "M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z",
  auto: "M8 2.500a5.500 5.500 0 1 0 0 11zM8 2.500a5.500 5.500 0 0 1 0 11",
  key: "M5.500 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM7.700 8l5-5M10.500 5.200l2 2",
  file: "M4 1.800h5l3 3v9.400H4zM9 1.800v3h3",
  say: "M2.500 3.500h11v7h-5.500l-3 2.700v-2.700h-2.500z",
  gate: "M3 14V7.500a5 5 0 0 1 10 0V14M8 7v7",
  out: "M9 3h4v4M13 3L7.500 8.500M11 9.500V13H3V5h3.500",
};

export function icon(name, label) {
  const el = svg("svg", { viewBox: "0 0 16 16", class: "icon icon-" + name, "aria-hidden": label ? "false" : "true" });
  if (label) {
    el.setAttribute("role", "img");
    el.setAttribute("aria-label", label);
  }
  el.append(svg("path", { d: paths[name] || paths.minus }));
  return el;
}
