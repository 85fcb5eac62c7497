/** The drawing of a molecule, by the service. */

import { request } from "./api.js";
import { html } from "./elements.js";

/** @param {string} path @param {string} name */
export function structure(path, name) {
  const place = html("div", { class: "structure", "aria-busy": "true" });
  request(path)
    .then((response) => response.blob())
    .then((blob) => place.replaceChildren(html("img", { src: URL.createObjectURL(blob), alt: `Structure of ${name}`, width: 260, height: 200 })))
    .catch((fault) => place.replaceChildren(html("p", { class: "hint" }, `Not drawn: ${fault.message}`)))
    .finally(() => place.removeAttribute("aria-busy"));
  return place;
}
