/** Reports on their way: kept when Send is pressed, the words first, then the photos one by one.

   Nothing counts as sent before the server's number is stored here. What was sent is never changed under its id, so a
   lost answer is found again by asking once more. */

import { solve as work } from "./effort.js";
import { getJSON, HttpError, post } from "./http.js";
import { writer } from "./writer.js";

export const TAG = "civicmap-queue";

const PHOTO_TIMEOUT_MS = 120_000;
const WORDS_TIMEOUT_MS = 30_000;
const LEASE_MS = PHOTO_TIMEOUT_MS + WORDS_TIMEOUT_MS;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 10 * 60_000;
const PROOF_LASTS_MS = 45 * 60_000;
/** Refusals that are not ours (a portal, a proxy) are believed after so many. */
const STRANGE_ANSWERS = 6;
const TOO_LARGE = 413;
const CLOSED = new Set([401, 403]);
const BUSY = new Set([0, 408, 425, 429]);

/**
 * @typedef {"waiting" | "accepted" | "refused" | "login"} State `accepted`: the number is here, photos are still to go.
 */

/**
 * @typedef {object} Waiting
 * @property {string} id Made here; the server takes one report under it, ever.
 * @property {string} at When Send was pressed, ISO 8601.
 * @property {State} state
 * @property {object} body As `POST /api/issues` takes it; never changed.
 * @property {Record<string, string>} fields The form's own values, to be edited again.
 * @property {{issues: string, photos: string, effort: string}} urls `{id}` stands for the id.
 * @property {string} city Slug.
 * @property {string} writer Whose it is: `writer.js`.
 * @property {number} tries Times that the body has left; 0: it was surely never seen.
 * @property {number} waits Answers of a busy server in a row.
 * @property {number} notBefore Milliseconds since 1970.
 * @property {boolean} isAsked The server has asked for that pause.
 * @property {{text: string, until: number} | null} proof
 * @property {{number: string, token: string} | null} receipt
 * @property {{status: number, code: string, message: string, fields: Record<string, string[]>} | null} error
 * @property {{id: string, name: string, state: "waiting" | "refused", why: string}[]} photos
 */

/**
 * Shape the form as `POST /api/issues` takes it.
 * @param {HTMLFormElement} form
 * @returns {object}
 */
export function bodyOf(form) {
  const data = new FormData(form);
  const text = (name) => String(data.get(name) ?? "").trim();
  const number = (name) => (text(name) === "" ? null : Number(text(name)));
  const hasPoint = number("lat") !== null;
  const flags = [data.has("anonymous") && "anonim", data.has("confidential") && "rahasia"];
  return {
    id: text("uuid"),
    service_code: text("service_code"),
    lat: number("lat"),
    lon: number("lon"),
    accuracy_m: hasPoint ? number("accuracy_m") : null,
    area_code: hasPoint ? "" : text("area_code"),
    address: text("address"),
    description: text("description"),
    privacy: flags.filter(Boolean).join("_") || "normal",
    contact: { name: text("name"), email: text("email"), phone: text("phone") },
    consent: data.has("consent"),
    channel: "web",
    ...(text("answers") && { answers: JSON.parse(text("answers")) }),
    ...(text("assets") && { assets: JSON.parse(text("assets")) }),
    ...(text("street") && { street: text("street") }),
    ...(text("side") && { side: text("side") }),
    observed_at: text("observed_at") || new Date().toISOString(),
  };
}

/**
 * Make the row of a report that somebody has just sent.
 * @param {object} body
 * @param {{urls: object, city: string, fields?: object, photos?: {id: string, name: string}[]}} options
 * @returns {Waiting}
 */
export function waiting(body, { urls, city, fields = {}, photos = [] }) {
  return complete({
    id: body.id,
    at: new Date().toISOString(),
    body,
    fields,
    urls,
    city,
    writer: writer(),
    photos: photos.map(({ id, name }) => ({ id, name, state: "waiting", why: "" })),
  });
}

/**
 * Fill in what an older version of this file did not know.
 * @param {object} row
 * @returns {Waiting}
 */
export function complete(row) {
  return {
    state: "waiting",
    fields: {},
    writer: "-",
    tries: 0,
    waits: 0,
    notBefore: 0,
    isAsked: false,
    proof: null,
    receipt: null,
    error: null,
    photos: [],
    ...row,
  };
}

/** Whether a person may still change it: it has surely never arrived. */
export const isEditable = (row) =>
  row.state === "refused" || (row.state !== "accepted" && row.tries === 0);

/**
 * Choose what goes next: every report's words before anybody's photos, each in its turn.
 * @param {Waiting[]} rows In their order.
 * @returns {{row: Waiting, photo: object | null} | null}
 */
export function next(rows) {
  const words = rows.find(({ state }) => state === "waiting");
  if (words) return { row: words, photo: null };
  const accepted = rows.find(({ state }) => state === "accepted");
  if (!accepted) return null;
  const photo = accepted.photos.find(({ state }) => state === "waiting") ?? null;
  return { row: accepted, photo };
}

/**
 * Say how long to leave a busy server alone.
 * @param {number} waits Busy answers before this one.
 * @param {number} retryAfter Seconds that it asked for.
 * @returns {number} Milliseconds.
 */
export function pause(waits, retryAfter = 0) {
  const growing = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** waits);
  return Math.max(growing, retryAfter * 1000);
}

/**
 * Say what an answer means for a report's words.
 * @param {HttpError} error
 * @param {number} waits
 * @returns {"wait" | "login" | "refused"}
 */
export function verdict(error, waits) {
  if (BUSY.has(error.status) || error.status >= 500) return "wait";
  if (CLOSED.has(error.status)) return "login";
  if (error.status === TOO_LARGE || error.body?.error) return "refused";
  return waits < STRANGE_ANSWERS ? "wait" : "refused";
}

/**
 * Send what waits, in order, until nothing is left or the server wants to be left alone.
 *
 * One at a time over all pages and the service worker: by a lock of the browser, or else a lease on the shelf.
 * @param {import("./shelf.js").Shelf} shelf
 * @param {object} [options]
 * @param {boolean} [options.eager] The network has come back, or a person asks: do not sit out own pauses.
 * @param {string} [options.signedIn] Who is logged in: what wanted an account is theirs, and tried again.
 * @param {(said: {id: string, state: string, photo?: string, share?: number, row?: Waiting}) => void} [options.onNews]
 * @param {object} [options.by] How to reach the server; tests bring their own.
 * @param {LockManager | null} [options.locks]
 * @returns {Promise<{left: number, wakeAt: number}>} What still has to go, and when to try again (0: nothing to do).
 */
export async function flush(shelf, options = {}) {
  const { locks = globalThis.navigator?.locks ?? null } = options;
  if (locks) return locks.request(TAG, () => run(shelf, options, async () => true));
  const owner = crypto.randomUUID();
  const stay = () => shelf.lease(owner, Date.now(), Date.now() + LEASE_MS);
  if (!(await stay())) return state(shelf, Date.now() + LEASE_MS);
  try {
    return await run(shelf, options, stay);
  } finally {
    await shelf.lease(owner, Date.now(), 0);
  }
}

async function run(shelf, { eager = false, signedIn = "", onNews = () => {}, by = {} }, stay) {
  const server = { ...overHttp, ...by };
  await prepare(shelf, { eager, signedIn });
  for (;;) {
    const job = next((await shelf.all()).map(complete));
    if (!job) break;
    if (job.row.notBefore > Date.now()) return state(shelf, job.row.notBefore);
    if (!(await stay())) break;
    const isGoing = job.row.receipt
      ? await photoOf(shelf, job, { server, onNews })
      : await wordsOf(shelf, job.row, { server, onNews });
    if (!isGoing) break;
  }
  return state(shelf);
}

/** Wake what may go again. A pause that the server asked for is kept in any case. */
async function prepare(shelf, { eager, signedIn }) {
  for (const row of (await shelf.all()).map(complete)) {
    if (signedIn && row.state === "login") {
      await shelf.change(row.id, { state: "waiting", writer: signedIn });
    }
    const isOwnPause = row.notBefore && !row.isAsked;
    if (eager && isOwnPause) await shelf.change(row.id, { notBefore: 0 });
  }
}

async function state(shelf, wakeAt = 0) {
  const rows = (await shelf.all()).map(complete);
  const left = rows.filter((row) => row.state === "waiting" || row.state === "accepted");
  const first = left.length ? Math.max(Date.now() + 1, left[0].notBefore) : 0;
  return { left: left.length, wakeAt: wakeAt || first };
}

/** Send the words of one report. Returns whether the next may go. */
async function wordsOf(shelf, row, { server, onNews }) {
  onNews({ id: row.id, state: "sending" });
  try {
    const proof = await paid(shelf, row, server);
    // From here on it may have arrived, whatever is heard.
    if (!(await shelf.change(row.id, { tries: row.tries + 1 }))) return true;
    const body = proof ? { ...row.body, proof } : row.body;
    const receipt = receiptOf(await server.words(row.urls.issues, body, row.writer), row.id);
    const accepted = await accept(shelf, row, receipt);
    onNews({ id: row.id, state: "accepted", row: accepted });
    return true;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return refusedWords(shelf, row, { error, onNews });
  }
}

/** The number is stored first; with it the words are the city's, and leave the device. */
async function accept(shelf, row, receipt) {
  const { id, privacy = "" } = row.body;
  const values = { state: "accepted", receipt, waits: 0, notBefore: 0 };
  const rest = { body: { id, privacy }, fields: {}, proof: null, error: null };
  const kept = await shelf.change(row.id, { ...values, ...rest });
  // Thrown out by the person while it was on its way: it has arrived all the same.
  if (!kept) await finish(shelf, { ...row, ...values, photos: [] });
  return kept ?? { ...row, ...values };
}

/** A portal in between answers "200" to everything: only a number for this very report is a receipt. */
function receiptOf(answer, id) {
  if (answer?.id !== id || !answer.number || !answer.token) throw new HttpError(0, null);
  const { number, token, department, received_at, due_at, held } = answer;
  return { number, token, department, received_at, due_at, held: Boolean(held) };
}

/** Pay for a report, once: a paid proof goes along with every repetition while it holds. */
async function paid(shelf, row, server) {
  if (!row.urls.effort) return "";
  if (row.proof && row.proof.until > Date.now()) return row.proof.text;
  const challenge = await server.challenge(row.urls.effort.replace("{id}", row.id));
  const text = challenge ? await server.solve(challenge) : "";
  if (text) await shelf.change(row.id, { proof: { text, until: Date.now() + PROOF_LASTS_MS } });
  return text;
}

async function refusedWords(shelf, row, { error, onNews }) {
  const means = verdict(error, row.waits);
  if (means === "wait") {
    await rest(shelf, row, error);
    onNews({ id: row.id, state: error.status === 0 ? "offline" : "busy" });
    return false;
  }
  const { code = "", message = "", fields = {} } = error.body?.error ?? {};
  const said = { status: error.status, code, message, fields };
  const changed = await shelf.change(row.id, { state: means, error: said, proof: null });
  onNews({ id: row.id, state: means, row: changed ?? { ...row, error: said } });
  return true;
}

async function rest(shelf, row, error) {
  const notBefore = Date.now() + pause(row.waits, error.retryAfter);
  await shelf.change(row.id, {
    waits: row.waits + 1,
    notBefore,
    isAsked: Boolean(error.retryAfter),
  });
}

/** Send one photo, or, where none is left, keep number and link and forget the rest. */
async function photoOf(shelf, { row, photo }, { server, onNews }) {
  if (!photo) {
    await finish(shelf, row);
    onNews({ id: row.id, state: "done", row });
    return true;
  }
  const picture = await shelf.picture(photo.id);
  const url = row.urls.photos.replace("{id}", row.id);
  onNews({ id: row.id, state: "sending", photo: photo.id, share: 0 });
  try {
    if (picture) {
      const onProgress = (share) =>
        onNews({ id: row.id, state: "sending", photo: photo.id, share });
      await server.photo(url, picture, { token: row.receipt.token, onProgress });
    }
    await settle(shelf, row, photo.id);
    onNews({ id: row.id, state: "sent", photo: photo.id });
    return true;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return refusedPhoto(shelf, row, { photo, error, onNews });
  }
}

/** The photo has arrived: the device needs it no more. */
async function settle(shelf, row, photoId) {
  const photos = row.photos.filter(({ id }) => id !== photoId);
  await shelf.change(row.id, { photos, waits: 0, notBefore: 0 });
  await shelf.dropPicture(photoId);
}

async function refusedPhoto(shelf, row, { photo, error, onNews }) {
  if (verdict(error, row.waits) === "wait") {
    await rest(shelf, row, error);
    onNews({ id: row.id, state: "photo-waits", photo: photo.id });
    return false;
  }
  const why = error.body?.error?.message ?? "";
  const photos = row.photos.map((one) =>
    one.id === photo.id ? { ...one, state: "refused", status: error.status, why } : one,
  );
  await shelf.change(row.id, { photos, waits: 0, notBefore: 0 });
  await shelf.dropPicture(photo.id);
  onNews({ id: row.id, state: "photo-refused", photo: photo.id, status: error.status, why });
  return true;
}

/** What stays is the number and the link; of a photo that was refused, its name and why. `isSeen`: its page was open. */
async function finish(shelf, row) {
  const lost = row.photos.map(({ name, why, status }) => ({ name, why, status }));
  const isSecret = (row.body.privacy ?? "").includes("rahasia");
  const kept = { id: row.id, at: row.at, city: row.city, lost, isSeen: false, ...row.receipt };
  if (!isSecret) await shelf.keepReceipt(kept);
  await shelf.remove(row.id);
}

/** The ways to the server. */
const overHttp = {
  /** Who is logged in is known by the session, and by the browser's word on which site sends: no token grows old. */
  words: (url, body, writer) =>
    post(url, body, { timeout: WORDS_TIMEOUT_MS, headers: { "X-Writer": writer } }),
  photo: upload,
  solve: work,
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
