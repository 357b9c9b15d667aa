/** Talk to our own server: JSON in, JSON out, one kind of error. Nothing else may call `fetch`. */

/** The server said no, or (status 0) could not be reached. */
export class HttpError extends Error {
  /**
   * @param {number} status HTTP status; 0 when there was no answer.
   * @param {any} body What the server sent: our errors are `{error: {code, message, fields}}`.
   * @param {number} [retryAfter] Seconds that the server asks to wait; 0 where it says nothing.
   */
  constructor(status, body, retryAfter = 0) {
    super(body?.error?.message ?? `HTTP ${status}`);
    this.name = "HttpError";
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

/**
 * Read JSON from our own origin.
 * @param {string} url
 * @param {{signal?: AbortSignal, cache?: RequestCache, timeout?: number}} [options] `cache: "no-cache"` asks the server
 *   even where an answer is kept; `timeout` in milliseconds.
 * @returns {Promise<any>} null for "204 No Content".
 * @throws {HttpError}
 */
export function getJSON(url, { signal, cache, timeout } = {}) {
  return send(url, { signal: until(timeout) ?? signal, cache, headers: { ...JSON_WANTED } });
}

/**
 * Send to our own origin, with the page's CSRF token when it holds a form.
 * @param {string} url
 * @param {FormData | object} body A form as it stands, or anything that becomes JSON.
 * @param {{signal?: AbortSignal, headers?: Record<string, string>, timeout?: number}} [options]
 * @returns {Promise<any>}
 * @throws {HttpError}
 */
export function post(url, body, { signal, headers = {}, timeout } = {}) {
  const all = { ...JSON_WANTED, ...tokenOfPage(), ...headers };
  const init = { method: "POST", signal: until(timeout) ?? signal };
  if (body instanceof FormData) return send(url, { ...init, body, headers: all });
  all["Content-Type"] = "application/json";
  return send(url, { ...init, body: JSON.stringify(body), headers: all });
}

/**
 * Ask a page for a new CSRF token: a page out of the service worker's cache has none that is good, a worker none at all.
 * @param {string} url
 * @returns {Promise<string>} Empty where the page has none.
 * @throws {HttpError}
 */
export async function newToken(url) {
  const answer = await reach(url, { cache: "no-store", headers: { Accept: "text/html" } });
  const field = (await answer.text()).match(/name="csrfmiddlewaretoken" value="([^"]+)"/);
  return answer.ok && field ? field[1] : "";
}

const JSON_WANTED = { Accept: "application/json" };

/** A service worker sends, too, and has no page. */
function tokenOfPage() {
  const field = globalThis.document?.querySelector("input[name=csrfmiddlewaretoken]");
  return field ? { "X-CSRFToken": field.value } : {};
}

function until(timeout) {
  return timeout ? AbortSignal.timeout(timeout) : undefined;
}

/**
 * Take something back from our own origin.
 * @param {string} url
 * @param {object} body
 * @returns {Promise<any>}
 * @throws {HttpError}
 */
export function remove(url, body) {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  if (token) headers["X-CSRFToken"] = token.value;
  return send(url, { method: "DELETE", body: JSON.stringify(body), headers });
}

/**
 * Send a form as its browser would, and stay on the page.
 * @param {string} url
 * @param {FormData} data
 * @returns {Promise<boolean>} Whether the server took it and leads on; else it answered with a page of its own.
 * @throws {HttpError}
 */
export async function handIn(url, data) {
  const headers = { Accept: "text/html" };
  const answer = await reach(url, { method: "POST", body: data, redirect: "manual", headers });
  return answer.type === "opaqueredirect";
}

async function send(url, init) {
  const answer = await reach(url, init);
  const body = await read(answer);
  if (!answer.ok) throw new HttpError(answer.status, body, wait(answer));
  return body;
}

/** Seconds until the server wants to be asked again; it may also name the moment itself. */
function wait(answer) {
  const said = answer.headers.get("Retry-After") ?? "";
  if (/^\d+$/.test(said)) return Number(said);
  const moment = Date.parse(said);
  return Number.isNaN(moment) ? 0 : Math.max(0, Math.ceil((moment - Date.now()) / 1000));
}

async function reach(url, init) {
  try {
    return await fetch(url, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new HttpError(0, null);
  }
}

async function read(answer) {
  if (answer.status === 204) return null;
  const isJSON = answer.headers.get("Content-Type")?.includes("json");
  if (!isJSON) return null;
  return answer.json().catch(() => null);
}
