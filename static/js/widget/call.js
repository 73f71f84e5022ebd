// @ts-check
/** The caller's side of a call from the widget: ring, wait, talk, mute, hang up; a reload finds the call again. */
import { Microphone } from "../lib/microphone.js";
import { Peer } from "../lib/peer.js";
import { isPassing, LATER_MS, openSocket } from "../lib/socket.js";
import { Turn } from "../lib/turn.js";
import { element, field } from "./dom.js";
import { words } from "./words.js";

/**
 * `seconds` is how long it has been as it is.
 * @typedef {{call: string | null, state: string, agent: string, seconds: number, ice?: RTCIceServer[], error?: string, code?: string}} Call
 */

const SAY = {
  calling: "callCalling",
  connecting: "callConnecting",
  connected: "callConnected",
  muted: "callMuted",
  interrupted: "callInterrupted",
  elsewhere: "callElsewhere",
};
const LONG_WAIT_S = 30;
const LOOK_AGAIN_MS = 3000;

/** @param {string | null} token */
export function offerCalls(token) {
  const button = document.getElementById("chat-call");
  if (button) new Caller(token, button);
}

class Caller {
  #microphone = new Microphone();
  #turn = new Turn("candor-call-visitor", () => this.#elsewhere());
  /** @type {Call | null} the call that runs */
  #call = null;
  /** @type {Peer | null} */
  #peer = null;
  /** @type {RTCIceServer[]} */
  #ice = [];
  #since = 0;

  /**
   * @param {string | null} token
   * @param {HTMLElement} button
   */
  constructor(token, button) {
    this.button = button;
    this.bar = element("call-bar");
    this.socket = openSocket("/voice", { token, language: element("chat").dataset.language });
    this.socket.on("connect", () => this.#ask());
    this.socket.on("again", () => this.#ask());
    this.socket.on("disconnect", () => this.#shown());
    this.socket.on("call", (told) => this.#told(told));
    this.socket.on("ready", ({ call }) => call === this.#call?.call && this.#turn.held && this.#offer());
    this.socket.on("signal", ({ call, data }) => call === this.#call?.call && this.#peer?.take(data));
    button.addEventListener("click", () => this.#ring());
    button.removeAttribute("disabled");
    element("call-mute").addEventListener("click", () => this.#mute(!this.#microphone.muted));
    element("call-hang-up").addEventListener("click", () => this.socket.emit("hang_up", { call: this.#call?.call }));
    element("call-here").addEventListener("click", () => this.#talk({ steal: true }));
    setInterval(() => this.#tick(), 1000);
  }

  /** Find the call that still runs, or learn that it has ended meanwhile. */
  #ask() {
    this.socket.emit("resume", {}, (/** @type {Call} */ found) => {
      if (isPassing(found)) setTimeout(() => this.#ask(), LATER_MS);
      else if (found.call) this.#told(found);
      else if (this.#call) this.#ended();
    });
  }

  /** The person wants to talk: first the microphone, then the call. */
  async #ring() {
    element("chat-error").textContent = "";
    this.button.setAttribute("disabled", "");
    element("chat-state").textContent = words("askMicrophone");
    try {
      await this.#microphone.open();
    } catch {
      return this.#failed(words("noMicrophone"));
    }
    await this.#turn.take({ steal: true });
    this.socket.emit("call", { name: field("f-name").value.trim() }, (/** @type {Call} */ told) =>
      told.error ? this.#failed(told.error) : this.#told(told),
    );
  }

  /** @param {string} why */
  #failed(why) {
    this.#quiet();
    this.button.removeAttribute("disabled");
    element("chat-state").textContent = "";
    element("chat-error").textContent = why;
    field("chat-text").focus();
  }

  /** @param {Call} told */
  async #told(told) {
    if (told.state === "ended") return this.#call?.call === told.call ? this.#ended() : undefined;
    const known = this.#call?.call === told.call;
    this.#call = told;
    this.#ice = told.ice ?? this.#ice;
    this.#since = Date.now() - told.seconds * 1000;
    this.bar.hidden = false;
    this.button.setAttribute("disabled", "");
    element("chat-state").textContent = "";
    if (told.state === "queued") this.#hush();
    this.#shown();
    if (!known) await this.#talk();
    else if (this.#broken && this.#turn.held && told.state === "talking" && told.ice) await this.#offer();
  }

  get #broken() {
    return !this.#peer || this.#peer.connection.connectionState === "failed";
  }

  /** Talk in this tab, if no other does. */
  async #talk({ steal = false } = {}) {
    const call = this.#call;
    if (!(await this.#turn.take({ steal }))) return this.#elsewhere();
    try {
      await this.#microphone.open();
    } catch {
      element("chat-error").textContent = words("noMicrophone");
    }
    if (call?.call !== this.#call?.call) return;
    this.#shown();
    if (this.#call?.state === "talking" && !this.#peer) await this.#offer();
  }

  /** Offer the agent our sound, anew each time that he or we come (back). */
  async #offer() {
    const call = this.#call?.call;
    this.#hush();
    const peer = new Peer({
      attempt: crypto.randomUUID(),
      ice: this.#ice,
      microphone: this.#microphone.stream,
      send: (data) => this.socket.emit("signal", { call, data }),
      changed: (state) => peer === this.#peer && this.#changed(state),
    });
    this.#peer = peer;
    await peer.offer();
  }

  /** @param {RTCPeerConnectionState} state */
  #changed(state) {
    this.#shown();
    if (state === "failed" && this.socket.connected) this.#offer();
  }

  /** Another tab talks; when it is closed, this one takes over. */
  #elsewhere() {
    this.#quiet();
    this.#shown();
    setTimeout(() => this.#call && !this.#turn.held && this.#talk(), LOOK_AGAIN_MS);
  }

  /** @returns {keyof typeof SAY} */
  get #state() {
    if (!this.#turn.held) return "elsewhere";
    if (this.#call?.state === "queued") return this.socket.connected ? "calling" : "interrupted";
    const state = this.#peer?.connection.connectionState;
    if (state === "connected") return this.#microphone.muted ? "muted" : "connected";
    return state === "disconnected" || state === "failed" ? "interrupted" : "connecting";
  }

  #shown() {
    if (!this.#call) return;
    const state = this.#state;
    this.bar.dataset.state = state;
    element("call-state").textContent = words(SAY[state], { name: this.#call.agent });
    element("call-here").hidden = state !== "elsewhere";
    element("call-mute").hidden = state === "elsewhere" || state === "calling";
    this.#tick();
  }

  #tick() {
    if (!this.#call) return;
    const seconds = Math.max(0, Math.round((Date.now() - this.#since) / 1000));
    element("call-time").textContent = clock(seconds);
    element("call-hint").hidden = this.#call.state !== "queued" || seconds < LONG_WAIT_S;
  }

  /** @param {boolean} muted */
  #mute(muted) {
    this.#microphone.mute(muted);
    element("call-mute").setAttribute("aria-pressed", String(muted));
    this.#shown();
  }

  #ended() {
    const talked = this.#call?.state === "talking";
    element("chat-state").textContent = talked
      ? words("callEndedAfter", { time: element("call-time").textContent ?? "" })
      : words("callEnded");
    this.#quiet();
    this.#turn.give();
    this.#call = null;
    this.bar.hidden = true;
    element("call-hint").hidden = true;
    this.button.removeAttribute("disabled");
  }

  #hush() {
    this.#peer?.close();
    this.#peer = null;
  }

  #quiet() {
    this.#hush();
    this.#microphone.close();
    element("call-mute").setAttribute("aria-pressed", "false");
  }
}

/** @param {number} seconds */
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
