// @ts-check
/** How much waits for this person, where a tab in the background shows it: "(2) Console · Candor" and a dot on its icon. */

/** @type {Map<string, number>} */
const waiting = new Map();

/**
 * @param {string} what offers, unread tickets: each counts for itself
 * @param {number} n
 */
export function showWaiting(what, n) {
  waiting.set(what, n);
  const total = Array.from(waiting.values()).reduce((sum, one) => sum + one, 0);
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = total ? `(${total}) ${title}` : title;
  const icon = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=icon]"));
  if (!icon?.dataset.waiting) return;
  icon.dataset.calm ??= icon.href;
  const wanted = total ? icon.dataset.waiting : icon.dataset.calm;
  if (icon.getAttribute("href") !== wanted) icon.href = wanted;
}
