/** What a drug or a compound does over all lines: strips by tissue, a waterfall, the most and the least sensitive. */

import { rankingChart } from "./charts/ranking.js";
import { stripChart } from "./charts/strip.js";
import { waterfallChart } from "./charts/waterfall.js";
import { choices, controls, distinct, select } from "./controls.js";
import { curlLine } from "./download.js";
import { addressOf } from "./elements.js";
import { words } from "./format.js";
import { mark, measures } from "./measure.js";
import { predictionTable } from "./table.js";
import { explanations } from "./why.js";

const ENDS = 10;

/**
 * @param {{name: string, rows: import("./table.js").Prediction[], lines: Map<string, any>, threshold: number | null, query: URLSearchParams,
 *   go: (changes: Record<string, string | null>) => void, ask: (row: import("./table.js").Prediction) => Promise<any>, command: string}} options
 */
export function profile({ name, rows, lines, threshold, query, go, ask, command }) {
  const tissueOf = (/** @type {any} */ row) => lines.get(row.cell_line.id)?.tissue || "not known";
  const tissue = query.get("tissue") || "";
  const chosen = rows.filter((row) => !tissue || tissueOf(row) === tissue);
  const { name: by, measure, names } = measures(query.get("by"), rows);
  const visit = (/** @type {any} */ row) => () => { location.hash = addressOf("line", row.cell_line.name); };
  const { place, open } = explanations(ask);
  const text = (/** @type {any} */ row) => `${row.cell_line.name} (${words(tissueOf(row))}): ${measure.text(row)}`;
  const regressed = rows.every((row) => row.ln_ic50 !== null);
  const more = { choose: open, moreName: "Tissue", more: (/** @type {any} */ row) => words(tissueOf(row)), of: /** @type {"cell_line"} */ ("cell_line") };
  return [
    controls(
      select({ id: "by", label: "Show", value: by, options: names, choose: (value) => go({ by: value }) }),
      select({ id: "tissue", label: "Tissue", value: tissue, options: choices(distinct(rows.map(tissueOf)), "all"), choose: (value) => go({ tissue: value }) }),
    ),
    stripChart({
      title: `Response to ${name} by tissue`, name: `${name}-tissues`, label: measure.label, domain: measure.domain, log: measure.log,
      dots: chosen.map((row) => ({ group: tissueOf(row), value: measure.value(row) ?? 0, text: text(row), choose: visit(row) })),
    }),
    rankingChart({
      title: `The lines most sensitive to ${name}`, name: `${name}-lines`, label: measure.label, domain: measure.domain, log: measure.log,
      note: "Choose a row to see what the prediction rests on.",
      marks: chosen.slice(0, ENDS).map((row) => mark(row, "cell_line", measure, { style: "c1", group: words(tissueOf(row)), choose: () => open(row) })),
    }),
    place,
    regressed && waterfallChart({
      title: `All lines under ${name}`, name: `${name}-waterfall`, label: "predicted IC50", base: threshold ?? 0, threshold: threshold !== null,
      bars: chosen.map((row) => ({ value: /** @type {number} */ (row.ln_ic50), text: text(row), choose: visit(row) })),
    }),
    predictionTable({ caption: `The ${Math.min(ENDS, chosen.length)} most sensitive lines`, name: `${name}-most-sensitive`, rows: chosen.slice(0, ENDS), ...more }),
    chosen.length > ENDS && predictionTable({ caption: `The ${ENDS} least sensitive lines, the least last`, name: `${name}-least-sensitive`, rows: chosen.slice(-ENDS), ...more }),
    curlLine(command),
  ];
}
