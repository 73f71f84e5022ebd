// @ts-check
/** `<cc-menu popover role="menu">`: the keys that a menu needs. The browser opens, places and closes it. */
export class Menu extends HTMLElement {
  connectedCallback() {
    this.addEventListener("toggle", this);
    this.addEventListener("keydown", this);
    this.addEventListener("click", this);
    // What a menu shows may come after it was opened, and what had the focus may go with what it replaces.
    this.watch = new MutationObserver(() => this.enter());
    this.watch.observe(this, { childList: true, subtree: true });
  }

  disconnectedCallback() {
    this.watch?.disconnect();
  }

  enter() {
    if (this.matches(":popover-open") && !this.contains(document.activeElement)) this.items[0]?.focus();
  }

  /** @returns {HTMLElement[]} */
  get items() {
    const all = this.querySelectorAll("[role^=menuitem]:not(:disabled), input, select, textarea, button:not([role])");
    return /** @type {HTMLElement[]} */ (Array.from(all)).filter((item) => item.checkVisibility());
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event instanceof KeyboardEvent) this.move(event);
    else if (event.type === "toggle" && /** @type {ToggleEvent} */ (event).newState === "open") this.enter();
    else if (event.type === "click") this.closeAfter(event.target);
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const items = this.items;
    const here = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const typing = document.activeElement?.matches("input, textarea, select");
    const steps = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: items.length - 1 };
    const next = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (next === undefined || (typing && event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    event.preventDefault();
    items.at(next % items.length)?.focus();
  }

  /** @param {EventTarget | null} target */
  closeAfter(target) {
    const item = target instanceof Element && target.closest("[role^=menuitem], .menu__item");
    if (item && !item.hasAttribute("popovertarget")) this.hidePopover();
  }
}

customElements.define("cc-menu", Menu);
