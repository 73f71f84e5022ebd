// @ts-check
/** Who types: ours is told at most every three seconds, theirs is shown for six. */
import { field } from "./dom.js";
import { words } from "./words.js";

const TELL_EVERY_MS = 3000;
const SHOW_MS = 6000;

export class Typing {
  /**
   * @param {import("../lib/socket.js").Socket} socket
   * @param {HTMLElement} line
   */
  constructor(socket, line) {
    this.socket = socket;
    this.line = line;
    this.toldAt = 0;
    this.timer = 0;
    field("chat-text").addEventListener("input", () => this.tell());
    socket.on("typing", (told) => (told.on ? this.show(told.name) : this.hide()));
  }

  tell() {
    if (Date.now() - this.toldAt < TELL_EVERY_MS || !this.socket.connected) return;
    this.toldAt = Date.now();
    this.socket.emit("typing", { on: true });
  }

  stop() {
    if (this.toldAt && this.socket.connected) this.socket.emit("typing", { on: false });
    this.toldAt = 0;
  }

  /** @param {string} name */
  show(name) {
    this.line.textContent = words("typing", { name });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), SHOW_MS);
  }

  hide() {
    this.line.textContent = "";
  }
}
