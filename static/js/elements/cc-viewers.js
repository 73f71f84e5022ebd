// @ts-check
/**
 * `<cc-viewers data-ticket data-looks data-types>`: who else looks at this ticket; a ring means that one is typing. Everybody
 * says so when coming, every 20 seconds, and in answer to a newcomer; who has been silent for 45 seconds is gone. A supervisor
 * who comes from the wallboard (`?silent=1`) says nothing.
 */
import { listen, tell } from "../live.js";

const SAY_EVERY_MS = 20_000;
const GONE_AFTER_MS = 45_000;
const TYPES_FOR_MS = 4000;

/** @typedef {{ticket: number, user_id?: number, name?: string, on?: boolean}} Note */

export class Viewers extends HTMLElement {
  /** @type {Map<number, {name: string, seen: number, typed: number}>} */
  #people = new Map();
  /** @type {(() => void)[]} */
  #stop = [];

  connectedCallback() {
    const onConnection = /** @param {Event} event */ (event) => {
      if (/** @type {CustomEvent} */ (event).detail.state === "online") this.say();
    };
    const onLeave = () => this.say(false);
    document.addEventListener("cc:connection", onConnection);
    addEventListener("pagehide", onLeave);
    const timer = setInterval(() => this.say(), SAY_EVERY_MS);
    const clock = setInterval(() => this.show(), 1000);
    this.#stop = [
      listen("viewing", (note) => this.hear(note, 0)),
      listen("typing", (note) => this.hear(note, Date.now())),
      () => clearInterval(timer),
      () => clearInterval(clock),
      () => document.removeEventListener("cc:connection", onConnection),
      () => removeEventListener("pagehide", onLeave),
    ];
    this.say();
  }

  disconnectedCallback() {
    for (const stop of this.#stop) stop();
    this.say(false);
  }

  get me() {
    return Number(this.closest("[data-viewer]")?.getAttribute("data-viewer"));
  }

  say(on = true) {
    if (new URLSearchParams(location.search).has("silent")) return;
    tell("viewing", { ticket: Number(this.dataset.ticket), on });
  }

  /**
   * @param {Note} note
   * @param {number} typed when they typed, 0 for looking
   */
  hear(note, typed) {
    if (!note.user_id || note.user_id === this.me || String(note.ticket) !== this.dataset.ticket) return;
    const known = this.#people.get(note.user_id);
    if (note.on === false && !typed) this.#people.delete(note.user_id);
    else this.#people.set(note.user_id, { name: note.name ?? "", seen: Date.now(), typed: typed || known?.typed || 0 });
    if (!known && note.on !== false) this.say();
    this.show();
  }

  show() {
    const now = Date.now();
    for (const [id, person] of this.#people) if (now - person.seen > GONE_AFTER_MS) this.#people.delete(id);
    const faces = Array.from(this.#people, ([id, person]) => this.face(id, person, now - person.typed < TYPES_FOR_MS));
    const same =
      faces.length === this.children.length && faces.every((face, n) => face.isEqualNode(this.children[n] ?? null));
    if (!same) this.replaceChildren(...faces);
  }

  /**
   * @param {number} id
   * @param {{name: string}} person
   * @param {boolean} types
   */
  face(id, person, types) {
    const face = document.createElement("span");
    face.className = `avatar avatar--s avatar--${id % 8}`;
    face.toggleAttribute("data-busy", types);
    face.title = ((types ? this.dataset.types : this.dataset.looks) ?? "").replace("{name}", person.name);
    face.setAttribute("role", "img");
    face.setAttribute("aria-label", face.title);
    const words = person.name.split(" ");
    face.textContent = (words[0] ?? "").slice(0, 1) + (words.length > 1 ? (words.at(-1) ?? "").slice(0, 1) : "");
    return face;
  }
}

customElements.define("cc-viewers", Viewers);
