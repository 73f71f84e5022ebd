// @ts-check
/**
 * `<cc-ticket-list data-view data-viewer data-queues data-rooms data-src data-tabs>`: a page of rows kept live. A pushed row
 * that does not belong to this view leaves it; j and k walk over the rows; after a break the list is fetched anew, as far
 * down as it was open.
 */
import { load } from "../lib/htmx.js";
import { showWaiting } from "../lib/title.js";
import { join, whileFetching } from "../live.js";

const MOST_ROWS = 300;
const COUNT_PAUSE_MS = 800;
const WATCHED = ["click", "htmx:before:swap"];

export class TicketList extends HTMLElement {
  /** @type {(() => void)[]} */
  #leave = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;
  /** @type {Element | null | undefined} where the list ended when it was asked for anew */
  #end;

  connectedCallback() {
    const rooms = (this.dataset.rooms ?? "").split(" ").filter(Boolean);
    const missed = () => this.refresh();
    this.#leave = rooms.map((room) => join(room, missed));
    this.addEventListener("cc:put", this);
    this.addEventListener("cc:drop", this);
    for (const kind of WATCHED) this.closest(".pane")?.addEventListener(kind, this);
    this.closest("cc-console")?.addEventListener("htmx:after:swap", this);
    this.countUnread();
  }

  disconnectedCallback() {
    for (const leave of this.#leave) leave();
    for (const kind of WATCHED) this.closest(".pane")?.removeEventListener(kind, this);
    this.closest("cc-console")?.removeEventListener("htmx:after:swap", this);
    clearTimeout(this.#soon);
  }

  /** @returns {HTMLElement[]} */
  get rows() {
    return Array.from(this.querySelectorAll(".row"));
  }

  /** @param {Event} event */
  handleEvent(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.type === "click") {
      const step = target.closest("[data-step]");
      if (step instanceof HTMLElement) this.walk(Number(step.dataset.step));
      return;
    }
    if (event.type === "htmx:before:swap") {
      if (target === event.currentTarget) this.holdBack(event);
      return;
    }
    if (event.type === "htmx:after:swap") this.prune();
    else if (event.type === "cc:put") this.fit(target, /** @type {CustomEvent} */ (event).detail.fresh);
    if (event.type !== "htmx:after:swap") this.countSoon();
    this.countUnread();
  }

  /** My tickets with something new, for the tab's title. */
  countUnread() {
    const mine = this.rows.filter((row) => row.parentElement?.dataset.owner === this.dataset.viewer);
    showWaiting("unread", mine.filter((row) => row.dataset.unread === "true").length);
  }

  /**
   * Keep a pushed row only where it belongs; the open ticket, if it was here, stays until it is left.
   * @param {HTMLElement} item
   * @param {boolean} fresh
   */
  fit(item, fresh) {
    const open = this.closest("cc-console")?.querySelector("cc-thread");
    const isOpen = open instanceof HTMLElement && `row-${open.dataset.ticket}` === item.id;
    if (isOpen) item.querySelector(".row")?.setAttribute("aria-current", "true");
    if (!(this.searching ? !fresh : this.belongs(item.dataset)) && (fresh || !isOpen)) item.remove();
    for (const old of Array.from(item.parentElement?.children ?? []).slice(MOST_ROWS)) old.remove();
  }

  /** Another ticket is open now: the one left goes if it no longer belongs here. */
  prune() {
    for (const row of this.rows) {
      const item = row.parentElement;
      if (item && !this.searching && !this.belongs(item.dataset) && !row.hasAttribute("aria-current")) item.remove();
    }
  }

  /** What was found stays as found; only the rows themselves are kept up to date. */
  get searching() {
    return Boolean(this.dataset.src?.includes("q="));
  }

  /** @param {DOMStringMap} row */
  belongs(row) {
    const done = row.status === "solved" || row.status === "closed";
    switch (this.dataset.view) {
      case "mine":
        return !done && row.owner === this.dataset.viewer;
      case "queue":
        return !done && !row.owner && (this.dataset.queues ?? "").split(" ").includes(row.queue ?? "");
      case "complaints":
        return !done && row.complaint === "true";
      default:
        return !done;
    }
  }

  /** @param {number} step */
  walk(step) {
    const rows = this.rows;
    const focused = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const here = focused >= 0 ? focused : rows.findIndex((row) => row.getAttribute("aria-current") === "true");
    const next = rows[Math.max(0, Math.min(rows.length - 1, here + step))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  refresh() {
    const pane = this.closest(".pane");
    if (!pane || !this.dataset.src) return;
    this.#end = this.querySelector("#more");
    whileFetching(load(`${this.dataset.src}&n=${Math.min(this.rows.length, MOST_ROWS)}`, pane));
  }

  /**
   * A page was added while the list was fetched anew: what came would take it away again.
   * @param {Event} arrived
   */
  holdBack(arrived) {
    if (this.#end === undefined || this.#end === this.querySelector("#more")) return;
    arrived.preventDefault();
    this.refresh();
  }

  countSoon() {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => {
      const tabs = document.getElementById("tabs");
      if (tabs && this.dataset.tabs) load(this.dataset.tabs, tabs, "outerMorph");
    }, COUNT_PAUSE_MS);
  }
}

customElements.define("cc-ticket-list", TicketList);
