/** Why a prediction is what it is: nearest lines and drugs, weights of the tables, genes of a sample. */

import { post } from "./api.js";
import { announce, fault, html, linkTo } from "./elements.js";
import { digits, percent } from "./format.js";

/** @typedef {import("./table.js").Prediction} Prediction */

/** Asks about a line and a drug of the bundle. @param {Prediction} row @returns {Promise<any>} */
export const askOfPair = (row) => post("predict", { pairs: [{ cell_line: row.cell_line.id, drug: row.drug.id }], detail: "explain" });

/**
 * A place for explanations, and what opens the one of a row there.
 * @param {(row: Prediction) => Promise<any>} ask an answer of the API with `detail: explain` for the row alone
 */
export function explanations(ask) {
  const place = html("div", { id: "why" });
  const open = async (/** @type {Prediction} */ row) => {
    const title = `Why ${row.drug.id ? row.drug.name : "this compound"} for ${row.cell_line.name}`;
    place.replaceChildren(html("p", { class: "hint", role: "status" }, `${title}: asking …`));
    const panel = await ask(row).then(
      (answer) => explained(answer.predictions[0].explanation, title),
      (refusal) => fault(title, html("p", {}, refusal.message)),
    );
    place.replaceChildren(panel);
    panel.focus();
    announce(title);
  };
  return { place, open };
}

/** @param {any} explanation @param {string} title */
function explained({ cell_lines, drugs, modality_weights, genes }, title) {
  const near = (cell_lines || []).map((/** @type {any} */ row) => encodeURIComponent(row.id)).join(",");
  const tables = Object.entries(modality_weights || {}).filter(([, share]) => share > 0);
  return html(
    "section",
    { class: "panel why", "aria-label": title, tabindex: -1 },
    html("h2", {}, title),
    html("div", { class: "parts" },
      bars("Nearest lines", (cell_lines || []).map((/** @type {any} */ row) => ({ name: linkTo("line", row.name), share: row.share, note: `similarity ${digits(row.similarity)}` }))),
      bars("Nearest drugs", (drugs || []).map((/** @type {any} */ row) => ({ name: linkTo("drug", row.name), share: row.share, note: `similarity ${digits(row.similarity)}` }))),
      bars("What lines are compared by", tables.map(([name, share]) => ({ name: name.replaceAll("_", " "), share, note: "" }))),
      effects(genes),
    ),
    near && html("p", {}, html("a", { href: `#/map?near=${near}` }, "Show the nearest lines on the map")),
    html("p", { class: "hint" }, "What the model looks at, not what causes a response. Shares add up to 100 % of those listed."),
  );
}

/** @param {string} title @param {{name: Node | string, share: number, note: string}[]} rows */
function bars(title, rows) {
  return rows.length > 0 && html(
    "div",
    {},
    html("h3", {}, title),
    html("ul", { class: "bars" }, rows.map(({ name, share, note }) =>
      html("li", {}, html("span", {}, name), html("meter", { min: 0, max: 1, value: share, "aria-label": "share" }), html("span", { class: "hint" }, [percent(share), note].filter(Boolean).join(", "))))),
  );
}

/** @param {any} genes */
function effects(genes) {
  if (!genes || !genes.top.length) return null;
  const points = (/** @type {number} */ change) => `${change >= 0 ? "+" : "−"}${digits(Math.abs(change) * 100)}`;
  return html(
    "div",
    {},
    html("h3", {}, "Genes of the sample that move it most, in points of probability"),
    html("ul", { class: "bars" }, genes.top.map((/** @type {any} */ one) =>
      html("li", {}, html("span", {}, one.gene), html("span", { class: "number" }, points(one.probability)), html("span", { class: "hint" }, one.table.replaceAll("_", " "))))),
  );
}
