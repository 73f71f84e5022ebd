// @ts-check
/** The one door to the Socket.IO client, with the part of its surface that we use. */
import { io } from "../../vendor/socket.io.esm.min.js";

/**
 * @typedef {object} Socket
 * @property {boolean} connected
 * @property {(event: string, ...data: unknown[]) => Socket} emit what is emitted before the connection stands is sent when it does
 * @property {(ms: number) => Socket} timeout the answer to the next emit is `(silence, answer)`, silence an Error when none came in time
 * @property {(event: string, hear: (data: any) => void) => Socket} on any: whatever JSON the server sends
 * @property {(event: string, hear?: (data: any) => void) => Socket} off
 */

/** Of an answer with such a code: nothing is wrong, but not now. */
const PASSING = ["too_many", "not_ready"];

export const LATER_MS = 2000;

/** @param {{code?: string}} answer */
export const isPassing = (answer) => PASSING.includes(answer.code ?? "");

/**
 * Open the socket of a namespace: WebSocket only, so that no process needs sticky sessions.
 * @param {string} namespace
 * @param {Record<string, unknown>} [auth] who we are, where no cookie says it
 * @returns {Socket}
 */
export const openSocket = (namespace, auth = {}) =>
  /** @type {any} */ (io)(namespace, { transports: ["websocket"], reconnectionDelayMax: 5000, auth });
