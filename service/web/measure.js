/** What a chart may show of a prediction, and how it is put in order. */

import { digits, percent } from "./format.js";

/** @typedef {import("./table.js").Prediction} Prediction */
/** @typedef {{name: string, label: string, value: (row: Prediction) => number | null, interval?: (row: Prediction) => [number, number] | null, domain?: [number, number], text: (row: Prediction) => string}} Measure */

/** @type {Record<string, Measure>} */
export const MEASURES = {
  probability: {
    name: "Probability of sensitivity",
    label: "probability of sensitivity",
    value: (row) => row.probability,
    domain: [0, 1],
    text: (row) => percent(row.probability),
  },
  ln_ic50: {
    name: "ln IC50 with its interval",
    label: "predicted ln IC50 (µM); to the left more sensitive",
    value: (row) => row.ln_ic50,
    interval: (row) => row.ln_ic50_interval,
    text: (row) => `ln IC50 ${digits(row.ln_ic50)}`,
  },
  percentile: {
    name: "Percentile among lines",
    label: "share of lines that are less sensitive (%)",
    value: (row) => row.percentile,
    domain: [0, 100],
    text: (row) => `more sensitive than ${digits(row.percentile)} % of lines`,
  },
};

/** @param {string | null} name */
export const measureOf = (name) => MEASURES[name || ""] || MEASURES.probability;

/** @type {Record<string, string>} */
export const ORDERS = {
  score: "score (as ranked)",
  probability: "probability",
  percentile: "percentile",
  ln_ic50: "ln IC50",
};

/** Best first; ties stay as ranked. @param {Prediction[]} rows @param {string | null} order @returns {Prediction[]} */
export function ordered(rows, order) {
  if (order === "ln_ic50") return [...rows].sort((a, b) => (a.ln_ic50 ?? 99) - (b.ln_ic50 ?? 99));
  if (order === "percentile") return [...rows].sort((a, b) => b.percentile - a.percentile);
  if (order === "probability") return [...rows].sort((a, b) => b.probability - a.probability);
  return rows;
}
