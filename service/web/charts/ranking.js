/** A row for each drug or line, best first: a dot at its value, a bar for its interval. */

import { svg } from "../elements.js";
import { figure } from "./figure.js";
import { horizontalAxis, linear, room, shortened } from "./scale.js";

const ROW = 22;

/**
 * @typedef {{name: string, value: number, interval?: [number, number] | null, style: string, text: string, choose?: () => void, doubtful?: boolean}} Mark
 */

/**
 * @param {{title: string, name: string, label: string, marks: Mark[], domain?: [number, number], log?: boolean, legend?: {name: string, style: string}[], note?: string}} options
 */
export function rankingChart({ title, name, label, marks, domain, log, legend, note = "" }) {
  const spans = marks.flatMap((mark) => [mark.value, ...(mark.interval || [])]);
  const { width, names } = room();
  const x = linear(domain || [Math.min(...spans), Math.max(...spans)], [names, width - 16]);
  const bottom = 8 + marks.length * ROW;
  const rows = marks.map((mark, i) => row(mark, x, 8 + (i + 0.5) * ROW, width));
  const bars = marks.some((mark) => mark.interval) ? "A bar should hold nine measured values in ten. " : "";
  const describe = `${marks.length} rows, best first; ${label}.`;
  return figure(
    { title, name, width, height: bottom + 40, describe, legend, note: bars + note },
    horizontalAxis(x, { top: 8, bottom, label, log }),
    rows,
  );
}

/**
 * @param {Mark} mark
 * @param {ReturnType<typeof linear>} x
 * @param {number} y
 * @param {number} width
 */
function row(mark, x, y, width) {
  const names = x.places[0];
  const act = mark.choose;
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (act && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      act();
    }
  };
  return svg(
    "g",
    { class: "mark", ...(act ? { tabindex: 0, role: "button", click: act, keydown: keys } : { role: "img" }), "aria-label": mark.text },
    svg("title", {}, mark.text),
    svg("rect", { class: "hit", x: 0, y: y - ROW / 2, width, height: ROW }),
    svg("text", { x: names - 10, y: y + 4, "text-anchor": "end" }, shortened(mark.name, names)),
    mark.interval && svg("line", { class: `bar ${mark.style}`, x1: x(mark.interval[0]), x2: x(mark.interval[1]), y1: y, y2: y }),
    svg("circle", { class: `${mark.style}${mark.doubtful ? " doubtful" : ""}`, cx: x(mark.value), cy: y, r: 5.5 }),
  );
}
