/** My sample: tables dropped or pasted, what was read of them, ranked drugs, a heat map. */

import { drugs, request } from "../api.js";
import { heatMap } from "../charts/heatmap.js";
import { select } from "../controls.js";
import { curlLine, quoted } from "../download.js";
import { drugList } from "../drug_list.js";
import { announce, fault, html, linkTo } from "../elements.js";
import { words } from "../format.js";
import { card, knownBy, trust } from "../trust.js";

export const title = "My sample";

/** @type {Record<string, {name: string, units: string[], example: string}>} */
const KINDS = {
  expression: { name: "Expression (RNA-seq)", units: ["log2(TPM+1)", "TPM"], example: "gene,mine\nTP53,4.1\nKRAS,5.3\n… at least 5 % of the genes that the model reads (of an array, and for HGACL-DRP and DiM2-DRP, 40 %)" },
  mutation: { name: "Mutations (MAF, 0/1 or yes/no)", units: [], example: "Tumor_Sample_Barcode,Hugo_Symbol\nmine,BRAF\nmine,CDKN2A" },
  copy_number: { name: "Copy number", units: ["log2 ratio", "ratio", "log2(ratio+1)", "absolute", "GISTIC"], example: "gene,mine\nMYC,0.8\nCDKN2A,-1.2\n… at least 40 % of the genes that the model reads" },
};
const HEAT_DRUGS = 24;

/** @typedef {{name: string, form: FormData, answer: any}} Read */

/** What was read last: it stays in this tab, so that changing what is shown asks nothing again. @type {Read | null} */
let last = null;

/** @type {import("../app.js").View} */
export async function view({ query, go }) {
  const result = html("div", { id: "result" });
  const show = async (/** @type {FormData} */ form, /** @type {string} */ name, /** @type {string} */ hash) => {
    if (location.hash !== hash) history.replaceState(null, "", hash); // what is shown is not the example of the address
    result.replaceChildren(html("p", { class: "hint", role: "status" }, `Reading ${name} …`));
    try {
      last = { name, form, answer: await ask(form) };
      result.replaceChildren(...(await shown(last, query, go)));
      announce(`${name} was read`);
    } catch (refusal) {
      last = null;
      result.replaceChildren(fault("The table was not read", html("p", {}, /** @type {Error} */ (refusal).message)));
    }
  };
  const parts = [
    html("h1", {}, "My sample"),
    html("p", {}, "One sample or many: genes across or down, symbols or identifiers. Nothing is stored on the server, so a link to this page does not bring your table along."),
    input((form, name) => show(form, name, "#/sample")),
    result,
  ];
  if (query.get("example") && !last) {
    const [mutation, about] = await Promise.all(["example_mutations.tsv", "example_samples.tsv"].map(fetched));
    await show(formOf("mutation", mutation, "", about), "the example (made up)", location.hash);
  } else if (last) {
    result.replaceChildren(...(await shown(last, query, go)));
  }
  return parts;
}

/** @param {FormData} form @param {Record<string, string>} [fields] @returns {Promise<any>} the answer of /predict/table */
async function ask(form, fields = {}) {
  const body = new FormData();
  for (const [name, value] of [...form, ...Object.entries(fields)]) body.append(name, value);
  return (await request("predict/table", { method: "POST", body, headers: { accept: "application/json" } })).json();
}

/** @param {string} name of a file of the page */
const fetched = async (name) => new File([await (await request(`page/${name}`)).text()], name);

/** @param {string} kind @param {File} file @param {string} [unit] @param {File} [about] tissues of the samples */
function formOf(kind, file, unit, about) {
  const form = new FormData();
  form.append(kind, file);
  if (about) form.append("samples", about);
  if (unit) form.append(`${kind}_unit`, unit);
  return form;
}

/** @param {(form: FormData, name: string) => void} show */
function input(show) {
  const chosen = () => {
    const { units } = KINDS[kind.value];
    unit.replaceChildren(...units.map((one) => html("option", { value: one }, one)));
    unit.disabled = !units.length;
    text.placeholder = KINDS[kind.value].example;
  };
  const kind = /** @type {HTMLSelectElement} */ (html("select", { id: "kind", change: chosen }, Object.entries(KINDS).map(([key, { name }]) => html("option", { value: key }, name))));
  const unit = /** @type {HTMLSelectElement} */ (html("select", { id: "unit" }));
  const text = /** @type {HTMLTextAreaElement} */ (html("textarea", { id: "pasted", rows: 5, placeholder: KINDS.expression.example }));
  const about = /** @type {HTMLInputElement} */ (html("input", { id: "about", type: "file" }));
  const send = (/** @type {File} */ file) => show(formOf(kind.value, file, unit.value, about.files?.[0]), file.name);
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
      html("label", { for: "unit" }, "Unit", unit),
      html("label", { for: "about" }, "Tissues, if known: a table of name and tissue", about)),
    html("label", { for: "file" }, "A file, or drop one here", html("input", { id: "file", type: "file", change: picked })),
    html("label", { for: "pasted" }, "or paste it", text),
    html("button", { type: "submit" }, "Rank drugs for the pasted table"), " ",
    html("a", { href: "#/sample?example=1", click: () => { last = null; } }, "Load the example"),
  );
  chosen();
  return area;
}

/**
 * @param {Read} read
 * @param {URLSearchParams} query
 * @param {(changes: Record<string, string | null>) => void} go
 */
async function shown({ name, form, answer }, query, go) {
  const [all, model] = await Promise.all([drugs(), card(answer.model)]);
  /** @type {Map<string, any[]>} */
  const bySample = new Map();
  for (const row of answer.predictions) bySample.set(row.cell_line.name, [...(bySample.get(row.cell_line.name) || []), row]);
  const names = [...bySample.keys()];
  const sample = bySample.has(query.get("sample") || "") ? /** @type {string} */ (query.get("sample")) : names[0];
  const rows = [.../** @type {any[]} */ (bySample.get(sample))].sort((a, b) => b.score - a.score);
  const options = names.map((one) => /** @type {[string, string]} */ ([one, one]));
  const [kind, file] = /** @type {[string, File]} */ ([...form].find(([, value]) => value instanceof File));
  const about = /** @type {File | null} */ (form.get("samples"));
  const unit = (form.has(`${kind}_unit`) ? ` -F ${kind}_unit=${quoted(String(form.get(`${kind}_unit`)))}` : "") + (about ? ` -F samples=${quoted(`@${about.name}`)}` : "");
  return [
    html("h2", {}, `${names.length} ${names.length === 1 ? "sample" : "samples"} of ${name}`),
    read(answer, sample),
    nearest(rows[0]),
    trust(model, rows[0].case, { inDomain: rows[0].in_domain, among: "drugs", known: knownBy(answer.samples[sample]) }),
    ...drugList({
      name: sample, rows, drugs: all, query, go, usualOrder: "percentile",
      first: names.length > 1 && select({ id: "which", label: "Sample", value: sample, options, choose: (value) => go({ sample: value }) }),
      ask: (row) => ask(form, { detail: "explain", only: sample, drugs: row.drug.id || row.drug.name }),
    }),
    names.length > 1 && heat(names, bySample, (one) => go({ sample: one })),
    curlLine(`${query.get("example") ? "curl -O SERVICE/page/example_mutations.tsv -O SERVICE/page/example_samples.tsv\n" : ""}curl SERVICE/predict/table -F ${kind}=${quoted(`@${file.name}`)}${unit} -F top_k=20 -F order=${query.get("order") || "percentile"} -H 'accept: text/csv'`),
  ].filter((part) => part instanceof Node);
}

/** What of the sample's tables was read, in words. @param {any} answer @param {string} sample */
function read(answer, sample) {
  const counts = Object.entries(answer.samples[sample] || {});
  return html(
    "div",
    { class: "read" },
    html("ul", {}, counts.map(([table, one]) => html("li", {}, `${words(table)}: ${one.known} of the ${one.known + one.missing} genes that the model reads${leftAside(one.unknown)}.`, one.unread.length > 0 && ` Not recognised: ${one.unread.slice(0, 8).join(", ")}${one.unread.length > 8 ? ", …" : ""}.`, one.notes.map((/** @type {string} */ note) => ` ${note}.`)))),
    answer.refused.length > 0 && html("ul", { class: "doubtful" }, answer.refused.map((/** @type {any} */ one) => html("li", {}, `${one.name} was not read: ${one.detail}`))),
    answer.warnings.length > 0 && html("ul", { class: "doubtful" }, answer.warnings.map((/** @type {string} */ text) => html("li", {}, text))),
  );
}

/** @param {number} count of genes */
const leftAside = (count) => (count ? `; ${count} ${count === 1 ? "other was" : "others were"} left aside` : "");

/** @param {any} row */
function nearest(row) {
  const line = row.nearest?.cell_line;
  return line && html("p", {}, "Nearest line: ", linkTo("line", line.name), ` (similarity ${line.similarity.toFixed(2)}). `, html("a", { href: `#/map?near=${encodeURIComponent(line.id)}` }, "Show it on the map"));
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
