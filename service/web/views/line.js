/** A cell line: its drugs ranked, filtered, and why. */

import { drugs, encoded, get, lines } from "../api.js";
import { curlLine, quoted } from "../download.js";
import { drugList } from "../drug_list.js";
import { html, linkTo } from "../elements.js";
import { words } from "../format.js";
import { search } from "../search.js";
import { card, trust } from "../trust.js";
import { askOfPair } from "../why.js";

export const title = "Cell line";

/** @type {import("../app.js").View} */
export async function view({ place, query, go }) {
  const finder = search({ id: "line-search", label: "Cell line", path: "cell-lines", value: place[1] || "" });
  if (!place[1]) return [html("h1", {}, "A cell line"), finder, html("p", {}, "Any id, name or synonym, for example ", linkTo("line", "A549"), ".")];
  const path = `rank/${encoded(place[1])}`;
  const [answer, all, known, model] = await Promise.all([get(`${path}?k=10000`), drugs(), lines(), card()]);
  const line = known.get(answer.cell_line.id);
  const asked = new URLSearchParams({ k: query.get("k") || "20" });
  for (const name of ["order", "pathway", "target"]) if (query.get(name)) asked.set(name, query.get(name) || "");
  return [
    html("h1", {}, line.name),
    html("p", { class: "facts" }, [words(line.tissue), line.cancer_type, line.depmap_id, line.sanger_model_id, line.cellosaurus_id].filter(Boolean).join(" · ")),
    finder,
    answer.warnings.map((/** @type {string} */ text) => html("p", { class: "doubtful" }, text)),
    trust(model, "known", { among: "drugs" }),
    drugList({ name: line.name, rows: answer.drugs, drugs: all, query, go, usualOrder: "score", ask: askOfPair }),
    curlLine(`curl ${quoted(`SERVICE/${path}?${asked}`)}`),
  ].flat();
}
