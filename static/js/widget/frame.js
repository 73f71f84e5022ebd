// @ts-check
/** The talk with the page that carries us: exact origins both ways, nothing personal. */

/**
 * @param {string} site the carrying page's origin, as the server allowed it; empty talks to nobody
 * @param {(open: boolean) => void} onOpen told when the visitor opens or closes us
 */
export function connectPage(site, onOpen) {
  /** @param {Record<string, unknown>} message */
  const tell = (message) => {
    if (site && parent !== window) parent.postMessage({ candor: 1, ...message }, site);
  };
  addEventListener("message", (event) => {
    if (event.origin !== site || event.source !== parent || event.data?.candor !== 1) return;
    if (typeof event.data.open === "boolean") onOpen(event.data.open);
  });
  tell({ ready: true });
  return tell;
}
