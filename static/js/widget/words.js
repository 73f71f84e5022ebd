// @ts-check
/** The words people read, which the server put on the page, with their places filled. */
const page = /** @type {HTMLElement} */ (document.getElementById("chat"));

/**
 * @param {string} name the data attribute's name in camel case
 * @param {Record<string, string | number>} [values] for `{name}` places
 * @returns {string}
 */
export function words(name, values = {}) {
  const text = page.dataset[name] ?? "";
  return text.replace(/\{(\w+)\}/g, (_whole, key) => String(values[key] ?? ""));
}

/** @param {string} at an ISO 8601 instant */
export const clock = (at) =>
  new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
