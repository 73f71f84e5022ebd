// @ts-check
/**
 * What a customer's page carries: a launcher in a closed shadow root, and the chat in a frame on our origin.
 * The server wraps this file and calls `candor` with the words people see. Messages name exact origins both ways.
 * @param {{open: string, close: string, title: string, slow: string, again: string}} words
 */
// biome-ignore lint/correctness/noUnusedVariables: the lines that the server adds call it
function candor(words) {
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const key = script?.dataset.key;
  if (!script || !key || document.querySelector("candor-chat")) return;
  const origin = new URL(script.src).origin;
  const slowMs = 8000;
  const host = document.createElement("candor-chat");
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  // Inside a shadow root `!important` on the host wins over the page's own: whatever a site says of `*` stays outside.
  sheet.replaceSync(`
    :host { all: initial !important; position: fixed !important; inset-block-end: 20px !important; inset-inline-end: 20px !important;
      z-index: 2147483000 !important; color-scheme: light dark !important; font: 16px/1.5 system-ui, sans-serif !important }
    [hidden] { display: none !important }
    .launch { all: unset; box-sizing: border-box; display: grid; place-items: center; inline-size: 60px; block-size: 60px;
      margin-inline-start: auto; border: 2px solid transparent; border-radius: 50%; cursor: pointer; background: #00608a; color: #fff;
      box-shadow: 0 4px 18px rgb(0 0 0 / .28); position: relative }
    .launch:hover { background: #004f73 }
    .launch:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #00608a }
    svg { inline-size: 28px; block-size: 28px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
    .launch[aria-expanded=true] .talk, .launch[aria-expanded=false] .down { display: none }
    b { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-inline-size: 22px; box-sizing: border-box;
      padding-inline: 5px; border-radius: 11px; background: #b3261e; font: 600 13px/22px system-ui, sans-serif; text-align: center }
    .panel { position: relative; inline-size: min(400px, calc(100vw - 40px)); block-size: min(640px, calc(100dvh - 120px));
      margin-block-end: 14px; border-radius: 14px; background: Canvas; color: CanvasText; box-shadow: 0 10px 40px rgb(0 0 0 / .3);
      overflow: hidden }
    iframe { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; border: 0 }
    .wait { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 12px; padding: 24px;
      text-align: center }
    .wait i { inline-size: 24px; block-size: 24px; border: 3px solid #00608a; border-inline-end-color: transparent; border-radius: 50%;
      animation: turn 1s linear infinite }
    .wait button { all: unset; padding: 10px 16px; border: 1px solid; border-radius: 8px; cursor: pointer }
    .wait button:focus-visible { outline: 3px solid #00608a; outline-offset: 2px }
    @keyframes turn { to { rotate: 1turn } }
    @media (prefers-reduced-motion: reduce) { .wait i { animation: none } }
    @media (forced-colors: active) { .launch { border-color: ButtonText } .panel { outline: 2px solid CanvasText } }
    @media (max-width: 480px) { :host(.open) { inset: 0 !important } :host(.open) .launch { display: none }
      .panel { inline-size: 100vw; block-size: 100dvh; margin: 0; border-radius: 0 } }`);
  root.adoptedStyleSheets = [sheet];
  const [panel, wait, slow] = [make("div", "panel"), make("div", "wait"), make("p")];
  const [again, button, badge] = [make("button"), make("button", "launch"), make("b")];
  const frame = /** @type {HTMLIFrameElement} */ (make("iframe"));
  Object.assign(frame, { title: words.title, allow: "microphone; autoplay", hidden: true });
  slow.setAttribute("role", "status");
  again.textContent = words.again;
  again.hidden = panel.hidden = true;
  for (const one of [again, button]) one.setAttribute("type", "button");
  wait.append(make("i"), slow, again);
  panel.append(wait);
  button.append(drawing("talk", "M4 5h16v11H10l-5 4v-4H4z"), drawing("down", "m6 9 6 6 6-6"), badge);
  root.append(panel, button);

  let unread = 0;
  const isOpen = () => !panel.hidden;
  const label = () => {
    button.setAttribute("aria-label", isOpen() ? words.close : unread ? `${words.open} (${unread})` : words.open);
    button.setAttribute("aria-expanded", String(isOpen()));
    badge.hidden = !unread || isOpen();
    badge.textContent = String(unread);
  };
  /** Until the chat says that it is there, something turns; after a while, a person may try again. */
  const load = () => {
    slow.textContent = "";
    again.hidden = true;
    frame.src = `${origin}/widget/frame?key=${encodeURIComponent(key)}&site=${encodeURIComponent(location.origin)}`;
    panel.append(frame);
    setTimeout(() => {
      if (!frame.hidden) return;
      slow.textContent = words.slow;
      again.hidden = false;
    }, slowMs);
  };
  again.addEventListener("click", load);
  /** @param {boolean} open */
  const show = (open) => {
    if (!frame.src) load();
    panel.hidden = !open;
    host.classList.toggle("open", open);
    frame.contentWindow?.postMessage({ candor: 1, open }, origin);
    (open && !frame.hidden ? frame : button).focus();
    label();
  };
  button.addEventListener("click", () => show(!isOpen()));
  addEventListener("message", ({ data, origin: from, source }) => {
    if (from !== origin || source !== frame.contentWindow || data?.candor !== 1) return;
    if (data.ready) {
      wait.hidden = true;
      frame.hidden = false;
      frame.contentWindow?.postMessage({ candor: 1, open: isOpen() }, origin);
      if (isOpen()) frame.focus();
    }
    if (typeof data.unread === "number") unread = data.unread;
    if (data.close) show(false);
    if (data.started) remember("set");
    label();
  });
  label();
  document.body.append(host);
  // In the top layer nothing that the page turns, scales or cuts off takes us along.
  host.popover = "manual";
  host.showPopover?.();
  if (remember("get") === key) load();

  /**
   * @param {string} tag
   * @param {string} [name]
   */
  function make(tag, name = "") {
    return Object.assign(document.createElement(tag), { className: name });
  }

  /**
   * Drawn part by part: a page may forbid HTML from strings (Trusted Types).
   * @param {string} name
   * @param {string} path
   */
  function drawing(name, path) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    for (const [key, value] of Object.entries({ class: name, viewBox: "0 0 24 24", "aria-hidden": "true" }))
      svg.setAttribute(key, value);
    svg.append(document.createElementNS(space, "path"));
    svg.firstElementChild?.setAttribute("d", path);
    return svg;
  }

  /**
   * Whether a chat of this site runs; where the browser forbids to remember, the chat waits for a click.
   * @param {"get" | "set"} what
   */
  function remember(what) {
    try {
      if (what === "set") localStorage.setItem("candor.chat", key ?? "");
      return localStorage.getItem("candor.chat");
    } catch {
      return null;
    }
  }
}
