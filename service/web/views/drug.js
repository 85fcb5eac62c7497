/** A drug: its structure, its profile over lines and tissues. */

import { drugs, encoded, get, lines } from "../api.js";
import { quoted } from "../download.js";
import { html, linkTo } from "../elements.js";
import { concentration, words } from "../format.js";
import { search } from "../search.js";
import { profile } from "../profile.js";
import { structure } from "../structure.js";
import { card, trust } from "../trust.js";
import { askOfPair } from "../why.js";

export const title = "Drug";

/** @type {import("../app.js").View} */
export async function view({ place, query, go }) {
  const finder = search({ id: "drug-search", label: "Drug", path: "drugs", value: place[1] || "" });
  if (!place[1]) return [html("h1", {}, "A drug"), finder, html("p", {}, "Any id, name or synonym, for example ", linkTo("drug", "Trametinib"), ".")];
  const path = `drugs/${encoded(place[1])}/cell-lines?k=100000`;
  const [answer, all, known, model] = await Promise.all([get(path), drugs(), lines(), card()]);
  const drug = all.get(answer.drug.id);
  const threshold = drug.threshold_ln_um;
  return [
    html("h1", {}, drug.name),
    html("div", { class: "beside" },
      drug.smiles ? structure(`drugs/${encoded(drug.id)}/structure.svg`, drug.name) : html("p", { class: "hint" }, "The bundle holds no structure."),
      html("dl", {},
        fact("Targets", drug.targets.join(", ") || "not known"),
        fact("Pathway", words(drug.pathway)),
        fact("Also called", drug.synonyms.slice(0, 6).join(", ") || "–"),
        fact("PubChem", drug.pubchem_cid || "–"),
        fact("Counts as sensitive below", threshold === null ? "–" : concentration(Math.exp(threshold))),
      )),
    finder,
    ...answer.warnings.map((/** @type {string} */ text) => html("p", { class: "doubtful" }, text)),
    trust(model, "known"),
    ...profile({ name: drug.name, rows: answer.cell_lines, lines: known, threshold, query, go, ask: askOfPair, command: `curl ${quoted(`SERVICE/drugs/${encoded(place[1])}/cell-lines?k=20`)}` }),
  ];
}

/** @param {string} name @param {string} value */
const fact = (name, value) => html("div", {}, html("dt", {}, name), html("dd", {}, value));
