// @ts-check
/**
 * `<cc-composer data-draft …>` around the reply form: mode, drafts, canned replies, a pause before sending when messages
 * arrived while the agent typed, and the seconds in which a reply can be undone. Sending twice is sending once, by the
 * form's client id.
 */
import { Draft } from "../lib/draft.js";
import { apply, parse } from "../lib/fragments.js";
import { post, Refused } from "../lib/request.js";
import { toast } from "../lib/toast.js";
import { offerUndo } from "../lib/undo.js";
import { whileSending } from "../live.js";

/** @typedef {import("./cc-arrived.js").Arrived} Arrived */
/** @typedef {import("./cc-hold.js").Hold} Hold */

export class Composer extends HTMLElement {
  #busy = false;
  #again = false;

  connectedCallback() {
    this.draft = new Draft(this.dataset.draft ?? "", `draft:${this.dataset.ticket}`, (where) => this.kept(where));
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.form.addEventListener("change", (event) => this.changed(event.target));
    this.text.addEventListener("input", () => this.draft?.soon(() => this.words));
    this.addEventListener("click", (event) => this.pressed(event.target));
    this.addEventListener("cc:arrived", () => this.noteArrival());
    this.text.value ||= this.draft.onDevice(this.mode) ?? "";
  }

  disconnectedCallback() {
    this.draft?.rest();
    if (this.text.value && !this.hold.waits) this.draft?.keep(this.words);
  }

  get form() {
    return /** @type {HTMLFormElement} */ (this.querySelector("form"));
  }

  get text() {
    return /** @type {HTMLTextAreaElement} */ (this.querySelector("textarea"));
  }

  get arrived() {
    return /** @type {Arrived} */ (this.querySelector("cc-arrived"));
  }

  get hold() {
    return /** @type {Hold} */ (this.querySelector("cc-hold"));
  }

  get mode() {
    return this.form.dataset.mode ?? "reply";
  }

  get words() {
    return { mode: this.mode, body: this.text.value };
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
    if (target.closest("input[name=mode]")) this.text.focus();
  }

  /** @param {string} words */
  insert(words) {
    this.text.setRangeText(words, this.text.selectionStart, this.text.selectionEnd, "end");
    this.text.focus();
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** What came while somebody typed is read before his words leave. */
  noteArrival() {
    if (!this.text.value.trim()) return;
    this.arrived.add();
    this.hold.end(false);
  }

  /** @param {Event} event */
  async submit(event) {
    event.preventDefault();
    if (this.hold.waits) return this.hold.end(true);
    if (this.arrived.n > 0 && this.mode === "reply") return this.arrived.ask();
    this.#again = this.#busy;
    if (this.#busy) return;
    this.#busy = true;
    if (this.mode === "note" || (await this.hold.wait(this.text))) await this.send();
    this.#busy = false;
    if (this.#again && this.text.value.trim()) this.form.requestSubmit();
  }

  async send() {
    this.draft?.rest();
    const words = this.words;
    try {
      const sent = post(this.form.action, new FormData(this.form), { keepalive: this.hold.leaving });
      await this.sent(words, await whileSending(sent));
    } catch (error) {
      toast(error instanceof Refused && error.message ? error.message : (this.dataset.failed ?? ""), { tone: "bad" });
      if (error instanceof Refused && error.status < 500) this.renew();
      this.#again = false;
      this.draft?.keep(this.words);
    }
  }

  /** @param {import("../lib/draft.js").Words} words @param {string} html the stored message; what was typed meanwhile stays */
  async sent({ mode, body }, html) {
    this.draft?.forget(mode);
    this.text.dataset[mode] = "";
    if (mode === this.mode && this.text.value.startsWith(body)) this.text.value = this.text.value.slice(body.length);
    this.say("");
    this.renew();
    this.querySelector("cc-files")?.dispatchEvent(new CustomEvent("cc:clear"));
    const made = parse(html);
    if (!made) return;
    await apply({ v: 1, op: "put", id: made.id, html });
    offerUndo(made, this.dataset);
  }

  /** What is sent next is another message; while there is no answer it stays the same one. */
  renew() {
    /** @type {HTMLInputElement} */ (this.form.elements.namedItem("client_id")).value = crypto.randomUUID();
  }

  /** @param {"server" | "device"} where */
  kept(where) {
    this.say(where === "device" ? this.dataset.keptHere : this.text.value && this.dataset.kept);
  }

  /** @param {string | undefined} words */
  say(words) {
    this.querySelector("[data-state]")?.replaceChildren(words ?? "");
  }
}

customElements.define("cc-composer", Composer);
