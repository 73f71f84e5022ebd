// @ts-check
/**
 * `<cc-arrived data-one data-many hidden>` above the form of a reply: how many messages came while somebody typed, in words
 * (`data-words`), with buttons to read them first (`data-review`) or to send anyway (`data-anyway`).
 */
export class Arrived extends HTMLElement {
  n = 0;

  connectedCallback() {
    this.addEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const button = event.target instanceof Element && event.target.closest("[data-anyway], [data-review]");
    if (!button) return;
    this.clear();
    if (button.matches("[data-anyway]")) this.parentElement?.querySelector("form")?.requestSubmit();
    else this.closest("cc-thread")?.querySelector(".timeline > :last-child")?.scrollIntoView();
  }

  add() {
    this.n += 1;
    const words = (this.n === 1 ? this.dataset.one : this.dataset.many) ?? "";
    this.querySelector("[data-words]")?.replaceChildren(words.replace("{n}", String(this.n)));
    this.hidden = false;
  }

  /** Have somebody decide who was about to send. */
  ask() {
    /** @type {HTMLElement | null} */ (this.querySelector("[data-anyway]"))?.focus();
  }

  clear() {
    this.n = 0;
    this.hidden = true;
  }
}

customElements.define("cc-arrived", Arrived);
