// @ts-check
/**
 * What a customer's page carries: a launcher in a closed shadow root, and the chat in a frame on our origin.
 * The server wraps this file and calls `candor` with the words people see. Messages name exact origins both ways.
 * @param {{open: string, close: string, title: string}} words
 */
// biome-ignore lint/correctness/noUnusedVariables: the lines that the server adds call it
function candor(words) {
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const key = script?.dataset.key;
  if (!script || !key || document.querySelector("candor-chat")) return;
  const origin = new URL(script.src).origin;
  const host = document.createElement("candor-chat");
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; position: fixed; inset: auto 20px 20px auto; z-index: 2147483000; color-scheme: light dark }
    button { all: unset; box-sizing: border-box; display: grid; place-items: center; width: 60px; height: 60px; margin-left: auto;
      border-radius: 50%; cursor: pointer; background: #00608a; color: #fff; box-shadow: 0 4px 18px rgb(0 0 0 / .28); position: relative }
    button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #00608a }
    svg { width: 28px; height: 28px }
    b { position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 5px; box-sizing: border-box; border-radius: 11px;
      background: #b3261e; font: 600 13px/22px system-ui, sans-serif; text-align: center }
    b[hidden], iframe[hidden] { display: none }
    iframe { display: block; width: min(400px, calc(100vw - 40px)); height: min(640px, calc(100vh - 120px)); margin-bottom: 14px; border: 0;
      border-radius: 14px; box-shadow: 0 10px 40px rgb(0 0 0 / .3); background: Canvas }
    @media (max-width: 480px) { :host(.open) { inset: 0 } :host(.open) button { display: none }
      iframe { width: 100vw; height: 100dvh; margin: 0; border-radius: 0 } }`);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.innerHTML =
    '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" aria-hidden="true"><path d="M4 5h16v11H10l-5 4v-4H4z"/></svg><b hidden></b>';
  button.type = "button";
  const badge = /** @type {HTMLElement} */ (button.querySelector("b"));
  const frame = document.createElement("iframe");
  frame.title = words.title;
  frame.hidden = true;
  frame.allow = "microphone; autoplay";
  root.append(frame, button);

  let unread = 0;
  const isOpen = () => !frame.hidden;
  const label = () => {
    button.setAttribute("aria-label", isOpen() ? words.close : unread ? `${words.open} (${unread})` : words.open);
    button.setAttribute("aria-expanded", String(isOpen()));
    badge.hidden = !unread || isOpen();
    badge.textContent = String(unread);
  };
  const load = () => {
    if (!frame.src)
      frame.src = `${origin}/widget/frame?key=${encodeURIComponent(key)}&site=${encodeURIComponent(location.origin)}`;
  };
  /** @param {boolean} open */
  const show = (open) => {
    load();
    frame.hidden = !open;
    host.classList.toggle("open", open);
    frame.contentWindow?.postMessage({ candor: 1, open }, origin);
    open ? frame.focus() : button.focus();
    label();
  };
  button.addEventListener("click", () => show(!isOpen()));
  addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== frame.contentWindow || event.data?.candor !== 1) return;
    if (event.data.ready) frame.contentWindow?.postMessage({ candor: 1, open: isOpen() }, origin);
    if (typeof event.data.unread === "number") unread = event.data.unread;
    if (event.data.close) show(false);
    label();
  });
  label();
  document.body.append(host);
  if (localStorage.getItem("candor.chat") === key) load();
  addEventListener("message", (event) => {
    if (event.origin === origin && event.data?.candor === 1 && event.data.started)
      localStorage.setItem("candor.chat", key);
  });
}
