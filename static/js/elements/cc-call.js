// @ts-check
/**
 * `<cc-call>`: the agent's side of a call. It shows when a call was accepted, answers the caller's offers, mutes and hangs up.
 * After a reload it finds the call that still runs; of several tabs one talks, and the others say so.
 */
import { Microphone } from "../lib/microphone.js";
import { Peer } from "../lib/peer.js";
import { isPassing, LATER_MS, openSocket } from "../lib/socket.js";
import { toast } from "../lib/toast.js";
import { Turn } from "../lib/turn.js";

/** @typedef {{call: string | null, state: string, ticket: number, customer: string, answered_at: string | null, ice?: RTCIceServer[], code?: string}} Call */

const LOOK_AGAIN_MS = 3000;

export class CallBar extends HTMLElement {
  #microphone = new Microphone();
  #turn = new Turn("candor-call-agent", () => this.#elsewhere());
  /** @type {Peer | null} */
  #peer = null;
  /** @type {string | null} */
  #call = null;
  /** @type {RTCIceServer[]} */
  #ice = [];

  connectedCallback() {
    this.socket = openSocket("/voice");
    this.socket.on("connect", () => this.#ask());
    this.socket.on("again", () => this.#ask());
    this.socket.on("call", (call) => this.#told(call));
    this.socket.on("signal", ({ call, data }) => call === this.#call && this.#take(data));
    this.find("mute").addEventListener("click", () => this.mute(!this.#microphone.muted));
    this.find("hang-up").addEventListener("click", () => this.socket?.emit("hang_up", { call: this.#call }));
    this.find("here").addEventListener("click", () => this.#talk({ steal: true }));
    addEventListener("pagehide", () => this.#peer?.close());
  }

  /** @param {string} name */
  find(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-part="${name}"]`));
  }

  #ask() {
    this.socket?.emit("resume", {}, (/** @type {Call} */ call) => {
      if (isPassing(call)) setTimeout(() => this.#ask(), LATER_MS);
      else if (call.call && call.state === "talking") this.show(call);
      else if (this.#call) this.end();
    });
  }

  /** @param {Call} call pushed, so without what only this agent may know */
  #told(call) {
    if (call.state === "talking") this.#ask();
    else if (call.call === this.#call) this.end();
  }

  /** @param {Call} call */
  async show(call) {
    this.hidden = false;
    this.find("customer").textContent = call.customer;
    this.find("time").setAttribute("datetime", call.answered_at ?? "");
    this.find("open").setAttribute("href", `/console?ticket=${call.ticket}`);
    this.#ice = call.ice ?? [];
    if (this.#call === call.call && this.#peer) return this.#shown();
    this.#call = call.call;
    await this.#talk();
  }

  /** Talk in this tab, if no other does; the caller then makes his offer. */
  async #talk({ steal = false } = {}) {
    const call = this.#call;
    if (!(await this.#turn.take({ steal }))) return this.#elsewhere();
    this.setState("connecting");
    this.dataset.microphone = await this.#microphone.open().then(
      () => "on",
      () => "missing",
    );
    if (this.dataset.microphone === "missing") toast(this.dataset.noMicrophone ?? "", { tone: "bad" });
    if (call === this.#call) this.socket?.emit("ready", { call });
    else this.#turn.give();
  }

  /** Another tab talks; when it is closed, this one takes over. */
  #elsewhere() {
    this.#silence();
    if (!this.#call) return;
    this.setState("elsewhere");
    setTimeout(() => this.#call && !this.#turn.held && this.#talk(), LOOK_AGAIN_MS);
  }

  /** @param {import("../lib/peer.js").Signal} signal */
  #take(signal) {
    if (!this.#turn.held) return;
    if (signal.description?.type === "offer") this.#meet(signal.attempt);
    this.#peer?.take(signal);
  }

  /** @param {string} attempt the caller's; each is a new connection */
  #meet(attempt) {
    this.#peer?.close();
    const call = this.#call;
    const peer = new Peer({
      attempt,
      ice: this.#ice,
      microphone: this.#microphone.stream,
      send: (data) => this.socket?.emit("signal", { call, data }),
      changed: () => peer === this.#peer && this.#shown(),
    });
    this.#peer = peer;
  }

  #shown() {
    const state = this.#peer?.connection.connectionState;
    if (state === "connected") this.setState(this.#microphone.muted ? "muted" : "connected");
    else this.setState(state === "disconnected" || state === "failed" ? "interrupted" : "connecting");
  }

  /** @param {"connecting" | "connected" | "muted" | "interrupted" | "elsewhere"} state */
  setState(state) {
    this.dataset.state = state;
    const silent = this.dataset.microphone === "missing" && state === "connected";
    this.find("state").textContent = this.dataset[silent ? "silent" : `say${state}`] ?? "";
    this.find("here").hidden = state !== "elsewhere";
    this.find("mute").hidden = state === "elsewhere" || this.dataset.microphone === "missing";
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.#microphone.mute(muted);
    this.find("mute").setAttribute("aria-pressed", String(muted));
    this.#shown();
  }

  #silence() {
    this.#peer?.close();
    this.#peer = null;
    this.#microphone.close();
    this.find("mute").setAttribute("aria-pressed", "false");
  }

  end() {
    if (this.#turn.held) toast(this.dataset.ended ?? "");
    this.#silence();
    this.#turn.give();
    this.#call = null;
    this.hidden = true;
  }
}

customElements.define("cc-call", CallBar);
