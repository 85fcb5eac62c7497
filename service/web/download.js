/** What is seen, as a file: SVG with its colours written out, PNG at twice the size, CSV; and the curl line. */

import { html } from "./elements.js";

const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "opacity", "font-size", "font-family", "font-weight"];

/** A copy that needs no style sheet: each element carries its colours itself. @param {SVGSVGElement} drawing @returns {string} */
function standalone(drawing) {
  const copy = /** @type {SVGSVGElement} */ (drawing.cloneNode(true));
  const copies = [copy, ...copy.querySelectorAll("*")];
  [drawing, ...drawing.querySelectorAll("*")].forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of STYLES) copies[i].setAttribute(name, style.getPropertyValue(name));
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return new XMLSerializer().serializeToString(copy);
}

/** @param {SVGSVGElement} drawing @param {string} name */
export function saveSvg(drawing, name) {
  save(new Blob([standalone(drawing)], { type: "image/svg+xml" }), `${name}.svg`);
}

/** @param {SVGSVGElement} drawing @param {string} name */
export async function savePng(drawing, name) {
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(drawing))}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  const box = drawing.viewBox.baseVal;
  [canvas.width, canvas.height] = [box.width * 2, box.height * 2];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => blob && save(blob, `${name}.png`), "image/png");
}

/**
 * @param {string[]} columns
 * @param {(string | number | null | undefined)[][]} rows
 * @param {string} name
 */
export function saveCsv(columns, rows, name) {
  const text = [columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
  save(new Blob([`${text}\r\n`], { type: "text/csv" }), `${name}.csv`);
}

/** A text that a spreadsheet would take for a formula gets an apostrophe. @param {string | number | null | undefined} value */
function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * The command that gives the same answer, ready to copy.
 * @param {string} command with SERVICE where the address of the service stands
 */
export function curlLine(command) {
  const text = command.replaceAll("SERVICE", new URL(".", location.href).href.replace(/\/$/, ""));
  return html(
    "details",
    { class: "curl" },
    html("summary", {}, "The same from the command line"),
    html("pre", { tabindex: 0 }, text),
    ...copyButton("Copy", () => text),
  );
}

/** A button that copies, and what came of it; browsers let pages copy over https and on localhost alone. @param {string} label @param {() => string} text */
export function copyButton(label, text) {
  const said = html("span", { class: "hint", role: "status" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      said.textContent = " copied";
    } catch {
      said.textContent = " not allowed here: select and copy it yourself";
    }
    setTimeout(() => { said.textContent = ""; }, 4000);
  };
  return [html("button", { type: "button", class: "small", click: copy }, label), said];
}

/** A text between the shell's single quotes. @param {string} text */
export const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
