// @ts-check
/** `<cc-connection>` shows how the socket is: online, connecting, reconnecting, sending, offline (words in its `data-when` children). */
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

customElements.define("cc-connection", Connection);
