// @ts-check
/**
 * `<cc-console data-pane="list|thread|customer">`: which pane a narrow screen shows, which row is the open one, and the
 * address of a ticket on the clipboard.
 */
import { toast } from "../lib/toast.js";

export class Console extends HTMLElement {
  #shown = "";
  /** @type {EventTarget | null} what had the focus last */
  #last = null;
  /** @type {HTMLElement | null} where we put it since, until the person does something */
  #put = null;

  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("cc:saved", this);
    this.addEventListener("htmx:after:swap", () => this.afterSwap());
    document.addEventListener("focusin", (event) => {
      this.#last = event.target;
    });
    for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => (this.#put = null), true);
    const open = this.querySelector("cc-thread");
    this.#shown = (open instanceof HTMLElement && open.dataset.ticket) || "";
    this.markOpen();
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (!(event.target instanceof Element)) return;
    if (event.type === "cc:saved") return event.target.closest("dialog")?.close();
    const show = event.target.closest("[data-show]");
    if (show instanceof HTMLElement) this.dataset.pane = show.dataset.show;
    if (event.target.closest(".row[href]")) this.dataset.pane = "thread";
    const copy = event.target.closest("[data-copy]");
    if (copy instanceof HTMLElement) this.copy(copy);
  }

  afterSwap() {
    const open = this.querySelector("cc-thread");
    const number = (open instanceof HTMLElement && open.dataset.ticket) || "";
    const fresh = Boolean(number) && number !== this.#shown;
    if (fresh) this.dataset.pane = "thread";
    this.#shown = number;
    this.markOpen();
    this.keepFocus(fresh);
  }

  /**
   * What had the focus may be gone: go on where one would. On a ticket just opened that is the box to write in, also when
   * something else was fetched first and got the focus meanwhile.
   * @param {boolean} fresh
   */
  keepFocus(fresh) {
    const active = document.activeElement ?? document.body;
    const lost = this.#last instanceof Element && !this.#last.isConnected && active === document.body;
    if (!lost && !(fresh && this.#put && active === this.#put)) return;
    const next = fresh && !matchMedia("(pointer: coarse)").matches ? ".composer__text" : ".thread__scroll";
    const place = this.querySelector(next) ?? this.querySelector(".row[aria-current], .row");
    if (!(place instanceof HTMLElement)) return;
    place.focus({ preventScroll: true });
    this.#put = place;
  }

  markOpen() {
    const open = this.querySelector("cc-thread");
    const number = open instanceof HTMLElement ? open.dataset.ticket : undefined;
    for (const row of this.querySelectorAll(".row[data-ticket]")) {
      const current = row instanceof HTMLElement && row.dataset.ticket === number;
      row.toggleAttribute("aria-current", current);
      if (current) row.setAttribute("aria-current", "true");
    }
  }

  /** @param {HTMLElement} item */
  async copy(item) {
    await navigator.clipboard.writeText(new URL(item.dataset.copy ?? "", location.href).href);
    toast(item.textContent?.trim() ?? "");
  }
}

customElements.define("cc-console", Console);
