// @ts-check
/**
 * What must survive a reload: the visitor's token, and messages that the server has not acknowledged.
 * Storage may be forbidden (private windows): then they live as long as the page.
 * @typedef {{client_id: string, body: string, name?: string, email?: string}} Waiting
 */

/** @type {Map<string, string>} */
const fallback = new Map();

/** @param {string} key */
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return fallback.get(key) ?? null;
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    fallback.set(key, value);
  }
}

/** One widget's memory in this browser. */
export class Store {
  /** @param {string} key the widget's public key */
  constructor(key) {
    this.prefix = `candor.${key}.`;
  }

  /** @returns {string | null} */
  get token() {
    return read(`${this.prefix}token`);
  }

  set token(value) {
    write(`${this.prefix}token`, value ?? "");
  }

  /** @returns {Waiting[]} */
  get waiting() {
    try {
      const kept = JSON.parse(read(`${this.prefix}waiting`) ?? "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  /** @param {Waiting} message */
  keep(message) {
    write(
      `${this.prefix}waiting`,
      JSON.stringify([...this.waiting.filter((one) => one.client_id !== message.client_id), message]),
    );
  }

  /** @param {string | null} clientId */
  forget(clientId) {
    write(`${this.prefix}waiting`, JSON.stringify(this.waiting.filter((one) => one.client_id !== clientId)));
  }
}
