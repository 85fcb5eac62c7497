/** The map: all lines or all drugs in two dimensions, near where the model holds them alike. */

import { drugs, encoded, get, lines } from "../api.js";
import { scatterChart } from "../charts/scatter.js";
import { colouring } from "../colours.js";
import { choices, controls, select } from "../controls.js";
import { curlLine, quoted, saveCsv } from "../download.js";
import { addressOf, html } from "../elements.js";
import { percent, words } from "../format.js";

export const title = "Map";

/** @type {import("../app.js").View} */
export async function view({ query, go }) {
  const side = query.get("of") === "drugs" ? "drugs" : "lines";
  const [map, all, known] = await Promise.all([get("map", { keep: true }), drugs(), lines()]);
  const drug = side === "lines" ? query.get("drug") || "" : "";
  const answer = drug ? await get(`drugs/${encoded(drug)}/cell-lines?k=100000`) : null;
  const chance = new Map((answer?.cell_lines || []).map((/** @type {any} */ row) => [row.cell_line.id, row.probability]));
  const rows = side === "drugs" ? all : known;
  const byTarget = query.get("by") === "target";
  const group = (/** @type {any} */ row) => (side === "lines" ? row.tissue : byTarget ? row.targets[0] : row.pathway);
  const colours = colouring([...rows.values()].map(group));
  const near = (query.get("near") || "").split(",");
  const points = map[side === "drugs" ? "drugs" : "cell_lines"].map((/** @type {any} */ point) => {
    const row = rows.get(point.id);
    const probability = chance.get(point.id);
    return {
      x: point.x, y: point.y,
      style: drug ? "c1" : colours.of(group(row)),
      opacity: probability === undefined ? undefined : 0.08 + 0.92 * probability,
      large: near.includes(point.id),
      text: `${row.name}: ${words(group(row))}${probability === undefined ? "" : `, probability ${percent(probability)}`}`,
      choose: () => { location.hash = addressOf(side === "drugs" ? "drug" : "line", row.name); },
    };
  });
  const save = () => saveCsv(
    ["id", "name", "x", "y", side === "lines" ? "tissue" : byTarget ? "target" : "pathway", "probability"],
    map[side === "drugs" ? "drugs" : "cell_lines"].map((/** @type {any} */ { id, x, y }) => [id, rows.get(id).name, x, y, group(rows.get(id)), chance.get(id)]),
    `map-${side}`,
  );
  const names = [...all.values()].map((one) => one.name).sort((a, b) => a.localeCompare(b));
  return [
    html("h1", {}, "Map"),
    controls(
      select({ id: "of", label: "Show", value: side, options: [["lines", "cell lines"], ["drugs", "drugs"]], choose: (value) => go({ of: value, drug: null, near: null, by: null }) }),
      side === "lines" && select({ id: "drug", label: "Colour by", value: drug, options: choices(names, "tissue"), choose: (value) => go({ drug: value }) }),
      side === "drugs" && select({ id: "by", label: "Colour by", value: byTarget ? "target" : "pathway", options: [["pathway", "pathway"], ["target", "first target"]], choose: (value) => go({ by: value }) }),
    ),
    scatterChart({
      title: side === "drugs" ? "Drugs" : drug ? `Cell lines by their response to ${drug}` : "Cell lines by tissue",
      name: `map-${side}`, legend: drug ? [] : colours.legend, points,
      note: `${map.method} ${drug ? "The stronger the colour, the higher the probability of sensitivity. " : ""}Only nearness means something; the axes do not. Choose a point to open it.`,
    }),
    html("button", { type: "button", click: save }, "CSV of this map"),
    curlLine(drug ? `curl ${quoted(`SERVICE/drugs/${encoded(drug)}/cell-lines?k=100000`)}` : "curl SERVICE/map"),
  ];
}
