/** A strip of dots for each tissue, the most sensitive tissue first; the middle line is the median. */

import { svg } from "../elements.js";
import { words } from "../format.js";
import { figure } from "./figure.js";
import { horizontalAxis, linear, room, shortened } from "./scale.js";

const ROW = 24;

/**
 * @param {{title: string, name: string, label: string, domain?: [number, number], log?: boolean, dots: {group: string, value: number, text: string, choose: () => void}[]}} options
 */
export function stripChart({ title, name, label, domain, log = false, dots }) {
  /** @type {Map<string, typeof dots>} */
  const groups = new Map();
  for (const dot of dots) groups.set(dot.group, [...(groups.get(dot.group) || []), dot]);
  const sign = log ? 1 : -1;
  const ordered = [...groups]
    .map(([group, members]) => ({ group, members, middle: median(members.map((dot) => dot.value)) }))
    .sort((a, b) => sign * (a.middle - b.middle));
  const values = dots.map((dot) => dot.value);
  const { width, names } = room();
  const x = linear([domain ? domain[0] : Math.min(...values), Math.max(...values)], [names, width - 16]);
  const bottom = 8 + ordered.length * ROW;
  const rows = ordered.map(({ group, members, middle }, i) => {
    const y = 8 + (i + 0.5) * ROW;
    return svg(
      "g",
      { role: "img", "aria-label": `${group}: ${members.length} lines, median ${middle.toFixed(2)}` },
      svg("text", { x: names - 10, y: y + 4, "text-anchor": "end" }, shortened(names < 200 ? words(group) : `${words(group)} (${members.length})`, names)),
      members.map((dot, j) =>
        svg(
          "circle",
          { class: "c1 small", cx: x(dot.value), cy: y + ((j * 7) % 11) - 5, r: 3, click: dot.choose },
          svg("title", {}, dot.text),
        ),
      ),
      svg("line", { class: "median", x1: x(middle), x2: x(middle), y1: y - 9, y2: y + 9 }),
    );
  });
  const describe = `${ordered.length} tissues, ${dots.length} lines.`;
  return figure(
    { title, name, width, height: bottom + 40, describe, note: "Each dot is a line; the bar is its tissue's median." },
    horizontalAxis(x, { top: 8, bottom, label, log }),
    rows,
  );
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
