// @ts-check
/** Entry of every signed-in page: the small elements, shortcuts, times in the reader's zone, and htmx with our CSRF token. */
import "./lib/htmx.js";
import "./elements/cc-connection.js";
import "./elements/cc-menu.js";
import "./elements/cc-theme.js";
import "./elements/cc-timer.js";
import "./elements/cc-toasts.js";
import { listenForKeys } from "./keys.js";
import { csrfToken } from "./lib/request.js";
import { titleWhatIsCut } from "./lib/titles.js";
import { toast } from "./lib/toast.js";
import { keepTime } from "./lib/when.js";

document.addEventListener("htmx:config:request", (event) => {
  /** @type {CustomEvent} */ (event).detail.ctx.request.headers["X-CSRFToken"] = csrfToken();
});

// A refusal that brings no HTML of its own would otherwise be silent.
document.addEventListener("htmx:error", () => toast("", { tone: "bad" }));

// Forms in pushed fragments cannot carry the page's token; they get it when they are sent.
document.addEventListener("submit", (event) => {
  const field = event.target instanceof HTMLFormElement && event.target.querySelector("input[data-csrf]");
  if (field instanceof HTMLInputElement) field.value = csrfToken();
});

listenForKeys();
keepTime();
titleWhatIsCut();
