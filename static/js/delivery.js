/** The ways of a report to the server: its words, its photos, the work that it costs; and what an answer means. */

import { solve } from "./effort.js";
import { getJSON, HttpError, post } from "./http.js";

export const PHOTO_TIMEOUT_MS = 120_000;
export const WORDS_TIMEOUT_MS = 30_000;
/** Refusals that are not ours (a portal, a proxy) are believed after so many. */
const STRANGE_ANSWERS = 6;
const TOO_LARGE = 413;
const CLOSED = new Set([401, 403]);
const BUSY = new Set([0, 408, 425, 429]);
/** Said by a network or a server as a whole; any other failure may be one report's. */
export const EVERYBODYS = new Set([...BUSY, 502, 503, 504]);

/** Whether the city's server refused, and not something on the way to it. */
export const isOurs = ({ status, body }) => Boolean(body?.error) || status === TOO_LARGE;

/**
 * Say what an answer means for a report's words.
 * @param {HttpError} error
 * @param {number} waits
 * @returns {"wait" | "login" | "refused"}
 */
export function verdict(error, waits) {
  if (BUSY.has(error.status) || error.status >= 500) return "wait";
  if (isOurs(error)) return CLOSED.has(error.status) ? "login" : "refused";
  return waits < STRANGE_ANSWERS ? "wait" : "refused";
}

export const overHttp = {
  /** Who is logged in is known by the session, and by the browser's word on which site sends: no token grows old. */
  words: (url, body, writer) =>
    post(url, body, { timeout: WORDS_TIMEOUT_MS, headers: { "X-Writer": writer } }),
  photo: upload,
  solve,
  /** Where nobody asks for work, none is done. */
  async challenge(url) {
    try {
      return await getJSON(url, { timeout: WORDS_TIMEOUT_MS });
    } catch (error) {
      if (error.status === 404) return null;
      throw error;
    }
  },
};

async function upload(url, picture, { token, onProgress }) {
  const body = new FormData();
  body.append("id", picture.id);
  body.append("photo", picture.blob, picture.name);
  const headers = { Accept: "application/json", Authorization: `Tracking ${token}` };
  const answer = globalThis.XMLHttpRequest
    ? await watched(url, body, { headers, onProgress })
    : await post(url, body, { headers, timeout: PHOTO_TIMEOUT_MS });
  if (!answer?.id) throw new HttpError(0, null);
}

/** `fetch` cannot tell how much of a body has left; this older way can. */
function watched(url, body, { headers, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.timeout = PHOTO_TIMEOUT_MS;
    request.responseType = "json";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () => {
      const { status, response } = request;
      const wait = Number(request.getResponseHeader("Retry-After")) || 0;
      if (status >= 200 && status < 300) resolve(response);
      else reject(new HttpError(status, response, wait));
    };
    request.onerror = request.ontimeout = () => reject(new HttpError(0, null));
    request.send(body);
  });
}

/** A portal in between answers "200" to everything: only a number for this very report is a receipt. */
export function receiptOf(answer, id) {
  if (answer?.id !== id || !answer.number || !answer.token) throw new HttpError(0, null);
  const { number, token, department, received_at, due_at, held } = answer;
  return { number, token, department, received_at, due_at, held: Boolean(held) };
}
