// @ts-check
/** A reply that has not left yet can be taken back: its words are in the box again, before what was typed meanwhile. */
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
  button.disabled = true;
  try {
    const body = await post(button.dataset.takeBack ?? "", {});
    if (thread) writeAgain(thread, body);
  } catch (error) {
    toast(error instanceof Refused ? error.message : "", { tone: "bad" });
  }
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
