// @ts-check
/** One side of a call between two browsers: sound both ways, signalled through our socket. */

/**
 * `attempt` tells the signals of one offer from those of an earlier one.
 * @typedef {{attempt: string, description?: RTCSessionDescriptionInit, candidate?: RTCIceCandidateInit}} Signal
 */

export class Peer {
  /**
   * @param {object} options
   * @param {string} options.attempt
   * @param {RTCIceServer[]} options.ice
   * @param {MediaStream | null} options.microphone without one the other side is only heard
   * @param {(signal: Signal) => void} options.send to the other side
   * @param {(state: RTCPeerConnectionState) => void} options.changed
   */
  constructor({ attempt, ice, microphone, send, changed }) {
    this.attempt = attempt;
    this.send = send;
    this.connection = new RTCPeerConnection({ iceServers: ice, bundlePolicy: "max-bundle" });
    this.connection.addEventListener(
      "icecandidate",
      (event) => event.candidate && send({ attempt, candidate: event.candidate.toJSON() }),
    );
    this.connection.addEventListener("connectionstatechange", () => changed(this.connection.connectionState));
    this.connection.addEventListener("track", (event) => this.play(event.streams[0] ?? new MediaStream([event.track])));
    for (const track of microphone?.getAudioTracks() ?? [])
      this.connection.addTrack(track, /** @type {MediaStream} */ (microphone));
    /** Signals are taken one after the other, in the order they came. */
    this.queue = Promise.resolve();
    this.sound = new Audio();
  }

  /** The caller's part: offer to talk. */
  async offer() {
    await this.connection.setLocalDescription(await this.connection.createOffer());
    this.#describe();
  }

  /** @param {Signal} signal */
  take(signal) {
    if (signal.attempt !== this.attempt) return this.queue;
    this.queue = this.queue.then(() => this.#take(signal)).catch(() => undefined);
    return this.queue;
  }

  /** @param {Signal} signal */
  async #take(signal) {
    if (signal.description) {
      await this.connection.setRemoteDescription(signal.description);
      if (signal.description.type !== "offer") return;
      await this.connection.setLocalDescription(await this.connection.createAnswer());
      this.#describe();
    } else if (signal.candidate) {
      await this.connection.addIceCandidate(signal.candidate);
    }
  }

  #describe() {
    this.send({ attempt: this.attempt, description: this.connection.localDescription?.toJSON() });
  }

  /**
   * A browser that has not been touched since the page came may wait for that.
   * @param {MediaStream} stream
   */
  play(stream) {
    this.sound.srcObject = stream;
    this.sound.play().catch(() => addEventListener("pointerdown", () => this.sound.play(), { once: true }));
  }

  close() {
    this.connection.close();
    this.sound.srcObject = null;
  }
}
