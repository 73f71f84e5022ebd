// @ts-check
/** Apply what the server pushed: applying every fragment to an old page must give the fresh page. */
import { bring, morph } from "./htmx.js";
import { localise } from "./when.js";

/**
 * One push. `put` shows the element of that id; one that is not there yet goes into the container its `data-into` names,
 * at the place its `data-sort` gives it. `drop` takes it away.
 * `read` is when what it shows was read: the slower of two pushes may show what was true before.
 * @typedef {{v: number, op: "put" | "drop", id: string, html?: string, rev?: number, read?: string | null}} Fragment
 */

/** The version of the format this file understands. */
export const VERSION = 1;

/**
 * @param {Fragment} fragment
 * @returns {Promise<void>}
 */
export async function apply(fragment) {
  if (isOld(fragment)) return;
  const known = document.getElementById(fragment.id);
  if (fragment.op === "drop") return drop(known);
  const made = parse(fragment.html ?? "");
  if (!made || made.id !== fragment.id) return;
  const home = container(made);
  if (known && (!home || known.parentElement === home) && inPlace(known, made)) {
    await morph(known, fragment.html ?? "");
    announce(known);
  } else if (home) {
    known?.remove();
    insert(home, made);
    announce(made, !known);
  } else if (known) {
    await morph(known, fragment.html ?? "");
    announce(known);
  }
}

/**
 * When what each element shows was read.
 * @type {Map<string, string>}
 */
const reads = new Map();

/** @param {Fragment} fragment */
function isOld({ op, id, read }) {
  if (op === "drop") reads.delete(id);
  if (!read) return false;
  if (read < (reads.get(id) ?? "")) return true;
  reads.set(id, read);
  return false;
}

/**
 * @param {string} html
 * @returns {HTMLElement | null}
 */
export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return /** @type {HTMLElement | null} */ (template.content.firstElementChild);
}

/** @param {HTMLElement} made */
const container = (made) => (made.dataset.into ? document.getElementById(made.dataset.into) : null);

/**
 * @param {HTMLElement} known
 * @param {HTMLElement} made
 */
const inPlace = (known, made) => known.dataset.sort === made.dataset.sort;

/**
 * Insert by `data-sort`, ascending or, where the container says so, descending.
 * @param {HTMLElement} home
 * @param {HTMLElement} made
 */
function insert(home, made) {
  const falling = home.dataset.order === "descending";
  const place = made.dataset.sort ?? "";
  const after = /** @param {Element} row */ (row) => {
    const other = row instanceof HTMLElement ? row.dataset.sort : undefined;
    if (other === undefined) return false;
    const order = other.localeCompare(place, "en", { numeric: true });
    return falling ? order < 0 : order > 0;
  };
  home.insertBefore(made, Array.from(home.children).find(after) ?? null);
  bring(made);
}

/** @param {HTMLElement | null} known */
function drop(known) {
  known?.dispatchEvent(new CustomEvent("cc:drop", { bubbles: true }));
  known?.remove();
}

/**
 * @param {HTMLElement} element
 * @param {boolean} [fresh] it was not on the page before
 */
function announce(element, fresh = false) {
  localise(element);
  element.dispatchEvent(new CustomEvent("cc:put", { bubbles: true, detail: { fresh } }));
}
