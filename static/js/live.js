// @ts-check
/**
 * The page's one socket. It joins rooms, applies the fragments pushed to them, and after a break asks each room's owner to
 * fetch what was missed: sockets are best effort, `rev` and a fresh look at the list make it exact.
 */
import { apply, VERSION } from "./lib/fragments.js";
import { openSocket } from "./lib/socket.js";

/** @typedef {{room: string, missed: () => void}} Membership `missed` fetches what was pushed while we were away */

const NAMESPACE = "/console";
const AWAY_MS = 60_000;

/** @type {Set<Membership>} */
const members = new Set();
/** @type {import("./lib/socket.js").Socket | undefined} */
let socket;
let sending = 0;
let lost = false;
let hiddenAt = 0;

/** Fragments are applied one after the other, in the order they came. */
let queue = Promise.resolve();

/**
 * Join `room` until the returned function is called.
 * @param {string} room
 * @param {() => void} missed
 */
export function join(room, missed) {
  const member = { room, missed };
  members.add(member);
  // What was pushed between the page's making and the joining is fetched as if it had been missed.
  open().emit("join", { room }, missed);
  return () => {
    members.delete(member);
    if (!Array.from(members).some((other) => other.room === room)) socket?.emit("leave", { room });
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

/** @returns {import("./lib/socket.js").Socket} */
function open() {
  if (socket) return socket;
  const made = openSocket(NAMESPACE);
  socket = made;
  made.on("connect", onConnect);
  made.on("disconnect", onDisconnect);
  made.on("connect_error", report);
  made.on("fragment", onFragment);
  document.addEventListener("visibilitychange", onVisibility);
  addEventListener("offline", report);
  report();
  return made;
}

function onDisconnect() {
  lost = true;
  report();
}

function onConnect() {
  if (lost) {
    for (const room of new Set(Array.from(members, (member) => member.room))) socket?.emit("join", { room });
    catchUp();
  }
  lost = false;
  report();
}

/** @param {import("./lib/fragments.js").Fragment} fragment */
function onFragment(fragment) {
  if (fragment.v !== VERSION) return location.reload();
  queue = queue.then(() => apply(fragment)).catch(() => catchUp());
}

function onVisibility() {
  if (document.hidden) hiddenAt = Date.now();
  else if (hiddenAt && Date.now() - hiddenAt > AWAY_MS) catchUp();
}

function catchUp() {
  for (const member of members) member.missed();
}

function report() {
  const online = socket?.connected ? "online" : "connecting";
  const state = navigator.onLine ? (sending && online === "online" ? "sending" : online) : "offline";
  document.dispatchEvent(new CustomEvent("cc:connection", { detail: { state, sending } }));
}
