/** How far to trust what is shown, in words made from the figures of the model's card. */

import { get } from "./api.js";
import { html } from "./elements.js";
import { digits } from "./format.js";

/** @typedef {"known" | "unseen_line" | "unseen_drug" | "unseen_both"} Case */

/** @type {Record<Case, {split: string, what: string}>} */
const MEASURED = {
  known: { split: "LPO", what: "a line and a drug of the training data, on pairs held out of training" },
  unseen_line: { split: "LCO", what: "a line that training never saw" },
  unseen_drug: { split: "LDO", what: "a compound that training never saw" },
  unseen_both: { split: "LCDO", what: "a line and a compound that training never saw" },
};

/** What a sample may be known by, as the bundle calls the figures of lines known by that alone. @type {Record<string, string>} */
const KNOWN_BY = { rnaseq: "RNA-seq, copy number and mutation", rnaseq_tissue: "RNA-seq and tissue", mutation_tissue: "mutation and tissue" };

/** @param {string} [name] @returns {Promise<any>} The card of the model, or of the default one, with the bundle's other figures. */
export async function card(name) {
  const { models, baselines } = await get("models", { keep: true });
  return { ...(models.find((/** @type {any} */ one) => (name ? one.name === name : one.default)) || models[0]), baselines };
}

/** By which tables a sample is known, one of KNOWN_BY; "" for an array's, as the model's own figures have it. @param {any} counts of genes by table */
export function knownBy({ expression, copy_number, mutation }) {
  if (expression?.notes.some((/** @type {string} */ note) => note.startsWith("read as expression of an array"))) return "";
  return expression ? (copy_number && mutation ? "rnaseq" : "rnaseq_tissue") : "mutation_tissue";
}

/** How often of 100 the more sensitive of two lines comes first; null where it was not measured. @param {any} model @param {Case} kind */
export function rightTimes(model, kind) {
  const share = model.metrics[MEASURED[kind].split]?.per_drug_auroc?.mean;
  return share === undefined ? null : Math.round(share * 100);
}

/**
 * @param {any} model the card
 * @param {Case} kind
 * @param {{inDomain?: boolean | null, among?: "lines" | "drugs", known?: string}} [options] `known` as knownBy gives it
 */
export function trust(model, kind, { inDomain = true, among = "lines", known = "" } = {}) {
  const { split } = MEASURED[kind];
  const alone = model.baselines[`${model.name}_${known}`]?.[split];
  const what = alone ? `${MEASURED[kind].what}, known by ${KNOWN_BY[known]}` : MEASURED[kind].what;
  const measures = alone || model.metrics[split] || {};
  const mean = (/** @type {string} */ name) => measures[name]?.mean;
  const sentences = [];
  const times = measures.per_drug_auroc === undefined ? null : Math.round(mean("per_drug_auroc") * 100);
  if (times !== null) {
    sentences.push(`For ${what}: of two lines, one sensitive to a drug and one not, the right one comes first ${times} times in 100.`);
  }
  if (among === "drugs") {
    sentences.push("Drugs that act on many lines come first by score; the percentile compares a line with others.");
  }
  if (mean("rmse") !== undefined) {
    const factor = Math.exp(mean("rmse"));
    const potency = kind === "unseen_drug" || kind === "unseen_both" ? "Its potency is hardly known" : "IC50 is a rough figure";
    sentences.push(`${potency}: typically a factor of ${digits(factor)} off.`);
  }
  if (mean("interval_coverage") !== undefined) {
    sentences.push(`Its interval held ${Math.round(mean("interval_coverage") * 100)} of 100 measured values of the same screen.`);
  }
  const outside = inDomain === false;
  return html(
    "aside",
    { class: outside ? "trust doubtful" : "trust", "aria-label": "How far to trust it" },
    html("strong", {}, "How far to trust it "),
    outside && html("b", {}, "Outside the training domain: the numbers are extrapolation. "),
    sentences.length ? sentences.join(" ") : "This bundle states no measured figures for this case.",
    " ",
    html("a", { href: `#/model/${model.name}` }, "Measured figures"),
  );
}
