// @ts-check
/**
 * `<cc-timer datetime="…">` counts down to an instant, `data-up` up from it. At `data-warn-s` and `data-bad-s` seconds left
 * its `data-tone` changes, and past the instant it counts on with a minus sign. From an hour on it reads `data-long`,
 * "{h} h {min} min". One clock ticks for all of them.
 */

/** @type {Set<Timer>} */
const timers = new Set();
setInterval(() => {
  for (const timer of timers) timer.show();
}, 1000);

export class Timer extends HTMLElement {
  static observedAttributes = ["datetime"];

  connectedCallback() {
    timers.add(this);
    this.show();
  }

  disconnectedCallback() {
    timers.delete(this);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.show();
  }

  /** Seconds left, or gone with `data-up`. */
  get seconds() {
    const delta = (new Date(this.getAttribute("datetime") ?? "").getTime() - Date.now()) / 1000;
    return this.hasAttribute("data-up") ? -delta : delta;
  }

  show() {
    const seconds = this.seconds;
    if (Number.isNaN(seconds)) return;
    const text = clock(seconds, document.documentElement.lang, this.dataset.long ?? "");
    if (this.textContent !== text) this.replaceChildren(text);
    const tone = this.toneFor(seconds);
    if (this.dataset.tone !== tone) this.setTone(tone);
  }

  /** @param {number} seconds */
  toneFor(seconds) {
    if (this.hasAttribute("data-up")) return "plain";
    if (seconds <= Number(this.dataset.badS ?? Number.NEGATIVE_INFINITY)) return "bad";
    return seconds <= Number(this.dataset.warnS ?? Number.NEGATIVE_INFINITY) ? "warn" : "plain";
  }

  /** @param {string} tone */
  setTone(tone) {
    this.dataset.tone = tone;
    const chip = this.closest(".chip");
    chip?.classList.toggle("chip--warn", tone === "warn");
    chip?.classList.toggle("chip--bad", tone === "bad");
  }
}

/**
 * `0:42`, `12:05`, `3 h 7 min` or days.
 * @param {number} seconds
 * @param {string} language
 * @param {string} long how hours and minutes are said, with {h} and {min}
 */
function clock(seconds, language, long) {
  const sign = seconds < 0 ? "−" : "";
  const whole = Math.floor(Math.abs(seconds));
  if (whole >= 48 * 3600) {
    const days = new Intl.NumberFormat(language, { style: "unit", unit: "day", unitDisplay: "short" });
    return sign + days.format(Math.floor(whole / 86400));
  }
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours) return sign + long.replace("{h}", String(hours)).replace("{min}", String(minutes));
  return `${sign}${minutes}:${String(rest).padStart(2, "0")}`;
}

customElements.define("cc-timer", Timer);
