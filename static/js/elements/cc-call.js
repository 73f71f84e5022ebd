// @ts-check
/**
 * `<cc-call>`: the agent's side of a call. It shows when a call was accepted, answers the caller's offer, mutes and hangs up,
 * and after a reload finds the call that still runs.
 */
import { Peer } from "../lib/peer.js";
import { openSocket } from "../lib/socket.js";
import { toast } from "../lib/toast.js";

/** @typedef {{call: string | null, state: string, ticket: number, customer: string, answered_at: string | null, ice?: RTCIceServer[]}} Call */

export class CallBar extends HTMLElement {
  /** @type {Peer | null} */
  #peer = null;
  /** @type {string | null} */
  #call = null;
  #muted = false;

  connectedCallback() {
    this.socket = openSocket("/voice");
    this.socket.on("connect", () => this.#ask());
    this.socket.on("again", () => this.#ask());
    this.socket.on("call", (call) => this.show(call));
    this.socket.on("signal", ({ call, data }) => call === this.#call && this.#peer?.take(data));
    this.find("mute").addEventListener("click", () => this.mute(!this.#muted));
    this.find("hang-up").addEventListener("click", () => this.socket?.emit("hang_up", { call: this.#call }));
    addEventListener("pagehide", () => this.#peer?.close());
  }

  /** @param {string} name */
  find(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-part="${name}"]`));
  }

  #ask() {
    this.socket?.emit("resume", {}, (/** @type {Call} */ call) => call.call && this.show(call));
  }

  /** @param {Call} call */
  async show(call) {
    if (call.state !== "talking") return call.call === this.#call ? this.end() : undefined;
    this.hidden = false;
    this.find("customer").textContent = call.customer;
    this.find("time").setAttribute("datetime", call.answered_at ?? "");
    this.find("open").setAttribute("href", `/console?ticket=${call.ticket}`);
    if (this.#call === call.call && this.#peer) return;
    this.#call = call.call;
    await this.#answer(call.ice ?? []);
  }

  /** @param {RTCIceServer[]} ice */
  async #answer(ice) {
    this.#peer?.close();
    const call = this.#call;
    const peer = new Peer({
      ice,
      send: (data) => this.socket?.emit("signal", { call, data }),
      changed: (state) => this.setState(state),
    });
    this.#peer = peer;
    try {
      await peer.listen();
    } catch {
      toast(this.dataset.noMicrophone ?? "", { tone: "bad" });
    }
    this.socket?.emit("ready", { call });
  }

  /** @param {RTCPeerConnectionState} state */
  setState(state) {
    this.dataset.state = state;
    this.find("state").textContent =
      state === "connected" ? (this.dataset.talking ?? "") : (this.dataset.connecting ?? "");
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.#muted = muted;
    this.#peer?.mute(muted);
    this.find("mute").setAttribute("aria-pressed", String(muted));
  }

  end() {
    this.#peer?.close();
    this.#peer = null;
    this.#call = null;
    this.mute(false);
    this.hidden = true;
  }
}

customElements.define("cc-call", CallBar);
