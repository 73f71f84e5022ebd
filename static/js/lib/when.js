// @ts-check
/** Show instants in the reader's own zone, and keep "3 minutes ago" true while the page is open. */

const UNITS = /** @type {const} */ ([
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
]);
const STYLES = {
  time: { timeStyle: "short" },
  date: { dateStyle: "medium" },
  datetime: { dateStyle: "medium", timeStyle: "short" },
};

const language = () => document.documentElement.lang || "en";

/**
 * Rewrite every `<time data-when="ago|time|date|datetime">` in `root`.
 * @param {ParentNode} root
 */
export function localise(root) {
  for (const element of root.querySelectorAll("time[data-when]")) say(/** @type {HTMLTimeElement} */ (element));
}

/** @param {HTMLTimeElement} element */
function say(element) {
  const at = new Date(element.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const how = element.dataset.when ?? "datetime";
  const text = how === "ago" ? ago(at) : format(at, how);
  if (element.textContent !== text) element.textContent = text;
  element.title = format(at, "datetime");
}

/**
 * @param {Date} at
 * @param {string} how
 */
function format(at, how) {
  const style = STYLES[/** @type {keyof typeof STYLES} */ (how)] ?? STYLES.datetime;
  return new Intl.DateTimeFormat(language(), /** @type {Intl.DateTimeFormatOptions} */ (style)).format(at);
}

/** @param {Date} at */
function ago(at) {
  const seconds = (at.getTime() - Date.now()) / 1000;
  if (Math.abs(seconds) > 6 * 86400) return format(at, "date");
  const words = new Intl.RelativeTimeFormat(language(), { numeric: "auto", style: "narrow" });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return words.format(Math.round(seconds / size), unit);
  }
  return words.format(0, "second");
}

/** Do it now, after every swap, and every half minute. */
export function keepTime() {
  localise(document);
  document.addEventListener("htmx:after:swap", () => localise(document));
  setInterval(() => localise(document), 30_000);
}
