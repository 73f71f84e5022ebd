// @ts-check
/**
 * `<cc-mail data-src data-first="formatted|plain">`: a mail as plain text or as it was laid out, in a frame that can run
 * nothing. Pictures that lie elsewhere are fetched only when the reader asks, for that tells their sender.
 */
export class Mail extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.show(this.dataset.first ?? "plain");
  }

  /** @returns {HTMLIFrameElement} */
  get frame() {
    return /** @type {HTMLIFrameElement} */ (this.querySelector("iframe"));
  }

  /** @param {Event} event */
  handleEvent(event) {
    const button =
      event.target instanceof Element ? event.target.closest("button[data-show-as], button[data-images]") : null;
    if (!(button instanceof HTMLButtonElement)) return;
    if (button.dataset.showAs) return this.show(button.dataset.showAs);
    this.show("formatted", "?images=1");
    button.hidden = true;
    this.frame.focus();
  }

  /**
   * @param {string} form formatted or plain
   * @param {string} [query]
   */
  show(form, query = "") {
    const laidOut = form === "formatted";
    if (laidOut && (query || !this.frame.hasAttribute("src"))) this.frame.src = `${this.dataset.src}${query}`;
    this.frame.hidden = !laidOut;
    for (const text of this.querySelectorAll("[data-plain]")) text.toggleAttribute("hidden", laidOut);
    for (const button of this.querySelectorAll("button[data-show-as]")) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-show-as") === form));
    }
  }
}

customElements.define("cc-mail", Mail);
