// @ts-check
/** Apply what the server pushed: applying every fragment to an old page must give the fresh page. */
import { bring, morph } from "./htmx.js";
import { localise } from "./when.js";

/**
 * One push. `put` shows the element of that id; one that is not there yet goes into the container its `data-into` names,
 * at the place its `data-sort` gives it. `drop` takes it away.
 * `read` is when that was read (a string of one form, or nothing): a slower push may be older.
 * @typedef {{v: number, op: "put" | "drop", id: string, html?: string, rev?: number, read?: any}} Fragment
 */

/** @type {Record<string, any>} */
const reads = {};

/** The version of the format this file understands. */
export const VERSION = 1;

/**
 * @param {Fragment} fragment
 * @returns {Promise<void>}
 */
export async function apply({ id, op, read, html = "" }) {
  if (read < reads[id]) return;
  if (read) reads[id] = read;
  const known = document.getElementById(id);
  if (op === "drop") return drop(known);
  const made = parse(html);
  if (made?.id !== id) return;
  const home = container(made);
  if (home && !(known?.parentElement === home && known.dataset.sort === made.dataset.sort)) {
    known?.remove();
    insert(home, made);
    announce(made, !known);
  } else if (known) {
    await morph(known, html);
    announce(known);
  }
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
