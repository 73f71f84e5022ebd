// @ts-check
/**
 * The page's one socket. It joins rooms, applies the fragments pushed to them, and whenever it has joined asks the room's
 * owner to fetch what was missed: sockets are best effort, `rev` and a fresh look at the list make it exact. `again` is the
 * server's wish that a room (or all of them) be joined once more: rights changed, or the server itself missed something.
 */
import { apply, VERSION } from "./lib/fragments.js";
import { isPassing, LATER_MS, openSocket } from "./lib/socket.js";

/** @typedef {import("./lib/fragments.js").Fragment} Fragment */
/** @typedef {{room: string, missed: () => void}} Membership `missed` fetches what was pushed while we were away */

const NAMESPACE = "/console";
const AWAY_MS = 60_000;
const ANSWER_MS = 5000;
const TOGETHER_MS = 20;

/** @type {Set<Membership>} */
const members = new Set();
/** @type {import("./lib/socket.js").Socket | undefined} */
let socket;
let stood = false;
let sending = 0;
let hiddenAt = 0;

/** @type {Set<string>} rooms that this page has been let into */
const entered = new Set();

/** @type {Set<() => void>} what is fetched together: a list in three rooms is one list */
const fetches = new Set();

/** Fragments are applied one after the other, in the order they came. */
let queue = Promise.resolve();

/** @type {Set<Fragment[]>} what was pushed since each fetch that is under way */
const fetching = new Set();

/**
 * Join `room` until the returned function is called.
 * @param {string} room
 * @param {() => void} missed the same function for several rooms is called once for all of them
 */
export function join(room, missed) {
  const member = { room, missed };
  members.add(member);
  // What was pushed between the page's making and the joining is fetched as if it had been missed.
  if (open().connected) enter(room);
  return () => {
    members.delete(member);
    if (!membersOf(room).length) socket?.emit("leave", { room });
  };
}

/**
 * Tell the server something that may be lost: typing, viewing.
 * @param {string} event
 * @param {Record<string, unknown>} data
 */
export function tell(event, data) {
  if (socket?.connected) socket.emit(event, data);
}

/**
 * Hear an event that is not a fragment.
 * @param {string} event
 * @param {(data: any) => void} hear whatever JSON the server sends
 * @returns {() => void} stops listening
 */
export function listen(event, hear) {
  const heard = open();
  heard.on(event, hear);
  return () => heard.off(event, hear);
}

/**
 * Count `work` as being sent until it is done, so that the banner can say so.
 * @template T
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
export async function whileSending(work) {
  sending += 1;
  report();
  try {
    return await work;
  } finally {
    sending -= 1;
    report();
  }
}

/**
 * What `work` fetches and shows may have been read before what is pushed meanwhile: that is then shown once more.
 * @param {Promise<void>} work
 */
export async function whileFetching(work) {
  /** @type {Fragment[]} */
  const pushed = [];
  fetching.add(pushed);
  try {
    await work;
  } finally {
    fetching.delete(pushed);
    for (const fragment of pushed) show(fragment);
  }
}

/** @returns {import("./lib/socket.js").Socket} */
function open() {
  if (socket) return socket;
  const made = openSocket(NAMESPACE);
  socket = made;
  made.on("connect", onConnect);
  made.on("disconnect", report);
  made.on("connect_error", report);
  made.on("fragment", onFragment);
  made.on("again", onAgain);
  document.addEventListener("visibilitychange", onVisibility);
  addEventListener("offline", report);
  addEventListener("online", report);
  report();
  return made;
}

function onConnect() {
  for (const room of new Set(Array.from(members, (member) => member.room))) enter(room);
  report();
}

/** @param {{room?: string, within_ms: number}} wish without a room: all of them, at a moment of one's own */
function onAgain({ room, within_ms }) {
  if (room) return enter(room);
  setTimeout(onConnect, Math.random() * within_ms);
}

/**
 * Knock until there is an answer: who is not in the room hears nothing. Who was put out and may not come back sees what he
 * may see now.
 * @param {string} room
 */
function enter(room) {
  if (!socket?.connected || !membersOf(room).length) return; // joined when the connection stands, or no longer wanted
  socket.timeout(ANSWER_MS).emit("join", { room }, (/** @type {unknown} */ silence, /** @type {any} */ answer) => {
    if (silence || isPassing(answer)) {
      setTimeout(() => enter(room), LATER_MS);
    } else if (!answer.error) {
      entered.add(room);
      for (const member of membersOf(room)) fetchFor(member);
    } else if (entered.has(room)) {
      setTimeout(() => location.reload(), LATER_MS); // not at once: it would break off the sign-out that put us out
    }
  });
}

/** @param {string} room */
const membersOf = (room) => Array.from(members).filter((member) => member.room === room);

/** @param {Membership} member */
function fetchFor(member) {
  if (!fetches.size) setTimeout(fetchAll, TOGETHER_MS);
  fetches.add(member.missed);
}

function fetchAll() {
  const due = Array.from(fetches);
  fetches.clear();
  for (const missed of due) missed();
}

/** @param {Fragment} fragment */
function onFragment(fragment) {
  if (fragment.v !== VERSION) return location.reload();
  for (const pushed of fetching) pushed.push(fragment);
  show(fragment);
}

/** @param {Fragment} fragment */
function show(fragment) {
  queue = queue.then(() => apply(fragment)).catch(catchUp);
}

function onVisibility() {
  if (document.hidden) hiddenAt = Date.now();
  else if (hiddenAt && Date.now() - hiddenAt > AWAY_MS) catchUp();
}

function catchUp() {
  for (const member of members) fetchFor(member);
}

function report() {
  stood ||= Boolean(socket?.connected);
  const online = socket?.connected ? "online" : stood ? "reconnecting" : "connecting";
  const state = navigator.onLine ? (sending && online === "online" ? "sending" : online) : "offline";
  document.dispatchEvent(new CustomEvent("cc:connection", { detail: { state, sending } }));
}
