// @ts-check
/** The one door to htmx: whoever replaces it changes this file. */
import htmx from "../../vendor/htmx.esm.min.js";

/**
 * Put server-rendered HTML in the place of `target`, keeping what the person types, marks and scrolls there.
 * @param {Element} target
 * @param {string} html one element with the same id
 * @returns {Promise<void>}
 */
export const morph = (target, html) => htmx.swap({ text: html, target, swap: "outerMorph", sourceElement: target });

/**
 * Give new elements their hx-* behaviour.
 * @param {Element} element
 */
export const bring = (element) => htmx.process(element);

/**
 * Fetch `url` into `target`; the events of the request bubble from there.
 * @param {string} url
 * @param {Element} target
 * @param {string} [swap]
 * @returns {Promise<void>}
 */
export const load = (url, target, swap = "innerMorph") => htmx.ajax("GET", url, { source: target, target, swap });
