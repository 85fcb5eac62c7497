/** My compound: a SMILES, what it is like, which lines should respond. */

import { drugs, encoded, lines, post } from "../api.js";
import { choices, distinct, select } from "../controls.js";
import { quoted } from "../download.js";
import { html, linkTo } from "../elements.js";
import { digits } from "../format.js";
import { profile } from "../profile.js";
import { structure } from "../structure.js";
import { card, trust } from "../trust.js";

export const title = "My compound";

const NAME = "this compound";
const ALIKE = 0.7; // from here on a compound may well share the targets of its nearest drug
const EXAMPLE = "CC(=O)Oc1ccccc1C(=O)O";

/** @type {import("../app.js").View} */
export async function view({ query, go }) {
  const all = await drugs();
  const smiles = query.get("smiles") || "";
  const head = [html("h1", {}, "My compound"), html("p", {}, "Nothing is stored on the server. What is known of targets and pathway makes the answer better."), input(query, go, all)];
  if (!smiles) return head;
  const compound = { smiles, targets: (query.get("targets") || "").split(/[,;\s]+/).filter(Boolean), ...(query.get("pathway") ? { pathway: query.get("pathway") } : {}) };
  const body = { compound, k: 100_000 };
  const [answer, known, model] = await Promise.all([post("rank", body), lines(), card()]);
  const first = answer.cell_lines[0];
  const near = first.nearest?.drug;
  const drug = answer.drug.id ? all.get(answer.drug.id) : null;
  // Without what the page says itself: which drug it is, and whose targets it may have.
  const warnings = drug
    ? answer.warnings.filter((/** @type {string} */ text) => !text.includes("its structure is that of"))
    : answer.warnings.map((/** @type {string} */ text) => text.replace(/(^\S*: |; )its structure is like that of.*/, "")).filter(Boolean);
  const pairOf = (/** @type {any} */ row) => ({ pairs: [{ cell_line: row.cell_line.id, drug: NAME }], compounds: { [NAME]: compound }, detail: "explain" });
  const ask = (/** @type {any} */ row) => post("predict", pairOf(row));
  const command = `curl -X POST SERVICE/rank -H 'content-type: application/json' -d ${quoted(JSON.stringify({ ...body, k: 20 }))}`;
  return [
    ...head,
    html("div", { class: "beside" },
      structure(`structure.svg?smiles=${encoded(smiles)}`, "the compound"),
      html("div", {},
        drug
          ? html("p", {}, html("strong", {}, "This is "), linkTo("drug", drug.name), ", a drug of the training data, and is answered as that drug.")
          : html("p", {}, html("strong", {}, "Not a drug of the training data."), " It is answered by what it is like."),
        near && html("p", {}, "Nearest drug: ", linkTo("drug", near.name), `, similarity ${digits(near.similarity)} of 1. `, near.similarity < 0.35 ? "That is far: little carries over." : ""),
        near && !compound.targets.length && near.similarity >= ALIKE && likeNearest(all.get(near.id), smiles),
        warnings.map((/** @type {string} */ text) => html("p", { class: "doubtful" }, text)),
      )),
    trust(model, first.case, { inDomain: first.in_domain }),
    ...profile({ name: drug ? drug.name : NAME, rows: answer.cell_lines, lines: known, threshold: drug?.threshold_ln_um ?? null, query, go, ask, command }),
  ];
}

/**
 * A link that asks again with the targets and the pathway of the nearest drug.
 * @param {any} drug
 * @param {string} smiles
 */
function likeNearest(drug, smiles) {
  const targets = drug.targets.filter((/** @type {string} */ target) => !/\s/.test(target)).join(", ");
  const asked = new URLSearchParams({ smiles, targets, pathway: drug.pathway || "" });
  return targets && html("p", {}, "If it has the targets of ", drug.name, ", say so, for the order of lines depends on them: ", html("a", { href: `#/compound?${asked}` }, `answer with ${targets}`), ".");
}

/**
 * @param {URLSearchParams} query
 * @param {(changes: Record<string, string | null>) => void} go
 * @param {Map<string, any>} all
 */
function input(query, go, all) {
  const field = (/** @type {string} */ id, /** @type {string} */ name) => /** @type {HTMLInputElement} */ (html("input", { id, type: "text", value: query.get(name) || "", spellcheck: "false", autocomplete: "off" }));
  const [smiles, targets] = [field("smiles", "smiles"), field("targets", "targets")];
  targets.placeholder = "EGFR, ERBB2";
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    go({ smiles: smiles.value.trim(), targets: targets.value.trim() });
  };
  return html(
    "form",
    { class: "panel", submit },
    html("label", { for: "smiles" }, "SMILES or InChI", smiles),
    html("div", { class: "controls" },
      html("label", { for: "targets" }, "Targets, if known", targets),
      select({ id: "pathway", label: "Pathway, if known", value: query.get("pathway") || "", options: choices(distinct([...all.values()].map((drug) => drug.pathway)), "not known"), choose: (pathway) => go({ smiles: smiles.value.trim(), targets: targets.value.trim(), pathway }) }),
    ),
    html("button", { type: "submit" }, "Rank lines"), " ",
    html("a", { href: `#/compound?smiles=${encodeURIComponent(EXAMPLE)}` }, "Try aspirin"),
  );
}
