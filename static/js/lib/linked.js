// @ts-check
/** Addresses inside plain text as links; everything else stays text. */

const ADDRESS = /https?:\/\/(?![^\s<>"'…，。！？；）】」]+…)[^\s<>"'…，。！？；）】」]+/g;
const STOPS = /[.,;:!?)\]]+$/;

/**
 * @param {string} text
 * @returns {(string | HTMLAnchorElement)[]}
 */
export function linked(text) {
  const parts = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = found.replace(STOPS, "");
    parts.push(text.slice(done, index), link(address));
    done = index + address.length;
  }
  return [...parts, text.slice(done)];
}

/** @param {string} address */
function link(address) {
  const made = document.createElement("a");
  Object.assign(made, { href: address, textContent: address, target: "_blank", rel: "noopener noreferrer nofollow" });
  return made;
}
