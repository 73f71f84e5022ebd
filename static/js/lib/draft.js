// @ts-check
/** What is typed so far, kept on the server; on the device while the server cannot be reached. */
import { post } from "./request.js";

const PAUSE_MS = 700;
const KEEPALIVE_MAX = 20_000;

/** @typedef {{mode: string, body: string}} Words */

export class Draft {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later;

  /**
   * @param {string} url
   * @param {string} name what it is kept under on the device, with the mode behind it
   * @param {(kept: "server" | "device") => void} told
   */
  constructor(url, name, told) {
    this.url = url;
    this.name = name;
    this.told = told;
  }

  /** @param {string} mode */
  onDevice(mode) {
    return localStorage.getItem(`${this.name}:${mode}`);
  }

  /** @param {() => Words} read asked when the typing pauses */
  soon(read) {
    this.rest();
    this.#later = setTimeout(() => this.keep(read()), PAUSE_MS);
  }

  rest() {
    clearTimeout(this.#later);
  }

  /** @param {Words} words */
  async keep({ mode, body }) {
    try {
      await post(this.url, { body, mode }, { keepalive: body.length < KEEPALIVE_MAX });
      this.forget(mode);
      this.told("server");
    } catch {
      localStorage.setItem(`${this.name}:${mode}`, body);
      this.told("device");
    }
  }

  /** @param {string} mode */
  forget(mode) {
    localStorage.removeItem(`${this.name}:${mode}`);
  }
}
