/** Reports on their way: kept when Send is pressed, the words first, then the photos one by one.

   Nothing counts as sent before the server's number is stored here. What was sent is never changed under its id, so a
   lost answer is found again by asking once more. */

import {
  EVERYBODYS,
  isOurs,
  overHttp,
  PHOTO_TIMEOUT_MS,
  receiptOf,
  verdict,
  WORDS_TIMEOUT_MS,
} from "./delivery.js";
import { HttpError } from "./http.js";
import { writer } from "./writer.js";

export const TAG = "civicmap-queue";

const LEASE_MS = PHOTO_TIMEOUT_MS + WORDS_TIMEOUT_MS;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 10 * 60_000;
const PROOF_LASTS_MS = 45 * 60_000;
/** Who has asked in vain so often lets the others go first. */
const PATIENCE = 6;

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
 * @property {{kind?: string, place?: string}} said What the phone's own list calls it.
 * @property {{issues: string, photos: string, effort: string}} urls `{id}` stands for the id.
 * @property {string} city Slug.
 * @property {string} writer Whose it is: `writer.js`.
 * @property {number} tries Times that the body has left; 0: it was surely never seen.
 * @property {number} waits Answers of a busy server in a row.
 * @property {number} notBefore Milliseconds since 1970.
 * @property {boolean} isAsked The server has asked for that pause.
 * @property {boolean} isAlone That pause is this report's; the others go on.
 * @property {{text: string, until: number} | null} proof
 * @property {{number: string, token: string} | null} receipt
 * @property {{status: number, code: string, message: string, fields: Record<string, string[]>} | null} error
 * @property {Picture[]} photos
 */

/**
 * @typedef {object} Picture
 * @property {string} id
 * @property {string} name
 * @property {"waiting" | "refused"} state
 * @property {string} why
 * @property {number} [waits] Times in a row that it did not arrive.
 * @property {number} [notBefore] Milliseconds since 1970; each photo has a pause of its own.
 */

/**
 * Make the row of a report that somebody has just sent.
 * @param {object} body
 * @param {{urls: object, city: string, fields?: object, said?: object, photos?: {id: string, name: string}[]}} options
 * @returns {Waiting}
 */
export function waiting(body, { urls, city, fields = {}, said = {}, photos = [] }) {
  return complete({
    id: body.id,
    at: new Date().toISOString(),
    body,
    fields,
    said,
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
    said: {},
    writer: "-",
    tries: 0,
    waits: 0,
    notBefore: 0,
    isAsked: false,
    isAlone: false,
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
 * Choose what goes next: every report's words before anybody's photos, each in its turn. What has to wait by itself holds up
 * no other. Where all wait, or the server wants to be left alone, `until` says when there is something again.
 * @param {Waiting[]} rows In their order.
 * @param {number} [now] Milliseconds since 1970.
 * @returns {{row: Waiting, photo: Picture | null, until: number} | null}
 */
export function next(rows, now = Date.now()) {
  const words = rows
    .filter(({ state }) => state === "waiting")
    .map((row) => ({ row, photo: null, until: row.notBefore }));
  const held = words.find(({ row, until }) => until > now && holdsUp(row));
  if (held) return held;
  const ready = words.filter(({ until }) => until <= now);
  const first = ready.find(({ row }) => row.waits < PATIENCE) ?? ready[0];
  if (first) return first;
  const jobs = [nextPhoto(rows, now), ...words].filter(Boolean);
  return jobs.sort((a, b) => a.until - b.until)[0] ?? null;
}

const holdsUp = (row) => row.isAsked || !(row.isAlone || row.waits >= PATIENCE);

function nextPhoto(rows, now) {
  const accepted = rows.filter(({ state }) => state === "accepted");
  const whole = accepted.find((row) => !left(row).length);
  if (whole) return { row: whole, photo: null, until: 0 };
  const resting = accepted.find(({ notBefore }) => notBefore > now);
  if (resting) return { row: resting, photo: null, until: resting.notBefore };
  const jobs = accepted.flatMap((row) =>
    left(row).map((photo) => ({ row, photo, until: photo.notBefore ?? 0 })),
  );
  const ready = jobs.find(({ until }) => until <= now);
  return ready ?? jobs.sort((a, b) => a.until - b.until)[0] ?? null;
}

/** The photos that are still to go. */
const left = ({ photos }) => photos.filter(({ state }) => state === "waiting");

/**
 * Let one photo go again at once: somebody asks for it.
 * @param {import("./shelf.js").Shelf} shelf
 * @param {string} id Of the report.
 * @param {string} photoId
 */
export function wake(shelf, id, photoId) {
  return shelf.change(id, ({ photos }) => ({
    photos: photos.map((one) => (one.id === photoId ? { ...one, notBefore: 0 } : one)),
  }));
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
  let silent = null;
  for (;;) {
    const job = next((await shelf.all()).map(complete));
    if (!job) return state(shelf);
    if (job.until > Date.now()) {
      await tellOfRest(shelf, job.row, onNews);
      return state(shelf, job.until);
    }
    // Where one report's photos got no answer there is no network: another's need not find out, too.
    if (job.photo && silent && silent.id !== job.row.id) return state(shelf, silent.until);
    if (!(await stay())) return state(shelf);
    if (job.row.receipt) silent = await photoOf(shelf, job, { server, onNews });
    else {
      const until = await wordsOf(shelf, job.row, { server, onNews });
      if (until) return state(shelf, until);
    }
  }
}

/** Somebody may have asked for it, but the server wants to be left alone. */
async function tellOfRest(shelf, row, onNews) {
  if (!row.isAsked || row.notBefore <= Date.now()) return;
  await tellWaiting(shelf, "busy", onNews);
  for (const { id } of row.receipt ? left(row) : []) {
    onNews({ id: row.id, state: "photo-waits", photo: id, status: 503 });
  }
}

/** What one report has found out holds for all whose words wait. */
async function tellWaiting(shelf, state, onNews) {
  for (const row of (await shelf.all()).map(complete)) {
    if (row.state === "waiting") onNews({ id: row.id, state });
  }
}

/** Wake what may go again. A pause that the server asked for is kept in any case. */
async function prepare(shelf, { eager, signedIn }) {
  for (const row of (await shelf.all()).map(complete)) {
    if (row.state === "login" && isOf(row, signedIn)) {
      await shelf.change(row.id, { state: "waiting", writer: signedIn });
    }
    const isOwnPause = row.notBefore && !row.isAsked;
    if (eager && isOwnPause) await shelf.change(row.id, { notBefore: 0 });
    if (!eager || !left(row).some(({ notBefore }) => notBefore)) continue;
    await shelf.change(row.id, ({ photos }) => ({
      photos: photos.map((one) => ({ ...one, notBefore: 0 })),
    }));
  }
}

/** What somebody wrote with an account is never sent as another's. */
const isOf = ({ writer: by }, signedIn) => signedIn && (by === "-" || by === signedIn);

async function state(shelf, wakeAt = 0) {
  const rows = (await shelf.all()).map(complete);
  const unsent = rows.filter((row) => row.state === "waiting" || row.state === "accepted");
  const first = unsent.length ? Math.max(Date.now() + 1, next(rows).until) : 0;
  return { left: unsent.length, wakeAt: wakeAt || first };
}

/**
 * Send the words of one report.
 * @returns {Promise<number>} Until when everything is to wait; 0 where the others may go on.
 */
async function wordsOf(shelf, row, { server, onNews }) {
  onNews({ id: row.id, state: "sending" });
  try {
    const proof = await paid(shelf, row, server);
    // From here on it may have arrived, whatever is heard.
    if (!(await shelf.change(row.id, { tries: row.tries + 1 }))) return 0;
    const body = proof ? { ...row.body, proof } : row.body;
    const receipt = receiptOf(await server.words(row.urls.issues, body, row.writer), row.id);
    const accepted = await accept(shelf, row, receipt);
    onNews({ id: row.id, state: "accepted", row: accepted });
    return 0;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return refusedWords(shelf, row, { error, onNews });
  }
}

/** The number is stored first; with it the words are the city's, and leave the device. */
async function accept(shelf, row, receipt) {
  const { privacy = "" } = row.body;
  const values = { state: "accepted", receipt, waits: 0, notBefore: 0 };
  const rest = { body: { id: row.id, privacy }, fields: {}, proof: null, error: null };
  const kept = await shelf.change(row.id, { ...values, ...rest });
  // Thrown out by the person while it was on its way: it has arrived all the same.
  if (!kept) await finish(shelf, { ...row, ...values, photos: [] });
  return kept ?? { ...row, ...values };
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
    const isAlone = !error.retryAfter && !EVERYBODYS.has(error.status);
    const until = await rest(shelf, row, error, { isAlone });
    const state = error.status === 0 ? "offline" : "busy";
    if (isAlone) onNews({ id: row.id, state });
    else await tellWaiting(shelf, state, onNews);
    return isAlone ? 0 : until;
  }
  const { code = "", message = "", fields = {} } = error.body?.error ?? {};
  const said = { status: error.status, code, message, fields };
  const changed = await shelf.change(row.id, { state: means, error: said, proof: null });
  onNews({ id: row.id, state: means, row: changed ?? { ...row, error: said } });
  return 0;
}

async function rest(shelf, row, error, { isAlone = false } = {}) {
  const notBefore = Date.now() + pause(row.waits, error.retryAfter);
  const isAsked = Boolean(error.retryAfter);
  await shelf.change(row.id, { waits: row.waits + 1, notBefore, isAsked, isAlone });
  return notBefore;
}

/**
 * Send one photo, or, where none is left, keep number and link and forget the rest.
 * @returns {Promise<{id: string, until: number} | null>} The report whose photo got no answer at all, and until when.
 */
async function photoOf(shelf, { row, photo }, { server, onNews }) {
  if (!photo) {
    await finish(shelf, row);
    onNews({ id: row.id, state: "done", row });
    return null;
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
    return null;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return refusedPhoto(shelf, row, { photo, error, onNews });
  }
}

/** The photo has arrived: the device needs it no more. */
async function settle(shelf, row, photoId) {
  await shelf.change(row.id, ({ photos }) => ({
    photos: photos.filter(({ id }) => id !== photoId),
    waits: 0,
    notBefore: 0,
  }));
  await shelf.dropPicture(photoId);
}

async function refusedPhoto(shelf, row, { photo, error, onNews }) {
  const { status } = error;
  const waits = photo.waits ?? 0;
  // A photo waits for ever before a refusal that is not ours: nobody can take it again.
  if (!isOurs(error) || verdict(error, waits) === "wait") {
    // A pause that the server asks for is for all of it; one of our own is this photo's alone.
    if (error.retryAfter) await rest(shelf, row, error);
    const until = Date.now() + pause(waits, error.retryAfter);
    await mark(shelf, row, photo.id, { waits: waits + 1, notBefore: until });
    onNews({ id: row.id, state: "photo-waits", photo: photo.id, status });
    return status === 0 ? { id: row.id, until } : null;
  }
  const why = error.body?.error?.message ?? "";
  await mark(shelf, row, photo.id, { state: "refused", status, why });
  await shelf.change(row.id, { waits: 0, notBefore: 0 });
  onNews({ id: row.id, state: "photo-refused", photo: photo.id, status, why });
  return null;
}

const mark = (shelf, row, photoId, values) =>
  shelf.change(row.id, ({ photos }) => ({
    photos: photos.map((one) => (one.id === photoId ? { ...one, ...values } : one)),
  }));

/** What stays is the number and the link, kind and place; of a photo that was refused, itself and why. `isSeen`: its page was open. */
async function finish(shelf, row) {
  const lost = row.photos.map(({ id, name, why, status }) => ({ id, name, why, status }));
  const isSecret = (row.body.privacy ?? "").includes("rahasia");
  const { id, at, city, said } = row;
  const kept = { id, at, city, said, lost, isSeen: false, ...row.receipt };
  if (!isSecret) await shelf.keepReceipt(kept);
  await shelf.remove(row.id, { keepsPictures: !isSecret });
}
