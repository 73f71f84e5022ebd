// @ts-check
/**
 * `<cc-board src="/supervisor/board">`: a live board. The server tells the room `wall` that something moved; the board then
 * fetches itself anew, at most once a second, and at least each `data-every-s` so that its age never misleads.
 */
import { load } from "../lib/htmx.js";
import { join, listen } from "../live.js";

const LEAST_PAUSE_MS = 1000;

export class Board extends HTMLElement {
  /** @type {(() => void)[]} */
  #ends = [];
  #timer = 0;
  #loadedAt = Date.now();

  connectedCallback() {
    this.#ends = [join("wall", () => this.refresh()), listen("moved", () => this.soon())];
    const every = setInterval(() => this.soon(), Number(this.dataset.everyS ?? 30) * 1000);
    this.#ends.push(() => clearInterval(every));
  }

  disconnectedCallback() {
    for (const end of this.#ends) end();
    clearTimeout(this.#timer);
  }

  soon() {
    if (this.#timer) return;
    const wait = Math.max(50, this.#loadedAt + LEAST_PAUSE_MS - Date.now());
    this.#timer = setTimeout(() => this.refresh(), wait);
  }

  async refresh() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#loadedAt = Date.now();
    if (this.querySelector(":popover-open, dialog[open]")) return this.soon();
    await load(this.getAttribute("src") ?? "", this);
  }
}

customElements.define("cc-board", Board);
