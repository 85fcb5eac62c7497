/** What a drug or a compound does over all lines: strips by tissue, a waterfall, the most and the least sensitive. */

import { rankingChart } from "./charts/ranking.js";
import { stripChart } from "./charts/strip.js";
import { waterfallChart } from "./charts/waterfall.js";
import { choices, distinct, select } from "./controls.js";
import { curlLine, quoted } from "./download.js";
import { html } from "./elements.js";
import { words } from "./format.js";
import { measureOf, MEASURES } from "./measure.js";
import { predictionTable } from "./table.js";

const ENDS = 10;

/**
 * @param {{name: string, rows: import("./table.js").Prediction[], lines: Map<string, any>, threshold: number | null, query: URLSearchParams,
 *   go: (changes: Record<string, string | null>) => void, command: string, curl?: string}} options
 */
export function profile({ name, rows, lines, threshold, query, go, command, curl }) {
  const tissueOf = (/** @type {any} */ row) => lines.get(row.cell_line.id)?.tissue || "not known";
  const tissue = query.get("tissue") || "";
  const chosen = rows.filter((row) => !tissue || tissueOf(row) === tissue);
  const measure = measureOf(query.get("by"));
  const open = (/** @type {any} */ row) => () => { location.hash = `#/line/${encodeURIComponent(row.cell_line.name)}`; };
  const text = (/** @type {any} */ row) => `${row.cell_line.name} (${words(tissueOf(row))}): ${measure.text(row)}`;
  const regressed = rows.every((row) => row.ln_ic50 !== null);
  const more = { moreName: "Tissue", more: (/** @type {any} */ row) => words(tissueOf(row)), of: /** @type {"cell_line"} */ ("cell_line") };
  return [
    html("form", { class: "controls", "aria-label": "What to show", submit: (/** @type {Event} */ event) => event.preventDefault() },
      select({ id: "by", label: "Show", value: query.get("by") || "probability", options: Object.entries(MEASURES).map(([key, one]) => [key, one.name]), choose: (by) => go({ by }) }),
      select({ id: "tissue", label: "Tissue", value: tissue, options: choices(distinct(rows.map(tissueOf)), "all"), choose: (value) => go({ tissue: value }) }),
    ),
    stripChart({
      title: `${name} by tissue`, name: `${name}-tissues`, label: measure.label, lowFirst: measure === MEASURES.ln_ic50,
      dots: chosen.map((row) => ({ group: tissueOf(row), value: measure.value(row) ?? 0, text: text(row), choose: open(row) })),
    }),
    rankingChart({
      title: `The lines most sensitive to ${name}`, name: `${name}-lines`, label: measure.label, domain: measure.domain,
      marks: chosen.slice(0, ENDS).map((row) => ({ name: row.cell_line.name, value: measure.value(row) ?? 0, interval: measure.interval?.(row), style: "c1", text: text(row), doubtful: row.in_domain === false, choose: open(row) })),
    }),
    regressed && waterfallChart({
      title: `All lines under ${name}`, name: `${name}-waterfall`, label: "ln IC50 (µM)", base: threshold ?? 0, threshold: threshold !== null,
      bars: chosen.map((row) => ({ value: /** @type {number} */ (row.ln_ic50), text: text(row), choose: open(row) })),
    }),
    predictionTable({ caption: `The ${Math.min(ENDS, chosen.length)} most sensitive lines`, name: `${name}-most-sensitive`, rows: chosen.slice(0, ENDS), ...more }),
    chosen.length > ENDS && predictionTable({ caption: `The ${ENDS} least sensitive lines, the least last`, name: `${name}-least-sensitive`, rows: chosen.slice(-ENDS), ...more }),
    curlLine(curl || `curl ${quoted(command)}`),
  ];
}
