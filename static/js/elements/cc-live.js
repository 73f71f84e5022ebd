// @ts-check
/**
 * `<cc-live rooms="wall queue:7" src="/supervisor/tiles">` joins rooms for as long as it is on the page; after a break it loads
 * `src` into itself, so that what was missed is there again.
 * `<cc-connection>` shows how the socket is: online, connecting, sending, offline (words in its `data-when` children).
 */
import { load } from "../lib/htmx.js";
import { join } from "../live.js";

export class Live extends HTMLElement {
  /** @type {(() => void)[]} */
  #leave = [];

  connectedCallback() {
    const rooms = (this.getAttribute("rooms") ?? "").split(/\s+/).filter(Boolean);
    this.#leave = rooms.map((room, index) => join(room, () => index === 0 && this.refresh()));
  }

  disconnectedCallback() {
    for (const leave of this.#leave) leave();
  }

  refresh() {
    const source = this.getAttribute("src");
    if (source) load(source, this);
  }
}

export class Connection extends HTMLElement {
  connectedCallback() {
    document.addEventListener("cc:connection", this);
  }

  disconnectedCallback() {
    document.removeEventListener("cc:connection", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const { state, sending } = /** @type {CustomEvent} */ (event).detail;
    this.dataset.state = state;
    for (const n of this.querySelectorAll("[data-n]")) n.textContent = String(sending);
  }
}

// First who listens, then who may cause something to be heard.
customElements.define("cc-connection", Connection);
customElements.define("cc-live", Live);
