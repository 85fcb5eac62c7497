/** My sample: tables dropped or pasted, what was read of them, ranked drugs, a heat map. */

import { drugs, request } from "../api.js";
import { heatMap } from "../charts/heatmap.js";
import { rankingChart } from "../charts/ranking.js";
import { colouring } from "../colours.js";
import { select } from "../controls.js";
import { announce, html } from "../elements.js";
import { words } from "../format.js";
import { measureOf, MEASURES, ordered, ORDERS } from "../measure.js";
import { predictionTable } from "../table.js";
import { card, trust } from "../trust.js";

export const title = "My sample";

const KINDS = { expression: "Expression", mutation: "Mutations", copy_number: "Copy number" };
const SHOWN = 20;
const HEAT_DRUGS = 24;

/** What was read last: it stays in this tab, so that changing what is shown asks nothing again. @type {{name: string, answer: any} | null} */
let last = null;

/** @type {import("../app.js").View} */
export async function view({ query, go }) {
  const result = html("div", { id: "result" });
  const show = async (/** @type {FormData} */ form, /** @type {string} */ name) => {
    result.replaceChildren(html("p", { class: "hint", role: "status" }, `Reading ${name} …`));
    try {
      last = { name, answer: await (await request("predict/table", { method: "POST", body: form, headers: { accept: "application/json" } })).json() };
      result.replaceChildren(...(await shown(last, query, go)));
      announce(`${name} was read`);
    } catch (fault) {
      last = null;
      result.replaceChildren(html("section", { class: "fault", role: "alert" }, html("h2", {}, "The table was not read"), html("p", {}, /** @type {Error} */ (fault).message)));
    }
  };
  const parts = [
    html("h1", {}, "My sample"),
    html("p", {}, "One sample or many: genes across or down, symbols or identifiers. Nothing is stored on the server; the table is answered and forgotten."),
    input(show),
    result,
  ];
  if (query.get("example") && !last) {
    const text = await (await request("page/example_mutations.tsv")).text();
    await show(formOf("mutation", new File([text], "example.tsv")), "the example (made up)");
  } else if (last) {
    result.replaceChildren(...(await shown(last, query, go)));
  }
  return parts;
}

/** @param {string} kind @param {File} file @param {string} [unit] */
function formOf(kind, file, unit) {
  const form = new FormData();
  form.append(kind, file);
  if (unit && kind === "expression") form.append("expression_unit", unit);
  return form;
}

/** @param {(form: FormData, name: string) => void} show */
function input(show) {
  const kind = /** @type {HTMLSelectElement} */ (html("select", { id: "kind" }, Object.entries(KINDS).map(([key, text]) => html("option", { value: key }, text))));
  const unit = /** @type {HTMLSelectElement} */ (html("select", { id: "unit" }, ["log2(TPM+1)", "TPM"].map((text) => html("option", { value: text }, text))));
  const text = /** @type {HTMLTextAreaElement} */ (html("textarea", { id: "pasted", rows: 5, placeholder: "sample,TP53,KRAS,BRAF\nmine,1,0,1" }));
  const send = (/** @type {File} */ file) => show(formOf(kind.value, file, unit.value), file.name);
  const picked = (/** @type {Event} */ event) => {
    const file = /** @type {HTMLInputElement} */ (event.target).files?.[0];
    if (file) send(file);
  };
  const area = html(
    "form",
    {
      class: "panel drop",
      submit: (/** @type {Event} */ event) => {
        event.preventDefault();
        if (text.value.trim()) send(new File([text.value], "pasted.csv"));
        else announce("Paste a table first");
      },
      dragover: (/** @type {DragEvent} */ event) => { event.preventDefault(); area.classList.add("over"); },
      dragleave: () => area.classList.remove("over"),
      drop: (/** @type {DragEvent} */ event) => {
        event.preventDefault();
        area.classList.remove("over");
        const file = event.dataTransfer?.files[0];
        if (file) send(file);
      },
    },
    html("div", { class: "controls" },
      html("label", { for: "kind" }, "What the table holds", kind),
      html("label", { for: "unit" }, "Unit of expression", unit)),
    html("label", { for: "file" }, "A file, or drop one here", html("input", { id: "file", type: "file", change: picked })),
    html("label", { for: "pasted" }, "or paste it", text),
    html("button", { type: "submit" }, "Rank drugs for the pasted table"), " ",
    html("a", { href: "#/sample?example=1", click: () => { last = null; } }, "Load the example"),
  );
  return area;
}

/**
 * @param {{name: string, answer: any}} read
 * @param {URLSearchParams} query
 * @param {(changes: Record<string, string | null>) => void} go
 */
async function shown({ name, answer }, query, go) {
  const [all, model] = await Promise.all([drugs(), card(answer.model)]);
  /** @type {Map<string, any[]>} */
  const bySample = new Map();
  for (const row of answer.predictions) bySample.set(row.cell_line.name, [...(bySample.get(row.cell_line.name) || []), row]);
  const names = [...bySample.keys()];
  const sample = bySample.has(query.get("sample") || "") ? /** @type {string} */ (query.get("sample")) : names[0];
  const order = query.get("order") || "percentile";
  const rows = ordered([.../** @type {any[]} */ (bySample.get(sample))].sort((a, b) => b.score - a.score), order);
  const top = rows.slice(0, SHOWN);
  const measure = measureOf(query.get("by"));
  const colours = colouring(top.map((row) => all.get(row.drug.id)?.pathway));
  const options = /** @type {(names: string[]) => [string, string][]} */ ((list) => list.map((one) => [one, one]));
  return [
    html("h2", {}, `${names.length} ${names.length === 1 ? "sample" : "samples"} of ${name}`),
    read(answer, sample),
    trust(model, rows[0].case, { inDomain: rows[0].in_domain, among: "drugs" }),
    html("form", { class: "controls", "aria-label": "What to show", submit: (/** @type {Event} */ event) => event.preventDefault() },
      select({ id: "which", label: "Sample", value: sample, options: options(names), choose: (value) => go({ sample: value }) }),
      select({ id: "by", label: "Show", value: query.get("by") || "probability", options: Object.entries(MEASURES).map(([key, one]) => [key, one.name]), choose: (by) => go({ by }) }),
      select({ id: "order", label: "Order by", value: order, options: Object.entries(ORDERS), choose: (value) => go({ order: value }) }),
    ),
    rankingChart({
      title: `Drugs for ${sample}`, name: `${sample}-drugs`, label: measure.label, domain: measure.domain, legend: colours.legend,
      marks: top.map((row) => ({ name: row.drug.name, value: measure.value(row) ?? 0, interval: measure.interval?.(row), style: colours.of(all.get(row.drug.id)?.pathway), text: `${row.drug.name}: ${measure.text(row)}; ${words(all.get(row.drug.id)?.pathway)}`, doubtful: row.in_domain === false })),
    }),
    names.length > 1 && heat(names, bySample, (one) => go({ sample: one })),
    nearest(rows[0]),
    predictionTable({ caption: `The first ${top.length} of ${rows.length} drugs for ${sample}`, name: `${sample}-drugs`, rows: top, of: "drug", moreName: "Targets", more: (row) => (all.get(row.drug.id || "")?.targets || []).join(", ") }),
  ];
}

/** What of the sample's tables was read, in words. @param {any} answer @param {string} sample */
function read(answer, sample) {
  const counts = Object.entries(answer.samples[sample] || {});
  return html(
    "div",
    { class: "read" },
    html("ul", {}, counts.map(([table, one]) => html("li", {}, `${words(table)}: ${one.known} genes read, ${one.missing} that the model reads were not given${one.unknown ? `, ${one.unknown} it does not read were left aside` : ""}.`, one.unread.length > 0 && ` Not recognised: ${one.unread.slice(0, 8).join(", ")}${one.unread.length > 8 ? ", …" : ""}.`, one.notes.map((/** @type {string} */ note) => ` ${note}.`)))),
    answer.warnings.length > 0 && html("ul", { class: "doubtful" }, answer.warnings.map((/** @type {string} */ text) => html("li", {}, text))),
  );
}

/** @param {any} row */
function nearest(row) {
  const line = row.nearest?.cell_line;
  return line && html("p", {}, "Nearest line: ", html("a", { href: `#/line/${encodeURIComponent(line.name)}` }, line.name), ` (similarity ${line.similarity.toFixed(2)}). `, html("a", { href: `#/map?near=${encodeURIComponent(line.id)}` }, "Show it on the map"));
}

/**
 * The drugs that some sample has among its best, by percentile: by score broadly toxic drugs would fill the map.
 * @param {string[]} names
 * @param {Map<string, any[]>} bySample
 * @param {(sample: string) => void} choose
 */
function heat(names, bySample, choose) {
  const found = names.map((name) => new Map((bySample.get(name) || []).map((row) => [row.drug.name, row])));
  const bests = new Map();
  for (const rows of found) for (const [drug, row] of rows) bests.set(drug, Math.max(bests.get(drug) ?? 0, row.percentile));
  const columns = [...bests].sort((a, b) => b[1] - a[1]).slice(0, HEAT_DRUGS).map(([drug]) => drug).sort();
  const at = (/** @type {number} */ i, /** @type {number} */ j) => found[i].get(columns[j]);
  return heatMap({
    title: "Samples and drugs", name: "samples-drugs", rows: names, columns,
    value: (i, j) => at(i, j).probability,
    text: (i, j) => `${names[i]}, ${columns[j]}: probability ${at(i, j).probability.toFixed(3)}, percentile ${at(i, j).percentile.toFixed(0)}`,
    choose: (i) => choose(names[i]),
  });
}
