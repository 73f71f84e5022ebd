// @ts-check
/**
 * `<cc-offers rooms="agent:5" src="/console/offers">`: work held out to this agent. Each new card rings and, if the page is in
 * the background and the agent allowed it, shows a desktop notification; its bar runs down until the router takes it back.
 */
import { load } from "../lib/htmx.js";
import { showWaiting } from "../lib/title.js";
import { join, whileFetching } from "../live.js";

export class Offers extends HTMLElement {
  /** @type {() => void} */
  #leave = () => undefined;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #tick;

  connectedCallback() {
    this.#leave = join(this.getAttribute("rooms") ?? "", () => this.refresh());
    this.addEventListener("htmx:after:request", (event) => this.answered(/** @type {CustomEvent} */ (event)));
    this.addEventListener("cc:put", (event) => this.announce(/** @type {HTMLElement} */ (event.target)));
    this.#tick = setInterval(() => this.run(), 250);
    document.addEventListener("click", this);
    noteNotices();
  }

  disconnectedCallback() {
    this.#leave();
    clearInterval(this.#tick);
    document.removeEventListener("click", this);
  }

  /** @param {Event} event */
  async handleEvent(event) {
    if (!(event.target instanceof Element) || !event.target.closest("[data-allow-notices]")) return;
    await Notification.requestPermission();
    noteNotices();
  }

  /** @param {CustomEvent} event */
  answered(event) {
    const { response, sourceElement } = event.detail.ctx;
    if (!sourceElement.matches("[hx-post]")) return; // asked why, not answered
    if (response.status < 400 || response.status === 409) sourceElement.closest(".offer")?.remove();
  }

  async refresh() {
    const before = new Set(Array.from(this.children, (card) => card.id));
    await whileFetching(load(this.getAttribute("src") ?? "", this));
    for (const card of this.children) if (!before.has(card.id)) this.announce(/** @type {HTMLElement} */ (card));
  }

  /** @param {HTMLElement} card */
  announce(card) {
    if (!card.matches(".offer") || card.dataset.announced) return;
    card.dataset.announced = "true";
    ring();
    if (document.hidden && "Notification" in window && Notification.permission === "granted") {
      const notice = new Notification(card.dataset.notice ?? "", { tag: card.id });
      notice.addEventListener("click", () => window.focus());
    }
  }

  run() {
    showWaiting("offers", this.children.length);
    for (const card of this.querySelectorAll(".offer[data-deadline]")) {
      const bar = card.querySelector("progress");
      const deadline = new Date(/** @type {HTMLElement} */ (card).dataset.deadline ?? "").getTime();
      if (bar && deadline) bar.value = Math.max(0, (deadline - Date.now()) / 1000);
    }
  }
}

/** Pages show the item that asks for permission only while the browser would ask. */
function noteNotices() {
  document.documentElement.dataset.notices = "Notification" in window ? Notification.permission : "denied";
}

/** Two soft tones; silent where the browser wants a gesture first. */
function ring() {
  const audio = new AudioContext();
  for (const [at, pitch] of /** @type {const} */ ([
    [0, 660],
    [0.18, 880],
  ])) {
    const [tone, level] = [audio.createOscillator(), audio.createGain()];
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(0.0001, audio.currentTime + at);
    level.gain.exponentialRampToValueAtTime(0.12, audio.currentTime + at + 0.02);
    level.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + at + 0.35);
    tone.connect(level).connect(audio.destination);
    tone.start(audio.currentTime + at);
    tone.stop(audio.currentTime + at + 0.4);
  }
  setTimeout(() => audio.close(), 1000);
}

customElements.define("cc-offers", Offers);
