// @ts-check
/** A reply that has not left yet can be taken back: its words are in the box again, before what was typed meanwhile, and its
 *  files go along again. */
import { post, Refused } from "./request.js";
import { toast } from "./toast.js";

/**
 * Have it at hand, and under a key, for as long as a toast lasts.
 * @param {HTMLElement} message as the server made it: it has a button to take it back, or has left already
 * @param {DOMStringMap} words `leaving` and `undo`
 */
export function offerUndo(message, words) {
  const button = `#${message.id} [data-take-back]`;
  if (!message.querySelector("[data-take-back]")) return;
  const run = () => /** @type {HTMLElement | null} */ (document.querySelector(button))?.click();
  toast(words.leaving ?? "", { action: words.undo, keys: "ctrl+z", run });
}

/** @param {Event} event a click in the thread */
export async function takeBack(event) {
  const button = event.target instanceof Element && event.target.closest("[data-take-back]");
  if (!(button instanceof HTMLButtonElement)) return;
  const thread = button.closest("cc-thread");
  /** @type {HTMLAnchorElement[]} */
  const links = Array.from(button.closest(".message")?.querySelectorAll("a.file") ?? []);
  button.disabled = true;
  try {
    const body = await post(button.dataset.takeBack ?? "", {});
    if (!thread) return;
    writeAgain(thread, body);
    const files = await Promise.all(links.map(fetchFile));
    /** @type {import("../elements/cc-files.js").Files | null} */ (thread.querySelector("cc-files"))?.add(files);
  } catch (error) {
    toast(error instanceof Refused ? error.message : "", { tone: "bad" });
  }
}

/** @param {HTMLAnchorElement} link */
async function fetchFile(link) {
  const answer = await fetch(link.href);
  if (!answer.ok) throw new Error(answer.statusText);
  return new File([await answer.blob()], link.dataset.name ?? "");
}

/**
 * @param {Element} thread
 * @param {string} body
 */
function writeAgain(thread, body) {
  const text = thread.querySelector("textarea[name=body]");
  const reply = thread.querySelector("input[name=mode][value=reply]");
  if (!(text instanceof HTMLTextAreaElement) || !(reply instanceof HTMLInputElement)) return;
  if (!reply.checked) reply.click();
  text.value = [body, text.value].filter(Boolean).join("\n\n");
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.focus();
}
