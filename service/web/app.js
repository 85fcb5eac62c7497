/** The page: one view for each address behind the #, and what every view needs around it. */

import { Refusal, useKey } from "./api.js";
import { copyButton } from "./download.js";
import { announce, html } from "./elements.js";

/** @typedef {{place: string[], query: URLSearchParams, go: (changes: Record<string, string | null>) => void}} Address */
/** @typedef {(address: Address) => Promise<Child[]>} View */
/** @typedef {import("./elements.js").Child} Child */

/** @type {Record<string, () => Promise<{title: string, view: View}>>} */
const VIEWS = {
  "": () => import("./views/start.js"),
  line: () => import("./views/line.js"),
  drug: () => import("./views/drug.js"),
  sample: () => import("./views/sample.js"),
  compound: () => import("./views/compound.js"),
  map: () => import("./views/map.js"),
  model: () => import("./views/model.js"),
};

const content = /** @type {HTMLElement} */ (document.getElementById("content"));
let shown = 0;

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a link that was cut off in the middle of a letter
  }
}

/** @returns {Address} */
function address() {
  const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const query = new URLSearchParams(search);
  const place = path.split("/").map(decoded);
  const go = (/** @type {Record<string, string | null>} */ changes) => {
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === "") query.delete(name);
      else query.set(name, value);
    }
    const text = query.toString();
    location.hash = `#/${path}${text ? `?${text}` : ""}`;
  };
  return { place, query, go };
}

/** Shows the view of the address; a view that comes late, after another was asked for, is dropped. */
async function show() {
  const turn = ++shown;
  const here = address();
  const name = Object.hasOwn(VIEWS, here.place[0]) ? here.place[0] : "";
  mark(name);
  content.setAttribute("aria-busy", "true");
  const waiting = setTimeout(() => content.classList.add("waiting"), 150);
  try {
    const { title, view } = await VIEWS[name]();
    const parts = await view(here);
    if (turn !== shown) return;
    const subject = here.place[1] ? `${here.place[1]} · ` : "";
    document.title = `${subject}${title} · drug-response`;
    replace(parts);
    announce(`${subject}${title}`);
  } catch (fault) {
    if (turn === shown) replace([refused(fault)]);
  } finally {
    clearTimeout(waiting);
    if (turn === shown) {
      content.classList.remove("waiting");
      content.removeAttribute("aria-busy");
    }
  }
}

/**
 * Puts the view in place and gives the focus back to the control that had it, so that a choice keeps the keyboard there.
 * @param {Child[]} parts
 */
function replace(parts) {
  const held = document.activeElement instanceof HTMLElement ? document.activeElement.id : "";
  content.replaceChildren(...parts.filter((part) => part instanceof Node));
  const again = held && document.getElementById(held);
  if (again instanceof HTMLElement) again.focus();
}

/** @param {string} name */
function mark(name) {
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** @param {unknown} fault */
function refused(fault) {
  if (!(fault instanceof Refusal)) {
    console.error(fault);
    return html("section", { class: "fault", role: "alert" }, html("h1", {}, "This view failed"), String(fault));
  }
  if (fault.status === 401) return keyForm();
  const listed = fault.errors.flatMap((error) => error.candidates || []);
  const kind = fault.code === "unknown_drug" ? "drug" : "line";
  return html(
    "section",
    { class: "fault", role: "alert" },
    html("h1", {}, fault.title),
    html("p", {}, fault.message),
    listed.length > 0 &&
      html(
        "ul",
        {},
        listed.map((one) => html("li", {}, html("a", { href: `#/${kind}/${encodeURIComponent(one.id)}` }, one.name))),
      ),
    html("button", { type: "button", click: () => show() }, "Try again"),
  );
}

function keyForm() {
  const field = /** @type {HTMLInputElement} */ (
    html("input", { id: "key", type: "password", autocomplete: "off", required: true })
  );
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    useKey(field.value.trim());
    show();
  };
  return html(
    "form",
    { class: "panel", submit },
    html("h1", {}, "This service asks for a key"),
    html("label", { for: "key" }, "API key"),
    field,
    html("p", { class: "hint" }, "It stays in this tab's memory and is forgotten when the tab closes."),
    html("button", { type: "submit" }, "Use it"),
  );
}

document.querySelector("header")?.append(html("span", { class: "share" }, copyButton("Copy link", () => location.href)));
addEventListener("hashchange", show);
show();
