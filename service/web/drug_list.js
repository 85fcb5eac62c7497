/** What a line or a sample should respond to: its drugs as a chart and a table, filtered and ordered, and why. */

import { rankingChart } from "./charts/ranking.js";
import { colouring } from "./colours.js";
import { choices, controls, distinct, select } from "./controls.js";
import { html } from "./elements.js";
import { words } from "./format.js";
import { mark, measures, ordered, ORDERS } from "./measure.js";
import { predictionTable } from "./table.js";
import { explanations } from "./why.js";

/**
 * @param {{name: string, rows: import("./table.js").Prediction[], drugs: Map<string, any>, query: URLSearchParams,
 *   go: (changes: Record<string, string | null>) => void, usualOrder: string, first?: HTMLElement | false,
 *   ask: (row: import("./table.js").Prediction) => Promise<any>}} options
 * `rows` as ranked by score; `first` stands before the controls that every list has
 */
export function drugList({ name, rows, drugs, query, go, usualOrder, first = false, ask }) {
  const drugOf = (/** @type {any} */ row) => drugs.get(row.drug.id);
  const [pathway, target, k] = [query.get("pathway") || "", query.get("target") || "", query.get("k") || "20"];
  const order = query.get("order") || usualOrder;
  const chosen = rows.filter((row) => (!pathway || drugOf(row).pathway === pathway) && (!target || drugOf(row).targets.includes(target)));
  const shown = ordered(chosen, order).slice(0, Number(k));
  const { name: by, measure, names } = measures(query.get("by") || order, rows);
  const colours = colouring(shown.map((row) => drugOf(row).pathway));
  const { place, open } = explanations(ask);
  const all = [...drugs.values()];
  return [
    controls(
      first,
      select({ id: "by", label: "Show", value: by, options: names, choose: (value) => go({ by: value }) }),
      select({ id: "order", label: "Order by", value: order, options: ORDERS.filter(([one]) => one !== "ln_ic50" || names.length === 3), choose: (value) => go({ order: value }) }),
      select({ id: "pathway", label: "Pathway", value: pathway, options: choices(distinct(all.map((drug) => drug.pathway)), "all"), choose: (value) => go({ pathway: value }) }),
      select({ id: "target", label: "Target", value: target, options: choices(distinct(all.flatMap((drug) => drug.targets)), "all"), choose: (value) => go({ target: value }) }),
      select({ id: "k", label: "How many", value: k, options: [["10", "10"], ["20", "20"], ["50", "50"], ["10000", "all"]], choose: (value) => go({ k: value }) }),
    ),
    shown.length === 0
      ? html("p", { class: "empty" }, "No drug has this pathway and this target.")
      : rankingChart({
          title: `Drugs for ${name}`, name: `${name}-drugs`, label: measure.label, domain: measure.domain, log: measure.log, legend: colours.legend,
          note: "Choose a row to see what the prediction rests on.",
          marks: shown.map((row) => mark(row, "drug", measure, { style: colours.of(drugOf(row).pathway), group: words(drugOf(row).pathway), choose: () => open(row) })),
        }),
    place,
    predictionTable({
      caption: `${shown.length} of ${chosen.length} drugs for ${name}`, name: `${name}-drugs`, rows: shown, of: "drug", choose: open,
      moreName: "Targets", more: (row) => drugOf(row).targets.join(", "),
    }),
  ];
}
