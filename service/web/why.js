/** Why a prediction is what it is: nearest lines and drugs, weights of the tables, genes of a sample. */

import { post } from "./api.js";
import { html } from "./elements.js";
import { digits, percent } from "./format.js";

/**
 * @param {object} body of POST /predict with one pair
 * @param {string} title
 * @returns {Promise<HTMLElement>}
 */
export async function why(body, title) {
  const answer = await post("predict", { ...body, detail: "explain" });
  const { explanation } = answer.predictions[0];
  return html(
    "section",
    { class: "panel why", "aria-label": title, tabindex: -1 },
    html("h2", {}, title),
    neighbours("Nearest lines", "line", explanation.cell_lines),
    neighbours("Nearest drugs", "drug", explanation.drugs),
    weights(explanation.modality_weights),
    genes(explanation.genes),
    html("p", { class: "hint" }, "What the model looks at, not what causes a response."),
  );
}

/** @param {string} title @param {string} kind @param {any[] | null} rows */
function neighbours(title, kind, rows) {
  if (!rows || !rows.length) return null;
  return html(
    "div",
    {},
    html("h3", {}, title),
    html("ul", { class: "bars" }, rows.map((row) =>
      html("li", {},
        html("a", { href: `#/${kind}/${encodeURIComponent(row.name)}` }, row.name),
        html("meter", { min: 0, max: 1, value: row.share, "aria-label": `share of ${row.name}` }),
        html("span", { class: "hint" }, `share ${percent(row.share)}, similarity ${digits(row.similarity)}`),
      ))),
  );
}

/** @param {Record<string, number> | null} shares */
function weights(shares) {
  if (!shares) return null;
  return html(
    "div",
    {},
    html("h3", {}, "What lines are compared by"),
    html("ul", { class: "bars" }, Object.entries(shares).map(([name, share]) =>
      html("li", {},
        html("span", {}, name.replaceAll("_", " ")),
        html("meter", { min: 0, max: 1, value: share, "aria-label": `weight of ${name}` }),
        html("span", { class: "hint" }, percent(share)),
      ))),
  );
}

/** @param {any} effects */
function genes(effects) {
  if (!effects || !effects.top.length) return null;
  return html(
    "div",
    {},
    html("h3", {}, "Genes of the sample that move it most"),
    html("ul", {}, effects.top.map((/** @type {any} */ one) =>
      html("li", {}, `${one.gene} (${one.table.replaceAll("_", " ")}): probability ${one.probability >= 0 ? "+" : "−"}${digits(Math.abs(one.probability) * 100)} points`))),
  );
}
