// @ts-check
/**
 * `<cc-hold data-seconds hidden>`: keeps what is about to be sent for some seconds, with buttons that undo it (`data-undo`)
 * or send it now (`data-now`). Who leaves meanwhile has sent it.
 */
export class Hold extends HTMLElement {
  /** @type {((sends: boolean) => void) | undefined} */
  #decide;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  leaving = false;

  connectedCallback() {
    this.addEventListener("click", this);
    addEventListener("pagehide", this);
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this);
    this.end(true);
  }

  /** @param {Event} event */
  handleEvent(event) {
    this.leaving = event.type === "pagehide";
    if (this.leaving) return this.end(true);
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-undo]")) this.end(false);
    if (event.target.closest("[data-now]")) this.end(true);
  }

  get waits() {
    return Boolean(this.#decide);
  }

  /**
   * Whether to send it; at once where nothing is to be held.
   * @param {HTMLTextAreaElement} text stays as it is meanwhile
   * @returns {Promise<boolean>}
   */
  async wait(text) {
    const seconds = Number(this.dataset.seconds);
    if (!seconds) return true;
    this.hidden = false;
    text.readOnly = true;
    this.#timer = setTimeout(() => this.end(true), seconds * 1000);
    const sends = await new Promise((decide) => {
      this.#decide = decide;
    });
    text.readOnly = false;
    return sends;
  }

  /** @param {boolean} sends */
  end(sends) {
    clearTimeout(this.#timer);
    this.hidden = true;
    this.#decide?.(sends);
    this.#decide = undefined;
  }
}

customElements.define("cc-hold", Hold);
