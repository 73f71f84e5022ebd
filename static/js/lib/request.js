// @ts-check
/** Requests that are not htmx's: with our CSRF token, and with one sentence when they fail. */

/** A refusal of the server, with its sentence for the person. */
export class Refused extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** @returns {string} */
export const csrfToken = () => document.querySelector("meta[name=csrf-token]")?.getAttribute("content") ?? "";

/**
 * POST a form and return the answer's text. Throws Refused for an answer of 400 or more, TypeError without a network.
 * @param {string} url
 * @param {FormData | Record<string, string>} data
 * @param {{keepalive?: boolean}} [options] keepalive: finish even when the page is left
 * @returns {Promise<string>}
 */
export async function post(url, data, options = {}) {
  const body = data instanceof FormData ? data : new URLSearchParams(data);
  const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json" };
  const answer = await fetch(url, { method: "POST", body, headers, ...options });
  if (!answer.ok) throw new Refused(await sentence(answer), answer.status);
  return answer.text();
}

/**
 * @param {Response} answer
 * @returns {Promise<string>}
 */
async function sentence(answer) {
  const text = await answer.text();
  try {
    return JSON.parse(text).error.message;
  } catch {
    return "";
  }
}
