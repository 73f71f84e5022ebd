// @ts-check
/** One to five stars after the chat. */
import { element } from "./dom.js";

/** @param {import("../lib/socket.js").Socket} socket */
export function askRating(socket) {
  const form = /** @type {HTMLFormElement} */ (element("chat-rating"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const rating = Number(new FormData(form).get("rating"));
    if (!rating) return;
    socket.emit("rate", { rating }, (/** @type {any} */ answer) => {
      const thanks = /** @type {HTMLTemplateElement} */ (element("chat-thanks-text"));
      element("chat-thanks").textContent = answer.error ?? thanks.content.textContent ?? "";
      if (!answer.error)
        for (const part of form.querySelectorAll("fieldset, button")) part.setAttribute("disabled", "");
    });
  });
}
