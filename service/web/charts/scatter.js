/** Points in two dimensions, without axes: only nearness means something. */

import { svg } from "../elements.js";
import { figure } from "./figure.js";
import { linear, room } from "./scale.js";

const LARGEST = 760;

/**
 * @param {{title: string, name: string, note: string, legend: {name: string, style: string}[],
 *   points: {x: number, y: number, style: string, opacity?: number, large?: boolean, text: string, choose: () => void}[]}} options
 */
export function scatterChart({ title, name, note, legend, points }) {
  const size = Math.min(LARGEST, room().width);
  const x = linear(range(points.map((point) => point.x)), [12, size - 12]);
  const y = linear(range(points.map((point) => point.y)), [size - 12, 12]);
  const drawn = points.map((point) =>
    svg(
      "circle",
      { class: point.style, cx: x(point.x).toFixed(1), cy: y(point.y).toFixed(1), r: point.large ? 8 : 4, "fill-opacity": point.opacity ?? 0.85, click: point.choose },
      svg("title", {}, point.text),
    ),
  );
  return figure({ title, name, width: size, height: size, describe: `${points.length} points.`, legend, note }, drawn);
}

/** @param {number[]} values @returns {[number, number]} */
const range = (values) => [Math.min(...values), Math.max(...values)];
