/** A cell line: its drugs ranked, filtered, and why. */

import { drugs, encoded, get, lines } from "../api.js";
import { rankingChart } from "../charts/ranking.js";
import { colouring } from "../colours.js";
import { choices, distinct, select } from "../controls.js";
import { curlLine, quoted } from "../download.js";
import { announce, html } from "../elements.js";
import { words } from "../format.js";
import { measureOf, MEASURES, ordered, ORDERS } from "../measure.js";
import { search } from "../search.js";
import { predictionTable } from "../table.js";
import { card, trust } from "../trust.js";
import { why } from "../why.js";

export const title = "Cell line";

/** @type {import("../app.js").View} */
export async function view({ place, query, go }) {
  const finder = search({ id: "line-search", label: "Cell line", path: "cell-lines", value: place[1] || "", choose: (row) => { location.hash = `#/line/${encodeURIComponent(row.name)}`; } });
  if (!place[1]) return [html("h1", {}, "A cell line"), finder, html("p", {}, "Any id, name or synonym, for example ", html("a", { href: "#/line/A549" }, "A549"), ".")];
  const path = `rank/${encoded(place[1])}?k=10000`;
  const [answer, all, known, model] = await Promise.all([get(path), drugs(), lines(), card()]);
  const line = known.get(answer.cell_line.id);
  const [pathway, target] = [query.get("pathway") || "", query.get("target") || ""];
  const fits = (/** @type {any} */ drug) => (!pathway || drug.pathway === pathway) && (!target || drug.targets.includes(target));
  const rows = ordered(answer.drugs.filter((/** @type {any} */ row) => fits(all.get(row.drug.id))), query.get("order"));
  const shown = rows.slice(0, Number(query.get("k")) || 20);
  const measure = measureOf(query.get("by"));
  const why_place = html("div", { id: "why" });
  const explain = async (/** @type {any} */ row) => {
    const panel = await why({ pairs: [{ cell_line: line.id, drug: row.drug.id }] }, `Why ${row.drug.name} for ${line.name}`);
    why_place.replaceChildren(panel);
    panel.focus();
    announce(`Why ${row.drug.name}`);
  };
  const colours = colouring(shown.map((row) => all.get(row.drug.id).pathway));
  const pathways = distinct([...all.values()].map((drug) => drug.pathway));
  const targets = distinct([...all.values()].flatMap((drug) => drug.targets));
  return [
    html("h1", {}, line.name),
    html("p", { class: "facts" }, [words(line.tissue), line.cancer_type, line.depmap_id, line.sanger_model_id, line.cellosaurus_id].filter(Boolean).join(" · ")),
    finder,
    trust(model, "known", { among: "drugs" }),
    html("form", { class: "controls", "aria-label": "What to show", submit: (/** @type {Event} */ event) => event.preventDefault() },
      select({ id: "by", label: "Show", value: query.get("by") || "probability", options: Object.entries(MEASURES).map(([key, one]) => [key, one.name]), choose: (by) => go({ by }) }),
      select({ id: "order", label: "Order by", value: query.get("order") || "score", options: Object.entries(ORDERS), choose: (order) => go({ order }) }),
      select({ id: "pathway", label: "Pathway", value: pathway, options: choices(pathways, "all"), choose: (value) => go({ pathway: value }) }),
      select({ id: "target", label: "Target", value: target, options: choices(targets, "all"), choose: (value) => go({ target: value }) }),
      select({ id: "k", label: "How many", value: query.get("k") || "20", options: [["10", "10"], ["20", "20"], ["50", "50"], ["10000", "all"]], choose: (k) => go({ k }) }),
    ),
    shown.length === 0
      ? html("p", { class: "empty" }, "No drug has this pathway and this target.")
      : rankingChart({
          title: `Drugs for ${line.name}`, name: `${line.name}-drugs`, label: measure.label, domain: measure.domain, legend: colours.legend,
          note: "Choose a row to see what the prediction rests on.",
          marks: shown.map((row) => ({ name: row.drug.name, value: measure.value(row) ?? 0, interval: measure.interval?.(row), style: colours.of(all.get(row.drug.id).pathway), text: `${row.drug.name}: ${measure.text(row)}; ${words(all.get(row.drug.id).pathway)}`, doubtful: row.in_domain === false, choose: () => explain(row) })),
        }),
    why_place,
    predictionTable({ caption: `${shown.length} of ${rows.length} drugs`, name: `${line.name}-drugs`, rows: shown, of: "drug", moreName: "Targets", more: (row) => all.get(row.drug.id).targets.join(", "), choose: explain }),
    curlLine(`curl ${quoted(`SERVICE/rank/${encoded(place[1])}?k=${shown.length}`)}`),
  ];
}
