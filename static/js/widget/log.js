// @ts-check
/** The messages on screen: in order of `seq`, each once, whatever way it came; what is not acknowledged stands last. */
import { linked } from "../lib/linked.js";
import { clock, words } from "./words.js";

/**
 * @typedef {{name: string, size: number, image: boolean, url: string}} Attached
 * @typedef {{seq: number, author: "customer" | "agent" | "system", name: string, body: string, code: string | null,
 *   values: Record<string, string>, client_id: string | null, at: string, files: Attached[]}} Said
 */

export class Log {
  /** @param {HTMLElement} home */
  constructor(home) {
    this.home = home;
    this.last = 0;
    this.readSeq = 0;
    /** @type {Map<number, HTMLElement>} */
    this.shown = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.pending = new Map();
  }

  /**
   * Show a message; false if one before it is missing, so that the caller asks for it.
   * @param {Said} said
   */
  add(said) {
    if (this.shown.has(said.seq)) return true;
    if (said.seq > this.last + 1) return false;
    this.last = said.seq;
    if (said.client_id) this.settle(said.client_id);
    const made = said.author === "system" ? line(said) : bubble(said);
    this.shown.set(said.seq, made);
    this.insert(made);
    this.tick();
    return true;
  }

  /**
   * @param {string} clientId
   * @param {string} body
   */
  addPending(clientId, body) {
    if (this.pending.has(clientId)) return;
    const made = bubble({
      seq: 0,
      author: "customer",
      name: "",
      body,
      code: null,
      values: {},
      client_id: clientId,
      at: new Date().toISOString(),
      files: [],
    });
    meta(made).textContent = words("pending");
    this.pending.set(clientId, made);
    this.home.append(made);
    this.toEnd();
  }

  /** @param {string} clientId */
  settle(clientId) {
    this.pending.get(clientId)?.remove();
    this.pending.delete(clientId);
  }

  /**
   * @param {string} clientId
   * @param {string} why
   */
  fail(clientId, why) {
    const made = this.pending.get(clientId);
    if (!made) return;
    made.classList.add("said--failed");
    meta(made).textContent = `${words("failed")}: ${why}`;
  }

  /** @param {HTMLElement} made */
  insert(made) {
    const first = this.pending.values().next().value ?? null;
    const atEnd = this.home.scrollHeight - this.home.scrollTop - this.home.clientHeight < 120;
    this.home.insertBefore(made, first);
    if (atEnd) this.toEnd();
  }

  /** Say under the newest own message how far it got. */
  tick() {
    const own = Array.from(this.shown).filter(([, made]) => made.classList.contains("said--customer"));
    for (const [seq, made] of own.slice(-3)) {
      const how = seq <= this.readSeq ? words("read") : words("sent");
      meta(made).textContent = `${made.dataset.time} · ${how}`;
    }
  }

  toEnd() {
    this.home.scrollTop = this.home.scrollHeight;
  }
}

/** @param {HTMLElement} made */
const meta = (made) => /** @type {HTMLElement} */ (made.querySelector(".said__meta"));

/** @param {Said} said */
function line(said) {
  const made = document.createElement("p");
  made.className = "chat__line";
  const name = (said.code ?? "").replace(/_(\w)/g, (_whole, letter) => letter.toUpperCase());
  made.textContent = words(name, said.values);
  made.hidden = !made.textContent;
  return made;
}

/** @param {Said} said */
function bubble(said) {
  const made = document.createElement("article");
  made.className = `said said--${said.author}`;
  made.dataset.time = clock(said.at);
  const body = document.createElement("div");
  body.className = "said__body";
  body.append(...linked(said.body));
  const foot = document.createElement("footer");
  foot.className = "said__meta";
  foot.textContent = [said.author === "customer" ? words("you") : said.name, made.dataset.time]
    .filter(Boolean)
    .join(" · ");
  made.append(body, ...said.files.map(attachment), foot);
  return made;
}

/** @param {Attached} file */
function attachment(file) {
  const link = document.createElement("a");
  link.href = file.url;
  link.target = "_blank";
  link.rel = "noopener";
  if (file.image) {
    const image = document.createElement("img");
    Object.assign(image, { src: file.url, alt: file.name, className: "said__image", loading: "lazy" });
    link.append(image);
  } else {
    link.textContent = file.name;
  }
  return link;
}
