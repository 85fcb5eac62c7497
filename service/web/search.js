/** A search field with suggestions: an ARIA combobox over the service's own search. */

import { encoded, get } from "./api.js";
import { addressOf, announce, html } from "./elements.js";

const PAUSE_MS = 120;
const MOST = 8;

/**
 * A field that opens what is chosen.
 * @param {{id: string, label: string, path: "cell-lines" | "drugs", value?: string}} options
 * @returns {HTMLElement}
 */
export function search({ id, label, path, value = "" }) {
  const list = html("ul", { id: `${id}-list`, role: "listbox", "aria-label": label, hidden: true });
  /** @type {any[]} */
  let rows = [];
  let active = -1;
  let pause = 0;

  const field = /** @type {HTMLInputElement} */ (
    html("input", {
      id,
      type: "search",
      value,
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      "aria-expanded": "false",
      "aria-controls": `${id}-list`,
      "aria-autocomplete": "list",
      input: () => {
        clearTimeout(pause);
        pause = setTimeout(suggest, PAUSE_MS);
      },
      keydown: (/** @type {KeyboardEvent} */ event) => pressed(event),
      blur: () => setTimeout(close, 150),
    })
  );

  async function suggest() {
    const asked = field.value.trim();
    if (!asked) return close();
    let page;
    try {
      page = await get(`${path}?limit=${MOST}&q=${encoded(asked)}`);
    } catch (refusal) {
      page = { total: 0, cell_lines: [], drugs: [], fault: /** @type {Error} */ (refusal).message };
    }
    if (asked !== field.value.trim()) return;
    rows = page[path === "drugs" ? "drugs" : "cell_lines"];
    active = -1;
    list.replaceChildren(...rows.map(option));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    const none = page.fault || "nothing found";
    announce(page.total ? `${page.total} found` : none);
    if (!rows.length) list.append(html("li", { class: "hint" }, none));
  }

  /** @param {any} row @param {number} index */
  function option(row, index) {
    const more = row.tissue || (row.targets || []).slice(0, 3).join(", ");
    return html(
      "li",
      { role: "option", id: `${id}-${index}`, "aria-selected": "false", mousedown: () => pick(row) },
      html("span", {}, row.name),
      html("span", { class: "hint" }, (more || "").replaceAll("_", " ")),
    );
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (rows.length) move((active + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (active >= 0) pick(rows[active]);
      else if (field.value.trim()) pick({ name: field.value.trim() });
    } else if (event.key === "Escape") {
      close();
    }
  }

  /** @param {number} to */
  function move(to) {
    active = to;
    [...list.children].forEach((child, i) => child.setAttribute("aria-selected", String(i === active)));
    field.setAttribute("aria-activedescendant", `${id}-${active}`);
    list.children[active].scrollIntoView({ block: "nearest" });
  }

  /** @param {any} row */
  function pick(row) {
    close();
    location.hash = addressOf(path === "drugs" ? "drug" : "line", row.name);
  }

  function close() {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  return html("div", { class: "search" }, html("label", { for: id }, label), html("div", { class: "field" }, field, list));
}
