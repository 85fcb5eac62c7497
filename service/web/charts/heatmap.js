/** Samples down, drugs across; a stronger colour is a more probable response. */

import { svg } from "../elements.js";
import { percent } from "../format.js";
import { figure } from "./figure.js";

const CELL = 18;
const NAMES = 180;
const TOP = 120;

/**
 * @param {{title: string, name: string, rows: string[], columns: string[], value: (row: number, column: number) => number, text: (row: number, column: number) => string, choose: (row: number) => void}} options
 */
export function heatMap({ title, name, rows, columns, value, text, choose }) {
  const width = NAMES + columns.length * CELL + 64; // the last head leans over the edge
  const height = TOP + rows.length * CELL + 8;
  const heads = columns.map((column, j) => {
    const x = NAMES + (j + 0.5) * CELL;
    return svg("text", { x, y: TOP - 6, transform: `rotate(-60 ${x} ${TOP - 6})` }, column.slice(0, 18));
  });
  const most = Math.max(1e-9, ...rows.flatMap((_, i) => columns.map((__, j) => value(i, j))));
  const cells = rows.map((row, i) =>
    svg(
      "g",
      { click: () => choose(i), role: "img", "aria-label": `${row}: best ${columns[best(columns, i, value)]}` },
      svg("text", { x: NAMES - 8, y: TOP + (i + 0.7) * CELL, "text-anchor": "end" }, row.slice(0, 24)),
      columns.map((_, j) =>
        svg(
          "rect",
          { class: "heat", x: NAMES + j * CELL, y: TOP + i * CELL, width: CELL - 1, height: CELL - 1, "fill-opacity": (0.05 + (0.95 * value(i, j)) / most).toFixed(3) },
          svg("title", {}, text(i, j)),
        ),
      ),
    ),
  );
  const describe = `${rows.length} samples and ${columns.length} drugs.`;
  return figure({ title, name, width, height, describe, note: `The stronger the colour, the higher the probability of sensitivity; the strongest is ${percent(most)}.` }, heads, cells);
}

/**
 * @param {string[]} columns
 * @param {number} row
 * @param {(row: number, column: number) => number} value
 */
function best(columns, row, value) {
  return columns.reduce((top, _, j) => (value(row, j) > value(row, top) ? j : top), 0);
}
