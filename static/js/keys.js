// @ts-check
/**
 * Shortcuts. A button or link names its own keys (`data-keys="r"`), so every shortcut is also something to click, and the
 * `?` sheet is made by the server from the same words. Single keys can be switched off (`<html data-single-keys="off">`)
 * and never fire while somebody types, composes Chinese, or holds a modifier.
 */

const WORDS = { Enter: "enter", Escape: "escape", ArrowUp: "up", ArrowDown: "down" };

const WRITTEN_IN = "input:not([type=file], [type=checkbox], [type=radio], [type=submit], [type=button])";

export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || event.repeat) return;
    const key = name(event);
    if (key === "escape" && leaveTheBox(event.target)) return;
    if (!key || (key.includes("+") ? key === "ctrl+z" && hasWords(event.target) : isOff(event))) return;
    const target = find(key);
    if (!target) return;
    event.preventDefault();
    use(target);
  });
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || !box.matches("[data-single-keys]")) return;
    document.documentElement.dataset.singleKeys = box.checked ? "on" : "off";
  });
}

/**
 * `r`, `?`, `ctrl+enter`; Cmd counts as Ctrl. Empty for what no shortcut may be.
 * @param {KeyboardEvent} event
 */
function name(event) {
  if (event.altKey) return "";
  const key = WORDS[/** @type {keyof typeof WORDS} */ (event.key)] ?? event.key;
  if (event.ctrlKey || event.metaKey) return key.length > 1 || key === "k" || key === "z" ? `ctrl+${key}` : "";
  return key === key.toUpperCase() && event.shiftKey && key.length === 1 && key !== key.toLowerCase() ? "" : key;
}

/**
 * What somebody types is undone before what he sent.
 * @param {EventTarget | null} target
 */
const hasWords = (target) => target instanceof HTMLTextAreaElement && !target.readOnly && target.value !== "";

/** @param {KeyboardEvent} event */
function isOff(event) {
  if (document.documentElement.dataset.singleKeys === "off" || document.querySelector("dialog[open]")) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches(`${WRITTEN_IN}, textarea, select`)) return true;
  return event.key === "Enter" && target.matches("a, button, summary");
}

/**
 * The first visible element that wants the key.
 * @param {string} key
 * @returns {HTMLElement | undefined}
 */
function find(key) {
  const wants = document.querySelectorAll(`[data-keys~="${CSS.escape(key)}"]`);
  return /** @type {HTMLElement[]} */ (Array.from(wants)).find((element) => element.checkVisibility());
}

/**
 * Out of a box to write in, so that single keys act again; what it belongs to names where to (`data-escape`).
 * @param {EventTarget | null} target
 */
function leaveTheBox(target) {
  if (!(target instanceof HTMLElement) || !target.matches("textarea[data-escape]")) return false;
  const out = document.querySelector(target.dataset.escape ?? "");
  if (out instanceof HTMLElement) out.focus();
  return out !== null;
}

/** @param {HTMLElement} target */
function use(target) {
  const writes = target.matches("input:not([type=submit], [type=checkbox], [type=radio]), textarea");
  if (writes || target.hasAttribute("data-keys-focus")) target.focus();
  else target.click();
}
