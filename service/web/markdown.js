/** The little Markdown that the service writes: headings of second rank, paragraphs, lists and tables. */

import { html } from "./elements.js";

/** @param {string} text of which the title is left out, since a view has its own */
export function elementsOf(text) {
  return text.trim().split("\n\n").filter((block) => !block.startsWith("# ")).map((block) => {
    const lines = block.split("\n");
    if (block.startsWith("## ")) return html("h2", {}, block.slice(3));
    if (block.startsWith("- ")) return html("ul", {}, lines.map((line) => html("li", {}, line.slice(2))));
    if (block.startsWith("| ")) return table(lines.map((line) => line.slice(2, -2).split(" | ")));
    return html("p", {}, block);
  });
}

/** @param {string[][]} rows the second parts the head from the body */
function table([head, , ...rows]) {
  const first = (/** @type {string} */ cell, /** @type {number} */ i) => html(i ? "td" : "th", i ? { class: "number" } : { scope: "row" }, cell);
  return html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": head[0] }, html("table", {},
    html("thead", {}, html("tr", {}, head.map((cell, i) => html("th", { scope: "col", class: i > 0 && "number" }, cell)))),
    html("tbody", {}, rows.map((row) => html("tr", {}, row.map(first))))));
}
