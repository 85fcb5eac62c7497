/** How often pairs of like predicted probability were sensitive; on the diagonal a probability means what it says. */

import { svg } from "../elements.js";
import { digits } from "../format.js";
import { figure } from "./figure.js";
import { horizontalAxis, linear, room, verticalAxis } from "./scale.js";

const LARGEST = 460;

/**
 * @param {{title: string, name: string, note: string, curves: {name: string, style: string, bins: {predicted: number, observed: number, pairs: number}[]}[]}} options
 */
export function reliabilityChart({ title, name, note, curves }) {
  const size = Math.min(LARGEST, room().width);
  const top = Math.max(0.05, ...curves.flatMap(({ bins }) => bins.flatMap((bin) => [bin.predicted, bin.observed])));
  const x = linear([0, top], [60, size - 16]);
  const y = linear([0, top], [size - 50, 12]);
  const drawn = curves.map((curve) =>
    svg(
      "g",
      { class: `curve ${curve.style}`, role: "img", "aria-label": `${curve.name}: ${curve.bins.map((bin) => `${digits(bin.predicted)} predicted, ${digits(bin.observed)} observed`).join("; ")}` },
      svg("polyline", { points: curve.bins.map((bin) => `${x(bin.predicted).toFixed(1)},${y(bin.observed).toFixed(1)}`).join(" ") }),
      curve.bins.map((bin) =>
        svg("circle", { class: curve.style, cx: x(bin.predicted), cy: y(bin.observed), r: 4 },
          svg("title", {}, `${curve.name}: predicted ${digits(bin.predicted)}, observed ${digits(bin.observed)} of ${bin.pairs} pairs`)),
      ),
    ),
  );
  return figure(
    { title, name, width: size, height: size, describe: `${curves.length} curves.`, legend: curves, note },
    horizontalAxis(x, { top: 12, bottom: size - 50, label: "predicted probability" }),
    verticalAxis(y, { left: 60, right: size - 16, label: "share measured as sensitive" }),
    svg("line", { class: "diagonal", x1: x(0), y1: y(0), x2: x(top), y2: y(top) }),
    drawn,
  );
}
