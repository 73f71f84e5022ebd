// @ts-check
/** The caller's side of a call from the widget: ring, wait, talk, mute, hang up; a reload finds the call again. */
import { Peer } from "../lib/peer.js";
import { openSocket } from "../lib/socket.js";
import { element, field } from "./dom.js";
import { words } from "./words.js";

/** @typedef {{call: string | null, state: string, agent: string, ice?: RTCIceServer[], error?: string}} Call */

/** @param {string | null} token */
export function offerCalls(token) {
  const button = document.getElementById("chat-call");
  if (!button) return;
  const bar = element("call-bar");
  /** @type {Peer | null} */
  let peer = null;
  /** @type {string | null} */
  let call = null;
  /** @type {RTCIceServer[]} */
  let ice = [];
  let muted = false;
  const socket = openSocket("/voice", { token, language: element("chat").dataset.language });
  const resume = () => socket.emit("resume", {}, (/** @type {Call} */ found) => found.call && show(found));
  socket.on("connect", resume);
  socket.on("again", resume);
  socket.on("call", show);
  socket.on("ready", offer);
  socket.on("signal", (told) => told.call === call && peer?.take(told.data));
  button.addEventListener("click", ring);
  button.removeAttribute("disabled");
  element("call-mute").addEventListener("click", () => {
    muted = !muted;
    peer?.mute(muted);
    element("call-mute").setAttribute("aria-pressed", String(muted));
  });
  element("call-hang-up").addEventListener("click", () => socket.emit("hang_up", { call }));

  async function ring() {
    element("chat-error").textContent = "";
    const first = new Peer({ ice: [], send: () => undefined, changed: () => undefined });
    try {
      await first.listen();
    } catch {
      element("chat-error").textContent = words("noMicrophone");
      return;
    } finally {
      first.close();
    }
    socket.emit("call", { name: field("f-name").value.trim() }, show);
  }

  /** @param {Call} told */
  function show(told) {
    if (told.error) {
      element("chat-error").textContent = told.error;
      return;
    }
    ice = told.ice ?? ice;
    const running = told.state !== "ended";
    bar.hidden = !running;
    button?.toggleAttribute("disabled", running);
    call = running ? told.call : null;
    element("call-state").textContent =
      told.state === "talking" ? words("with", { name: told.agent }) : words("calling");
    if (told.state === "queued" || !running) hushed();
    if (!running) element("chat-state").textContent = words("callEnded");
  }

  /** The agent can hear: offer him our sound, anew each time he comes (back). */
  async function offer() {
    hushed();
    const made = new Peer({ ice, send: (data) => socket.emit("signal", { call, data }), changed: shown });
    peer = made;
    await made.listen();
    made.mute(muted);
    await made.offer();
  }

  /** @param {RTCPeerConnectionState} state */
  function shown(state) {
    bar.dataset.state = state;
  }

  function hushed() {
    peer?.close();
    peer = null;
  }
}
