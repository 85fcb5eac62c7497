/** The first view: three ways in. */

import { html } from "../elements.js";
import { search } from "../search.js";

export const title = "Start";

/** @type {import("../app.js").View} */
export async function view() {
  return [
    html("section", { class: "start" },
      html("h1", {}, "Which drugs will this cancer cell line, this sample, respond to?"),
      html("p", {}, "Look up a cell line or a drug, or bring a sample or a compound of your own. Every answer says how sure it is and what it rests on."),
      html("div", { class: "cards" },
        html("section", { class: "panel" }, html("h2", {}, "A cell line"),
          search({ id: "start-line", label: "Name or id of a line", path: "cell-lines", choose: (row) => { location.hash = `#/line/${encodeURIComponent(row.name)}`; } }),
          html("p", {}, "For example ", html("a", { href: "#/line/A549" }, "A549"), " or ", html("a", { href: "#/line/SK-MEL-28" }, "SK-MEL-28"), ".")),
        html("section", { class: "panel" }, html("h2", {}, "A drug"),
          search({ id: "start-drug", label: "Name or id of a drug", path: "drugs", choose: (row) => { location.hash = `#/drug/${encodeURIComponent(row.name)}`; } }),
          html("p", {}, "For example ", html("a", { href: "#/drug/Trametinib" }, "Trametinib"), " or ", html("a", { href: "#/drug/Dabrafenib" }, "Dabrafenib"), ".")),
        html("section", { class: "panel" }, html("h2", {}, "My own"),
          html("p", {}, html("a", { href: "#/sample" }, "A sample"), ": a table of expression, mutations or copy number."),
          html("p", {}, html("a", { href: "#/compound" }, "A compound"), ": a SMILES."),
          html("p", {}, html("a", { href: "#/sample?example=1" }, "Try the example sample"))),
      )),
  ];
}
