// @ts-check
/**
 * `<cc-composer data-draft …>` around the reply form: mode, drafts kept on the server (and on the device while offline),
 * canned replies, and a pause before sending when messages arrived while the agent typed. Sending twice is sending once,
 * by the form's client id.
 */
import { apply, parse } from "../lib/fragments.js";
import { post, Refused } from "../lib/request.js";
import { toast } from "../lib/toast.js";
import { whileSending } from "../live.js";

const DRAFT_PAUSE_MS = 700;

export class Composer extends HTMLElement {
  #arrived = 0;
  #busy = false;
  #again = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later;

  connectedCallback() {
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.form.addEventListener("change", (event) => this.changed(event.target));
    this.text.addEventListener("input", () => this.draftSoon());
    this.addEventListener("click", (event) => this.pressed(event.target));
    this.addEventListener("cc:arrived", () => this.noteArrival());
    const kept = localStorage.getItem(this.key);
    if (kept && !this.text.value) this.text.value = kept;
  }

  disconnectedCallback() {
    clearTimeout(this.#later);
    if (this.text.value) this.keepDraft();
  }

  get form() {
    return /** @type {HTMLFormElement} */ (this.querySelector("form"));
  }

  get text() {
    return /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"));
  }

  get mode() {
    return this.form.dataset.mode ?? "reply";
  }

  get key() {
    return `draft:${this.dataset.ticket}:${this.mode}`;
  }

  /** @param {EventTarget | null} target */
  changed(target) {
    if (!(target instanceof HTMLInputElement) || target.name !== "mode") return;
    this.text.dataset[this.mode] = this.text.value;
    this.form.dataset.mode = target.value;
    this.text.value = this.text.dataset[target.value] ?? "";
    this.text.focus();
  }

  /** @param {EventTarget | null} target */
  pressed(target) {
    if (!(target instanceof Element)) return;
    const canned = target.closest("[data-insert]");
    if (canned instanceof HTMLElement) this.insert(canned.dataset.insert ?? "");
    if (target.closest("[data-anyway]")) this.forget(() => this.form.requestSubmit());
    if (target.closest("[data-review]")) {
      this.forget(() => this.closest("cc-thread")?.querySelector(".timeline > :last-child")?.scrollIntoView());
    }
    if (target.closest("input[name=mode]")) this.text.focus();
  }

  /** @param {string} words */
  insert(words) {
    this.text.setRangeText(words, this.text.selectionStart, this.text.selectionEnd, "end");
    this.text.focus();
    this.draftSoon();
  }

  noteArrival() {
    if (!this.text.value.trim()) return;
    this.#arrived += 1;
    const words = this.closest("cc-thread");
    const text = this.#arrived === 1 ? words?.getAttribute("data-one") : words?.getAttribute("data-many");
    this.querySelector("[data-arrived-text]")?.replaceChildren((text ?? "").replace("{n}", String(this.#arrived)));
    this.querySelector("[data-arrived]")?.removeAttribute("hidden");
  }

  /** @param {() => void} then */
  forget(then) {
    this.#arrived = 0;
    this.querySelector("[data-arrived]")?.setAttribute("hidden", "");
    then();
  }

  draftSoon() {
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.keepDraft(), DRAFT_PAUSE_MS);
  }

  async keepDraft() {
    const [body, key] = [this.text.value, this.key];
    try {
      await post(this.dataset.draft ?? "", { body, mode: this.mode }, { keepalive: body.length < 20_000 });
      localStorage.removeItem(key);
      this.say(body ? this.dataset.kept : "");
    } catch {
      localStorage.setItem(key, body);
      this.say(this.dataset.keptHere);
    }
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    if (this.#arrived > 0 && this.mode === "reply") return focus(this.querySelector("[data-anyway]"));
    this.#again = this.#busy;
    if (this.#busy) return;
    clearTimeout(this.#later);
    this.#busy = true;
    const [mode, body] = [this.mode, this.text.value];
    try {
      await this.sent(mode, body, await whileSending(post(this.form.action, new FormData(this.form))));
    } catch (error) {
      toast(error instanceof Refused && error.message ? error.message : (this.dataset.failed ?? ""), { tone: "bad" });
      this.keepDraft();
    } finally {
      this.#busy = false;
    }
    if (this.#again && this.text.value.trim()) this.form.requestSubmit();
  }

  /** @param {string} mode @param {string} body @param {string} html the stored message; what was typed meanwhile stays */
  async sent(mode, body, html) {
    localStorage.removeItem(`draft:${this.dataset.ticket}:${mode}`);
    this.text.dataset[mode] = "";
    if (mode === this.mode && this.text.value.startsWith(body)) this.text.value = this.text.value.slice(body.length);
    this.say("");
    const id = /** @type {HTMLInputElement} */ (this.form.elements.namedItem("client_id"));
    id.value = crypto.randomUUID();
    this.querySelector("cc-files")?.dispatchEvent(new CustomEvent("cc:clear"));
    const made = parse(html);
    if (made) await apply({ v: 1, op: "put", id: made.id, html });
  }

  /** @param {string | undefined} words */
  say(words) {
    this.querySelector("[data-state]")?.replaceChildren(words ?? "");
  }
}

/** @param {Element | null} element */
const focus = (element) => element instanceof HTMLElement && element.focus();

customElements.define("cc-composer", Composer);
