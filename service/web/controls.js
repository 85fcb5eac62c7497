/** Form controls that write their choice into the address. */

import { html } from "./elements.js";

/** The controls of a view. @param {...(HTMLElement | false)} fields */
export const controls = (...fields) =>
  html("form", { class: "controls", "aria-label": "What to show", submit: (/** @type {Event} */ event) => event.preventDefault() }, ...fields);

/**
 * @param {{id: string, label: string, value: string, options: [string, string][], choose: (value: string) => void}} options
 */
export function select({ id, label, value, options, choose }) {
  // An address may name what this bundle does not have.
  const all = options.some(([key]) => key === value) ? options : [/** @type {[string, string]} */ ([value, `${value} (not here)`]), ...options];
  const change = (/** @type {Event} */ event) => choose(/** @type {HTMLSelectElement} */ (event.target).value);
  return html(
    "label",
    { for: id },
    label,
    html(
      "select",
      { id, change },
      all.map(([key, text]) => html("option", { value: key, selected: key === value }, text)),
    ),
  );
}

/** @param {string[]} names @param {string} all @returns {[string, string][]} */
export const choices = (names, all) => [["", all], ...names.map((name) => /** @type {[string, string]} */ ([name, name.replaceAll("_", " ")]))];

/** The distinct names, in alphabetical order. @param {(string | null | undefined)[]} names @returns {string[]} */
export const distinct = (names) => /** @type {string[]} */ ([...new Set(names.filter(Boolean))].sort());
