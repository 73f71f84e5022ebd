// @ts-check
/** Elements of the page that are always there. */

/** @param {string} id */
export const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} id */
export const field = (id) => /** @type {HTMLInputElement & HTMLTextAreaElement} */ (document.getElementById(id));
