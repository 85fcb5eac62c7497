/** Numbers to places on a chart, and the axis that says so. */

import { svg } from "../elements.js";
import { concentration, digits } from "../format.js";

const WIDEST = 900;
const EDGES = 70; // of the page and the frame around a chart

/** What a chart may take here: its own width, and that of the names beside it. */
export function room() {
  const width = Math.max(280, Math.min(WIDEST, document.documentElement.clientWidth - EDGES));
  return { width, names: width < 560 ? 128 : 200 };
}

/** @param {string} name @param {number} place its width in pixels */
export function shortened(name, place) {
  const most = Math.floor((place - 10) / 7.6);
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

/**
 * @param {[number, number]} values
 * @param {[number, number]} places
 * @returns {((value: number) => number) & {values: [number, number], places: [number, number]}}
 */
export function linear(values, places) {
  const [low, high] = values[0] === values[1] ? [values[0] - 0.5, values[1] + 0.5] : values;
  const at = (/** @type {number} */ value) =>
    places[0] + ((value - low) / (high - low)) * (places[1] - places[0]);
  return Object.assign(at, { values: /** @type {[number, number]} */ ([low, high]), places });
}

/**
 * About `count` round numbers between the two, with their texts; `log`: natural logarithms of concentrations in µM.
 * @param {[number, number]} values
 * @param {boolean | undefined} log
 * @param {number} count
 * @returns {{value: number, text: string}[]}
 */
function ticks(values, log, count) {
  const [low, high] = log ? values.map((value) => value / Math.LN10) : values;
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const fine = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough * 0.8) || rough;
  const step = log ? Math.max(1, Math.round(fine)) : fine;
  const out = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step) {
    out.push(log ? { value: value * Math.LN10, text: concentration(10 ** value) } : { value, text: digits(Math.abs(value) < step * 1e-9 ? 0 : value) });
  }
  return out;
}

/**
 * Lines and numbers of a horizontal axis.
 * @param {ReturnType<typeof linear>} x
 * @param {{top: number, bottom: number, label: string, log?: boolean}} options
 */
export function horizontalAxis(x, { top, bottom, label, log }) {
  const [left, right] = x.places;
  const fits = label.length * 6.5 < right - left;
  return svg(
    "g",
    { class: "axis", "aria-hidden": "true" },
    ticks(x.values, log, Math.max(1, (right - left) / 110)).flatMap(({ value, text }) => [
      svg("line", { x1: x(value), x2: x(value), y1: top, y2: bottom }),
      svg("text", { x: x(value), y: bottom + 14, "text-anchor": "middle" }, text),
    ]),
    svg("text", { class: "label", x: fits ? (left + right) / 2 : right, y: bottom + 32, "text-anchor": fits ? "middle" : "end" }, label),
  );
}

/**
 * Lines and numbers of a vertical axis.
 * @param {ReturnType<typeof linear>} y
 * @param {{left: number, right: number, label: string, log?: boolean}} options
 */
export function verticalAxis(y, { left, right, label, log }) {
  const middle = (y.places[0] + y.places[1]) / 2;
  return svg(
    "g",
    { class: "axis", "aria-hidden": "true" },
    ticks(y.values, log, 5).flatMap(({ value, text }) => [
      svg("line", { x1: left, x2: right, y1: y(value), y2: y(value) }),
      svg("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, text),
    ]),
    svg("text", { class: "label", x: 14, y: middle, transform: `rotate(-90 14 ${middle})`, "text-anchor": "middle" }, label),
  );
}
