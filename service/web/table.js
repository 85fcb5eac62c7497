/** A table of predictions with everything that an answer says of them. */

import { html, linkTo } from "./elements.js";
import { CASES, concentration, digits, percent } from "./format.js";
import { saveCsv } from "./download.js";

/**
 * @typedef {{cell_line: {id: string | null, name: string}, drug: {id: string | null, name: string}, probability: number, score: number,
 *   ln_ic50: number | null, ln_ic50_interval: [number, number] | null, ic50_um: number | null,
 *   ic50_um_interval: [number, number] | null, percentile: number, case: import("./trust.js").Case,
 *   in_domain: boolean | null, nearest: any}} Prediction
 */

const NUMBERS = ["Probability", "Percentile", "IC50", "IC50, 9 in 10 between"];
const CSV_COLUMNS = ["cell_line", "drug", "probability", "percentile", "ln_ic50", "ln_ic50_low", "ln_ic50_high", "ic50_um", "case", "in_domain"];

/**
 * @param {{caption: string, name: string, rows: Prediction[], of: "drug" | "cell_line", more?: (row: Prediction) => string,
 *   moreName?: string, choose?: (row: Prediction) => void}} options
 */
export function predictionTable({ caption, name, rows, of, more, moreName, choose }) {
  const texts = [of === "drug" ? "Drug" : "Cell line", moreName].filter(Boolean);
  const head = [...texts, ...NUMBERS, "Case", "In domain"].map((text) => html("th", { scope: "col", class: NUMBERS.includes(/** @type {string} */ (text)) && "number" }, text));
  const save = () => saveCsv(CSV_COLUMNS, rows.map(csvRow), name);
  return html(
    "section",
    { class: "table" },
    html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
      html("table", {},
        html("caption", {}, caption),
        html("thead", {}, html("tr", {}, head)),
        html("tbody", {}, rows.map((row) => line(row, of, more, choose))),
      ),
    ),
    html("button", { type: "button", click: save }, "CSV of this table"),
  );
}

/**
 * @param {Prediction} row
 * @param {"drug" | "cell_line"} of
 * @param {((row: Prediction) => string) | undefined} more
 * @param {((row: Prediction) => void) | undefined} choose
 */
function line(row, of, more, choose) {
  const name = row[of].id ? linkTo(of === "drug" ? "drug" : "line", row[of].name) : row[of].name;
  const why = choose && html("button", { type: "button", class: "small", click: () => choose(row), "aria-label": `Why ${row[of].name}` }, "why");
  return html(
    "tr",
    {},
    html("th", { scope: "row" }, name, " ", why),
    more && html("td", {}, more(row)),
    html("td", { class: "number" }, percent(row.probability)),
    html("td", { class: "number" }, digits(row.percentile)),
    html("td", { class: "number" }, concentration(row.ic50_um)),
    html("td", { class: "number" }, row.ic50_um_interval ? row.ic50_um_interval.map(concentration).join(" – ") : "–"),
    html("td", { class: "case" }, CASES[row.case]),
    html("td", {}, row.in_domain === false ? html("b", {}, "no") : row.in_domain ? "yes" : "not stated"),
  );
}

/** @param {Prediction} row */
function csvRow(row) {
  const interval = row.ln_ic50_interval || [null, null];
  return [row.cell_line.name, row.drug.name, row.probability, row.percentile, row.ln_ic50, ...interval, row.ic50_um, row.case, String(row.in_domain)];
}
