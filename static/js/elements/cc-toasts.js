// @ts-check
/** `<cc-toasts role="status">`: shows what `toast()` says and what the server refuses, each for some seconds. */
const SHORT_MS = 5000;
const REFUSAL_MS = 9000;

export class Toasts extends HTMLElement {
  #watch = new MutationObserver((changes) => this.clear(changes));

  connectedCallback() {
    document.addEventListener("cc:toast", this);
    this.#watch.observe(this, { childList: true });
  }

  disconnectedCallback() {
    document.removeEventListener("cc:toast", this);
    this.#watch.disconnect();
  }

  /** @param {MutationRecord[]} changes */
  clear(changes) {
    for (const line of changes.flatMap((change) => Array.from(change.addedNodes))) {
      const last = line instanceof HTMLElement && Number(line.dataset.last ?? REFUSAL_MS);
      if (line instanceof HTMLElement) setTimeout(() => line.remove(), last || REFUSAL_MS);
    }
  }

  /** @param {Event} event */
  handleEvent(event) {
    const { text, action, run, last = SHORT_MS } = /** @type {CustomEvent} */ (event).detail;
    const line = document.createElement("div");
    line.className = "toast";
    line.append(part("span", "toast__text", text || this.dataset.failed || ""));
    if (action) line.append(this.button(action, line, run));
    line.dataset.last = String(last);
    this.append(line);
  }

  /**
   * @param {string} label
   * @param {HTMLElement} line
   * @param {() => void} run
   */
  button(label, line, run) {
    const button = part("button", "button button--s", label);
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
