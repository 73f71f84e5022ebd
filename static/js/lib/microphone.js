// @ts-check
/** The microphone of this page: asked for once, muted, let go. */
export class Microphone {
  /** @type {MediaStream | null} */
  stream = null;
  muted = false;

  /** Ask for it. Throws what the browser says if it is refused or missing. */
  async open() {
    this.stream ??= await navigator.mediaDevices.getUserMedia({ audio: true });
    this.mute(this.muted);
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.muted = muted;
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.muted = false;
  }
}
