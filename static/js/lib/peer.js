// @ts-check
/** One side of a call between two browsers: sound both ways, signalled through our socket. */

/**
 * @typedef {{description?: RTCSessionDescriptionInit, candidate?: RTCIceCandidateInit}} Signal
 */

export class Peer {
  /**
   * @param {object} options
   * @param {RTCIceServer[]} options.ice
   * @param {(signal: Signal) => void} options.send to the other side
   * @param {(state: RTCPeerConnectionState) => void} options.changed
   */
  constructor({ ice, send, changed }) {
    this.send = send;
    this.connection = new RTCPeerConnection({ iceServers: ice, bundlePolicy: "max-bundle" });
    this.connection.addEventListener(
      "icecandidate",
      (event) => event.candidate && send({ candidate: event.candidate.toJSON() }),
    );
    this.connection.addEventListener("connectionstatechange", () => changed(this.connection.connectionState));
    this.connection.addEventListener("track", (event) => this.play(event.streams[0] ?? new MediaStream([event.track])));
    /** Signals are taken one after the other, in the order they came. */
    this.queue = Promise.resolve();
    /** @type {MediaStream | null} */
    this.microphone = null;
    this.sound = new Audio();
  }

  /** Ask for the microphone. Throws what the browser says if it is refused. */
  async listen() {
    this.microphone ??= await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of this.microphone.getAudioTracks()) {
      if (!this.connection.getSenders().some((sender) => sender.track === track))
        this.connection.addTrack(track, this.microphone);
    }
  }

  /** The caller's part: offer to talk. */
  async offer() {
    await this.connection.setLocalDescription(await this.connection.createOffer());
    this.send({ description: this.connection.localDescription?.toJSON() });
  }

  /** @param {Signal} signal */
  take(signal) {
    this.queue = this.queue.then(() => this.#take(signal)).catch(() => undefined);
    return this.queue;
  }

  /** @param {Signal} signal */
  async #take(signal) {
    if (signal.description) {
      await this.connection.setRemoteDescription(signal.description);
      if (signal.description.type !== "offer") return;
      await this.connection.setLocalDescription(await this.connection.createAnswer());
      this.send({ description: this.connection.localDescription?.toJSON() });
    } else if (signal.candidate) {
      await this.connection.addIceCandidate(signal.candidate);
    }
  }

  /** @param {boolean} muted */
  mute(muted) {
    for (const track of this.microphone?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  /** @param {MediaStream} stream */
  play(stream) {
    this.sound.srcObject = stream;
    this.sound.play().catch(() => undefined);
  }

  close() {
    this.connection.close();
    this.sound.srcObject = null;
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
  }
}
