/** What a chart may show of a prediction, and how it is put in order. */

import { concentration, digits, percent } from "./format.js";

/** @typedef {import("./table.js").Prediction} Prediction */
/** @typedef {{name: string, label: string, value: (row: Prediction) => number | null, interval?: (row: Prediction) => [number, number] | null, domain?: [number, number], log?: boolean, text: (row: Prediction) => string}} Measure */

/** @type {Record<string, Measure>} */
const MEASURES = {
  probability: {
    name: "Probability of sensitivity",
    label: "probability of sensitivity",
    value: (row) => row.probability,
    domain: [0, 1],
    text: (row) => percent(row.probability),
  },
  ln_ic50: {
    name: "IC50 with its interval",
    label: "predicted IC50; to the left more sensitive",
    value: (row) => row.ln_ic50,
    interval: (row) => row.ln_ic50_interval,
    log: true,
    text: (row) => `IC50 ${concentration(row.ic50_um)}, 9 in 10 between ${(row.ic50_um_interval || []).map(concentration).join(" and ")}`,
  },
  percentile: {
    name: "Percentile among lines",
    label: "share of lines that are less sensitive (%)",
    value: (row) => row.percentile,
    domain: [0, 100],
    text: (row) => `more sensitive than ${digits(row.percentile)} % of lines`,
  },
};

/** The measure of this name, and the names of all that these rows have. @param {string | null} asked @param {Prediction[]} rows */
export function measures(asked, rows) {
  const there = Object.entries(MEASURES).filter(([, one]) => rows.length === 0 || one.value(rows[0]) !== null);
  const name = there.some(([one]) => one === asked) ? /** @type {string} */ (asked) : "probability";
  return { name, measure: MEASURES[name], names: there.map(([key, one]) => /** @type {[string, string]} */ ([key, one.name])) };
}

/**
 * A row of a ranking chart.
 * @param {Prediction} row
 * @param {"drug" | "cell_line"} of
 * @param {Measure} measure
 * @param {{style: string, group: string, choose: () => void}} options
 */
export const mark = (row, of, measure, { style, group, choose }) => ({
  name: row[of].name, value: measure.value(row) ?? 0, interval: measure.interval?.(row), style, choose,
  text: `${row[of].name}: ${measure.text(row)}; ${group}`, doubtful: row.in_domain === false,
});

/** @type {[string, string][]} */
export const ORDERS = [["score", "score (as ranked)"], ["probability", "probability"], ["percentile", "percentile"], ["ln_ic50", "IC50"]];

/** Best first; ties stay as ranked. @param {Prediction[]} rows @param {string} order @returns {Prediction[]} */
export function ordered(rows, order) {
  if (order === "ln_ic50") return [...rows].sort((a, b) => (a.ln_ic50 ?? Infinity) - (b.ln_ic50 ?? Infinity));
  if (order === "percentile") return [...rows].sort((a, b) => b.percentile - a.percentile);
  if (order === "probability") return [...rows].sort((a, b) => b.probability - a.probability);
  return rows;
}
