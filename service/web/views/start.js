/** The first view: the ways in, and how far answers may be trusted. */

import { get } from "../api.js";
import { html, linkTo } from "../elements.js";
import { search } from "../search.js";
import { card, rightTimes } from "../trust.js";

export const title = "Start";

/** @type {import("../app.js").View} */
export async function view() {
  const [model, { dataset }] = await Promise.all([card(), get("models", { keep: true })]);
  const smiles = /** @type {HTMLInputElement} */ (html("input", { id: "start-smiles", type: "text", required: true, spellcheck: "false", autocomplete: "off" }));
  const rank = (/** @type {Event} */ event) => {
    event.preventDefault();
    location.hash = `#/compound?smiles=${encodeURIComponent(smiles.value.trim())}`;
  };
  const sure = Object.entries({ known: "a line and a drug of the training data", unseen_line: "your sample, with all its tables", unseen_drug: "your compound", unseen_both: "your compound on your sample" })
    .flatMap(([kind, text]) => {
      const times = rightTimes(model, /** @type {import("../trust.js").Case} */ (kind));
      return times === null ? [] : [html("li", {}, html("b", {}, `${times} times in 100`), ` for ${text}`)];
    });
  const counts = dataset.counts || {};
  return [
    html("h1", {}, "Which drugs will this cancer cell line, this sample, respond to?"),
    html("p", {}, `Learnt from ${Number(counts.measured || 0).toLocaleString("en")} measured responses of ${counts.cell_lines} cancer cell lines to ${counts.drugs} drugs. Every answer says how sure it is and what it rests on.`),
    html("div", { class: "cards" },
      html("section", { class: "panel" }, html("h2", {}, "A cell line"),
        search({ id: "start-line", label: "Name or id of a line", path: "cell-lines" }),
        html("p", {}, "For example ", linkTo("line", "A549"), " or ", linkTo("line", "SK-MEL-28"), ".")),
      html("section", { class: "panel" }, html("h2", {}, "A drug"),
        search({ id: "start-drug", label: "Name or id of a drug", path: "drugs" }),
        html("p", {}, "For example ", linkTo("drug", "Trametinib"), " or ", linkTo("drug", "Dabrafenib"), ".")),
      html("section", { class: "panel" }, html("h2", {}, "My sample"),
        html("p", {}, html("a", { href: "#/sample" }, "Drop or paste a table"), " of expression, mutations or copy number."),
        html("p", {}, "Or ", html("a", { href: "#/sample?example=1" }, "try the example"), ".")),
      html("form", { class: "panel", submit: rank }, html("h2", {}, "My compound"),
        html("label", { for: "start-smiles" }, "SMILES or InChI", smiles),
        html("button", { type: "submit" }, "Rank lines")),
    ),
    sure.length > 0 && html("section", {}, html("h2", {}, "How sure is it?"),
      html("p", {}, "Of two lines, one sensitive to a drug and one not, the right one comes first"), html("ul", {}, sure),
      html("p", {}, "measured on data that training never saw. By chance it would be 50. ", html("a", { href: "#/model" }, "All figures"))),
  ];
}
