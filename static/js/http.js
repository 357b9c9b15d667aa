/** Talk to our own server: JSON in, JSON out, one kind of error. Nothing else may call `fetch`. */

/** The server said no, or (status 0) could not be reached. */
export class HttpError extends Error {
  /**
   * @param {number} status HTTP status; 0 when there was no answer.
   * @param {any} body What the server sent: our errors are `{error: {code, message, fields}}`.
   */
  constructor(status, body) {
    super(body?.error?.message ?? `HTTP ${status}`);
    this.name = "HttpError";
    this.status = status;
    this.body = body;
  }
}

/**
 * Read JSON from our own origin.
 * @param {string} url
 * @param {{signal?: AbortSignal, cache?: RequestCache}} [options] `cache: "no-cache"` asks the server even where an
 *   answer is kept.
 * @returns {Promise<any>} null for "204 No Content".
 * @throws {HttpError}
 */
export function getJSON(url, { signal, cache } = {}) {
  return send(url, { signal, cache, headers: { Accept: "application/json" } });
}

/**
 * Send to our own origin, with the page's CSRF token when it holds a form.
 * @param {string} url
 * @param {FormData | object} body A form as it stands, or anything that becomes JSON.
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 * @throws {HttpError}
 */
export function post(url, body, { signal } = {}) {
  const headers = { Accept: "application/json" };
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (token) headers["X-CSRFToken"] = token.value;
  if (body instanceof FormData) return send(url, { method: "POST", body, headers, signal });
  headers["Content-Type"] = "application/json";
  return send(url, { method: "POST", body: JSON.stringify(body), headers, signal });
}

async function send(url, init) {
  const answer = await reach(url, init);
  const body = await read(answer);
  if (!answer.ok) throw new HttpError(answer.status, body);
  return body;
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
