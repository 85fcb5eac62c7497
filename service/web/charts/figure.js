/** The frame of every chart: heading, legend, the drawing, what may be downloaded. */

import { html, svg } from "../elements.js";
import { savePng, saveSvg } from "../download.js";

/**
 * @param {{title: string, name: string, width: number, height: number, describe: string,
 *   legend?: {name: string, style: string}[], note?: string}} options
 * @param {...(SVGElement | SVGElement[])} parts
 */
export function figure({ title, name, width, height, describe, legend = [], note = "" }, ...parts) {
  const drawing = /** @type {SVGSVGElement} */ (
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, width, height, role: "group", "aria-label": `${title}. ${describe}`, class: "chart" },
      svg("title", {}, title),
      ...parts,
    )
  );
  return html(
    "figure",
    {},
    html(
      "figcaption",
      {},
      html("strong", {}, title),
      html(
        "span",
        { class: "downloads" },
        html("button", { type: "button", click: () => saveSvg(drawing, name) }, "SVG"),
        html("button", { type: "button", click: () => savePng(drawing, name) }, "PNG"),
      ),
    ),
    legend.length > 1 &&
      html(
        "ul",
        { class: "legend", "aria-label": "Colours" },
        legend.map((one) => html("li", {}, html("span", { class: `dot ${one.style}` }), one.name.replaceAll("_", " "))),
      ),
    html("div", { class: "drawing", tabindex: 0, role: "group", "aria-label": `${title}, scrollable` }, drawing),
    note && html("p", { class: "hint" }, note),
  );
}
