// @ts-check
/** Say something in passing. The words come from the server's templates. */

/**
 * @typedef {{tone?: "plain" | "bad", action?: string, keys?: string, run?: () => void, last?: number}} ToastOptions
 * `action` names a button that calls `run`, as do `keys`; `last` is how long it stays, in ms.
 */

/**
 * @param {string} text empty: the general sentence of a failed request
 * @param {ToastOptions} [options]
 */
export function toast(text, options = {}) {
  document.dispatchEvent(new CustomEvent("cc:toast", { detail: { text, ...options } }));
}
