// @ts-check
/** `<cc-toasts role="status">`: shows what `toast()` says and what the server refuses (HX-Trigger: cc:toast), for a while. */
const LAST_MS = 5000;

export class Toasts extends HTMLElement {
  connectedCallback() {
    document.addEventListener("cc:toast", this);
  }

  disconnectedCallback() {
    document.removeEventListener("cc:toast", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const { text, tone, action, keys, run, last = LAST_MS } = /** @type {CustomEvent} */ (event).detail;
    const line = document.createElement("div");
    line.className = tone === "bad" ? "toast toast--bad" : "toast";
    line.append(part("span", "toast__text", text || this.dataset.failed || ""));
    if (action) line.append(this.button(action, keys, line, run));
    this.append(line);
    setTimeout(() => line.remove(), last);
  }

  /**
   * @param {string} label
   * @param {string | undefined} keys
   * @param {HTMLElement} line
   * @param {() => void} run
   */
  button(label, keys, line, run) {
    const button = part("button", "button button--s", label);
    if (keys) button.dataset.keys = keys;
    button.setAttribute("type", "button");
    button.addEventListener("click", () => {
      line.remove();
      run();
    });
    return button;
  }
}

/**
 * @param {string} tag
 * @param {string} classes
 * @param {string} text
 */
function part(tag, classes, text) {
  const element = document.createElement(tag);
  element.className = classes;
  element.textContent = text;
  return element;
}

customElements.define("cc-toasts", Toasts);
