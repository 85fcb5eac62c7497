/** The model card: in prose from the service, then measured figures beside the baselines, and calibration. */

import { get, Refusal, request } from "../api.js";
import { reliabilityChart } from "../charts/reliability.js";
import { curlLine, saveCsv } from "../download.js";
import { html } from "../elements.js";
import { digits, words } from "../format.js";
import { elementsOf } from "../markdown.js";

export const title = "Model card";

/** @type {Record<string, string>} */
const SPLITS = {
  LPO: "known line, known drug (pairs left out)",
  LCO: "new line (lines left out)",
  LDO: "new compound (drugs left out)",
  LTO: "new tissue (tissues left out)",
  LCDO: "new line and new compound",
};
/** @type {Record<string, string>} */
const MEASURES = { auroc: "AUROC", auprc: "AUPRC", per_drug_auroc: "AUROC within a drug", rmse: "RMSE of ln IC50", per_drug_pearson: "r within a drug", interval_coverage: "interval coverage", calibration_error: "calibration error" };

/** @type {import("../app.js").View} */
export async function view({ place }) {
  const answer = await get("models", { keep: true });
  const model = answer.models.find((/** @type {any} */ one) => (place[1] ? one.name === place[1] : one.default));
  if (!model) throw new Refusal(404, { title: "Unknown model", detail: `This bundle has no model of this name; it has ${answer.models.map((/** @type {any} */ one) => one.name).join(", ")}.` });
  const baselines = Object.entries(answer.baselines).filter(([method]) => !answer.models.some((/** @type {any} */ one) => method.startsWith(one.name)));
  const prose = await (await request(`models/${model.name}/card`, { headers: { accept: "text/markdown" } })).text();
  const splits = Object.keys(SPLITS).filter((split) => model.metrics[split]);
  const save = () => saveCsv(
    ["split", "measure", "mean", "sd", "best_baseline", "method"],
    splits.flatMap((split) => Object.keys(MEASURES).filter((name) => model.metrics[split][name]).map((name) => {
      const { mean, sd } = model.metrics[split][name];
      const better = best(name, split, baselines);
      return [split, name, mean, sd, better?.mean, better?.method];
    })),
    `card-${model.name}`,
  );
  return [
    html("h1", {}, `Model card: ${model.name}`),
    html("p", { class: "controls" }, answer.models.map((/** @type {any} */ one) => html("a", { href: `#/model/${one.name}`, "aria-current": one.name === model.name ? "page" : null }, `${one.name}${one.default ? " (answers by default)" : ""} `))),
    ...elementsOf(prose),
    html("h2", {}, "Beside the baselines"),
    html("p", {}, "On data that training, the choice of the epoch and thresholds never saw; mean over folds ± standard deviation. The baseline is the best of all for that figure; other forms of the models are none."),
    model.measured_as && model.measured_as !== model.name && html("p", { class: "doubtful" }, `The figures are those of ${words(model.measured_as)}, which stands for this model: it was measured on all folds, ${model.name} itself was not.`),
    ...splits.map((split) => figures(split, SPLITS[split], model.metrics[split], baselines)),
    splits.length > 0 && html("button", { type: "button", click: save }, "CSV of these figures"),
    html("h2", {}, "Calibration"),
    html("p", {}, `probability = σ(${digits(model.calibration.slope)} · score ${model.calibration.intercept < 0 ? "−" : "+"} ${digits(Math.abs(model.calibration.intercept))}), fitted on validation pairs`, model.decision_threshold === null ? "." : `; called sensitive from ${digits(model.decision_threshold)}.`),
    calibration(model),
    curlLine(`curl SERVICE/models/${model.name}/card`),
    html("p", { class: "hint" }, `Bundle ${answer.bundle}, made ${answer.created || "at an unknown time"}; runs on ${model.provider}.`),
  ];
}

/** @param {any} model */
function calibration(model) {
  const curves = Object.keys(SPLITS).filter((split) => model.reliability[split]).map((split, i) => ({ name: SPLITS[split], style: `c${i + 1}`, bins: model.reliability[split] }));
  if (!curves.length) return html("p", { class: "hint" }, "This bundle holds no calibration curve; the calibration error above says how far probabilities are off on average.");
  return reliabilityChart({
    title: "Do probabilities mean what they say?", name: `${model.name}-calibration`, curves,
    note: "Test pairs in ten equally filled bins. On the dashed line a probability means what it says; below it, it promises too much.",
  });
}

/**
 * @param {string} split
 * @param {string} text
 * @param {any} measured
 * @param {[string, any][]} baselines
 */
function figures(split, text, measured, baselines) {
  const rows = Object.entries(MEASURES).filter(([name]) => measured[name]).map(([name, label]) => {
    const better = best(name, split, baselines);
    return html("tr", {},
      html("th", { scope: "row" }, label),
      html("td", { class: "number" }, `${digits(measured[name].mean)}${measured[name].sd === null ? "" : ` ± ${Number(measured[name].sd.toPrecision(2))}`}`),
      html("td", { class: "number" }, better ? digits(better.mean) : "–"),
      html("td", {}, better ? words(better.method) : ""));
  });
  return html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": text },
    html("table", {}, html("caption", {}, `${split}: ${text}`),
      html("thead", {}, html("tr", {}, ["Measure", "this model", "best baseline", "which"].map((one) => html("th", { scope: "col", class: /this|best/.test(one) && "number" }, one)))),
      html("tbody", {}, rows)));
}

/** @param {string} name @param {string} split @param {[string, any][]} baselines */
function best(name, split, baselines) {
  if (name === "interval_coverage" || name === "calibration_error") return null;
  const sign = name === "rmse" ? -1 : 1;
  const found = baselines.flatMap(([method, splits]) => (splits[split]?.[name] ? [{ method, mean: splits[split][name].mean }] : []));
  return found.sort((a, b) => sign * (b.mean - a.mean))[0] || null;
}
