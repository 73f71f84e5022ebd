// @ts-check
/** A long conversation stays light: at most 300 lines are on the page, older ones a button away. */
import { bring } from "./htmx.js";

const MOST = 300;
const KEPT = 250;

/**
 * Take the oldest lines away once there are too many, and put the button that fetches them again in their place.
 * @param {HTMLElement} scroller holds the lines (`data-rev`) and `<template data-earlier>` with the button
 */
export function shorten(scroller) {
  const lines = /** @type {NodeListOf<HTMLElement>} */ (scroller.querySelectorAll("[data-rev]"));
  const first = lines[lines.length - KEPT];
  const template = scroller.querySelector("template[data-earlier]");
  if (lines.length <= MOST || !first || !(template instanceof HTMLTemplateElement)) return;
  const old = document.createRange();
  old.setStartAfter(template);
  old.setEndBefore(first);
  old.deleteContents();
  const made = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  const button = made.querySelector("[hx-get]");
  button?.setAttribute("hx-get", `${button.getAttribute("hx-get")}${first.dataset.rev}`);
  template.after(made);
  bring(made);
}
