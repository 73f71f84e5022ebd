// @ts-check
/** The chat in its frame: every message once and in order, through reloads, second tabs, sleep and broken lines. */
import { isPassing, LATER_MS, openSocket } from "../lib/socket.js";
import { offerCalls } from "./call.js";
import { element, field } from "./dom.js";
import { attachFiles } from "./files.js";
import { connectPage } from "./frame.js";
import { Log } from "./log.js";
import { askRating } from "./rating.js";
import { Store } from "./store.js";
import { Typing } from "./typing.js";
import { words } from "./words.js";

/**
 * @typedef {{state: string, agent: string, last_seq: number, read_seq: number, seen_seq: number, rating: number | null, position?: number,
 *   estimate_s?: number | null}} State
 * @typedef {{seq?: number, ticket?: number, left?: boolean, state?: State, error?: string, code?: string}} Answer
 */

const ANSWER_MS = 8000;
const SLOW_MS = 1000;
const LOST_MS = 15_000;

const page = element("chat");
const log = new Log(element("chat-log"));
const store = new Store(page.dataset.key ?? "");
let running = false;
let open = parent === window;
let asking = false;
let sending = false;
let unread = 0;
/** @type {Map<string, (nothing: void) => void>} who waits for the server to have which message */
const told = new Map();

const session = await startSession();
const socket = openSocket("/chat", { token: store.token, language: page.dataset.language });
socket.on("connect", catchUp);
socket.on("again", ({ within_ms }) => setTimeout(catchUp, Math.random() * within_ms));
socket.on("disconnect", showConnection);
socket.on("connect_error", showConnection);
socket.on("message", (said) => {
  if (!log.add(said)) return catchUp();
  if (said.author !== "customer") arrived(said.seq);
  forget(said.client_id);
});
socket.on("state", showState);
socket.on("receipt", ({ read }) => {
  log.readSeq = Math.max(log.readSeq, read);
  log.tick();
});
const tellPage = connectPage(page.dataset.site ?? "", (isOpen) => {
  open = isOpen;
  if (open) {
    field("chat-text").focus();
    markRead();
  }
});

const typing = new Typing(socket, element("chat-typing"));
attachFiles(store, say);
offerCalls(store.token);
element("chat-send").removeAttribute("disabled");
askRating(socket);

element("chat-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field("chat-text");
  if (!text.value.trim()) return;
  say(text.value.trim());
  text.value = "";
  typing.stop();
});
field("chat-text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  /** @type {HTMLFormElement} */ (element("chat-form")).requestSubmit();
});
element("chat-close").addEventListener("click", () => tellPage({ close: true }));
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector(":popover-open"))
    tellPage({ close: true });
});
element("chat-complain").addEventListener("click", () => menu("complain"));
element("chat-leave").addEventListener("click", () => menu("leave"));
document.addEventListener("visibilitychange", () =>
  document.hidden ? undefined : socket.connected ? catchUp() : undefined,
);
for (const message of store.waiting) log.addPending(message.client_id, message.body);

/** @returns {Promise<{open: boolean, running: boolean}>} */
async function startSession() {
  const wish = { key: page.dataset.key, token: store.token || null };
  const slow = setTimeout(() => banner(words("connecting")), SLOW_MS);
  const answer = await fetch("/widget/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wish),
    signal: AbortSignal.timeout(LOST_MS),
  }).catch(() => null);
  clearTimeout(slow);
  if (!answer?.ok) {
    banner(words("lost"));
    await new Promise((resolve) => setTimeout(resolve, 5000));
    return startSession();
  }
  banner("");
  const found = await answer.json();
  store.token = found.token;
  running = found.running;
  element("chat-who").hidden = running;
  element("chat-closed").hidden = found.open;
  return found;
}

/**
 * @param {string} body
 * @returns {Promise<void>} resolved when the server has the words, or has refused them
 */
function say(body) {
  const message = {
    client_id: crypto.randomUUID(),
    body,
    name: field("f-name").value.trim(),
    email: field("f-email").value.trim(),
  };
  store.keep(message);
  log.addPending(message.client_id, body);
  const done = new Promise((/** @type {(nothing: void) => void} */ resolve) => told.set(message.client_id, resolve));
  sendNext();
  return done;
}

/** Send what waits, one after the other, so that the order is kept whatever breaks in between. */
function sendNext() {
  showConnection();
  const [message] = store.waiting;
  if (!message || sending || asking || !socket.connected) return;
  sending = true;
  socket
    .timeout(ANSWER_MS)
    .emit(running ? "message" : "open", message, (/** @type {unknown} */ silence, /** @type {Answer} */ answer) => {
      sending = false;
      if (silence) return catchUp();
      if (answer.error) refused(message, answer);
      else settled(message, answer);
      sendNext();
    });
}

/**
 * @param {import("./store.js").Waiting} message
 * @param {Answer} answer
 */
function refused(message, answer) {
  if (isPassing(answer)) return later();
  element("chat-error").textContent = answer.error ?? "";
  log.fail(message.client_id, answer.error ?? "");
  forget(message.client_id);
}

/**
 * @param {import("./store.js").Waiting} message
 * @param {Answer} answer
 */
function settled(message, answer) {
  forget(message.client_id);
  element("chat-error").textContent = "";
  element("chat-who").hidden = true;
  if (answer.left) {
    element("chat-state").textContent = words("left", { n: answer.ticket ?? "" });
    return log.settle(message.client_id);
  }
  const opened = !running;
  if (opened) tellPage({ started: true });
  running = true;
  if (answer.state) showState(answer.state);
  if (opened || (answer.seq ?? 0) > log.last) catchUp(); // nobody listens to a chat before it is opened
}

/**
 * The server has it, or never will.
 * @param {string | null} clientId
 */
function forget(clientId) {
  store.forget(clientId);
  told.get(clientId ?? "")?.();
  told.delete(clientId ?? "");
}

/** Not now: ask again in a moment, and hold back until then what else is to be sent. */
function later() {
  asking = true;
  setTimeout(() => {
    asking = false;
    catchUp();
  }, LATER_MS);
}

/** Ask for what is missing, then send what is waiting. */
function catchUp() {
  showConnection();
  if (asking || !socket.connected) return;
  asking = true;
  socket
    .timeout(ANSWER_MS)
    .emit("replay", { after: log.last }, (/** @type {unknown} */ silence, /** @type {any} */ answer) => {
      asking = false;
      if (!socket.connected) return;
      if (silence || isPassing(answer)) return later();
      if (answer.error) return;
      running = Boolean(answer.state);
      for (const said of answer.messages) {
        log.add(said);
        forget(said.client_id);
        if (said.author !== "customer" && said.seq > (answer.state?.seen_seq ?? 0)) arrived(said.seq);
      }
      if (answer.state) showState(answer.state);
      if (answer.more) return catchUp();
      sendNext();
    });
}

/** @param {number} seq */
function arrived(seq) {
  typing.hide();
  if (open && !document.hidden) return markRead(); // who reads it has got it
  socket.emit("got", { seq });
  unread += 1;
  tellPage({ unread });
}

function markRead() {
  unread = 0;
  tellPage({ unread });
  if (socket?.connected && log.last) socket.emit("read", { seq: log.last });
}

/** @param {State} state */
function showState(state) {
  log.readSeq = Math.max(log.readSeq, state.read_seq);
  log.tick();
  const minutes = Math.max(1, Math.round((state.estimate_s ?? 0) / 60));
  const waiting = state.position
    ? [words("place", { n: state.position }), state.estimate_s ? words("estimate", { n: minutes }) : ""]
    : [words("soon")];
  const said = {
    waiting: waiting.join(" "),
    active: words("with", { name: state.agent }),
    wrap_up: words("ended"),
    ended: words("ended"),
  };
  element("chat-state").textContent = said[/** @type {keyof typeof said} */ (state.state)] ?? "";
  element("chat-rating").hidden = !(["ended", "wrap_up"].includes(state.state) && !state.rating);
  element("chat-who").hidden = true;
}

function showConnection() {
  const n = store.waiting.length;
  if (socket.connected) banner("");
  else banner(n ? words("sending", { n }) : words("reconnecting"));
}

/** @param {string} text empty takes it away */
function banner(text) {
  element("chat-banner").hidden = !text;
  element("chat-banner").textContent = text;
}

/** @param {"complain" | "leave"} event */
function menu(event) {
  element("chat-menu").hidePopover();
  socket.emit(event, {}, (/** @type {any} */ answer) => {
    element("chat-error").textContent = answer.error ?? "";
  });
}

if (!session.running) showConnection();
