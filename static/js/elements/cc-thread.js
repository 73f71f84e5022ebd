// @ts-check
/**
 * `<cc-thread data-ticket data-room data-rev data-since data-read>`: one open conversation kept live. It follows the newest
 * message unless the reader has scrolled up, fetches what it missed by `rev`, says what arrived while somebody typed, and
 * shows who else looks or types.
 */
import { apply } from "../lib/fragments.js";
import { post } from "../lib/request.js";
import { shorten } from "../lib/shorten.js";
import { offerUndo, takeBack } from "../lib/undo.js";
import { join, listen, tell, whileFetching } from "../live.js";

const NEAR_PX = 120;
const TYPING_SHOWN_MS = 4000;
const TELL_EVERY_MS = 2000;
const TRY_AGAIN_MS = 2000;
const AS_PAGE = { headers: { Accept: "text/html" } };

export class Thread extends HTMLElement {
  /** @type {(() => void)[]} */
  #leave = [];
  #quiet = 0;
  #toldAt = 0;
  #fetching = false;
  #again = false;

  connectedCallback() {
    this.#leave = [join(this.dataset.room ?? "", () => this.catchUp()), listen("typing", (data) => this.typing(data))];
    this.addEventListener("cc:put", (event) => this.arrived(/** @type {HTMLElement} */ (event.target)));
    this.addEventListener("input", () => this.tellTyping());
    this.addEventListener("click", takeBack);
    this.querySelector("[data-jump]")?.addEventListener("click", () => this.toEnd());
    this.scroller?.addEventListener("scroll", () => this.near() && this.hideJump(), { passive: true });
    this.toEnd();
    this.read();
    this.offerUndo();
  }

  disconnectedCallback() {
    for (const leave of this.#leave) leave();
    clearTimeout(this.#quiet);
  }

  /** Of a message that this ticket was opened with just now (`#message-12`), as after a reply. */
  offerUndo() {
    const message = document.getElementById(location.hash.slice(1));
    const composer = this.querySelector("cc-composer");
    if (this.contains(message) && message && composer instanceof HTMLElement) offerUndo(message, composer.dataset);
  }

  /** Colleagues see that somebody types here; the customer too, unless it is a note. */
  tellTyping() {
    const form = this.querySelector("form.composer");
    if (!(form instanceof HTMLFormElement) || Date.now() - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = Date.now();
    const conversation = form.dataset.mode === "reply" ? Number(new FormData(form).get("conversation")) : 0;
    tell("typing", { ticket: Number(this.dataset.ticket), conversation });
  }

  /** @returns {HTMLElement | null} */
  get scroller() {
    return this.querySelector(".thread__scroll");
  }

  near() {
    const box = this.scroller;
    return !box || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
  }

  toEnd() {
    this.scroller?.scrollTo(0, this.scroller.scrollHeight);
    this.hideJump();
  }

  hideJump() {
    this.querySelector("[data-jump]")?.setAttribute("hidden", "");
  }

  /** @param {HTMLElement} element */
  arrived(element) {
    const rev = Number(element.dataset.rev);
    const known = Number(this.dataset.rev);
    if (!(rev > known)) return;
    if (rev === known + 1) this.dataset.rev = String(rev);
    else this.catchUp(); // lines before it are missing, and `rev` must not pass over them
    const byOther = element.dataset.user !== this.dataset.viewer;
    if (byOther) this.querySelector("cc-composer")?.dispatchEvent(new CustomEvent("cc:arrived"));
    if (element.dataset.author === "customer") this.querySelector("[data-typing]")?.setAttribute("hidden", "");
    if (!byOther || this.near()) {
      if (this.scroller) shorten(this.scroller);
      this.toEnd();
    } else this.querySelector("[data-jump]")?.removeAttribute("hidden");
    this.read();
  }

  /** Fetch what is missing, one fetch at a time and until it works. */
  async catchUp() {
    this.#again = true;
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      while (this.#again) {
        this.#again = false;
        await whileFetching(this.fetchLines());
      }
    } catch {
      setTimeout(() => this.isConnected && this.catchUp(), TRY_AGAIN_MS);
    } finally {
      this.#fetching = false;
    }
  }

  async fetchLines() {
    const answer = await fetch(`${this.dataset.since}?rev=${this.dataset.rev}`, AS_PAGE);
    if (answer.status >= 500) throw new Error(answer.statusText);
    if (answer.ok) await this.put(await answer.text());
  }

  /**
   * Apply every line with a higher rev; each by its id, so that twice is once.
   * @param {string} html elements that each have an id
   */
  async put(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    for (const line of /** @type {Iterable<HTMLElement>} */ (template.content.children)) {
      // What is fetched has no gaps: nothing before this line is waited for any more.
      if (line.dataset.rev) this.dataset.rev = String(Math.max(Number(this.dataset.rev), Number(line.dataset.rev) - 1));
      await apply({ v: 1, op: "put", id: line.id, html: line.outerHTML });
    }
  }

  read() {
    if (document.hidden || !this.dataset.read) return;
    post(this.dataset.read, { rev: this.dataset.rev ?? "0" }).catch(() => undefined);
  }

  /** @param {{ticket: number, by: string, on?: boolean}} data */
  typing(data) {
    const line = this.querySelector("[data-typing]");
    if (String(data.ticket) !== this.dataset.ticket || data.by !== "customer" || !(line instanceof HTMLElement)) return;
    line.hidden = data.on === false;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => line.setAttribute("hidden", ""), TYPING_SHOWN_MS);
    if (this.near()) this.toEnd();
  }
}

customElements.define("cc-thread", Thread);
