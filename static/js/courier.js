/** One round of sending at a time in this page, again when the server wants it, and news of it to everybody. */

import { flush, TAG } from "./outbox.js";

/**
 * @typedef {{id: string, state: string, photo?: string, share?: number, status?: number, why?: string}} News
 */

const listeners = new Set();
const channel = globalThis.BroadcastChannel ? new BroadcastChannel(TAG) : null;
channel?.addEventListener("message", ({ data }) => hear(data));

function hear(news) {
  for (const listener of listeners) listener(news);
}

/**
 * Hear what happens to reports here, in other tabs and in the service worker.
 * @param {(news: News) => void} listener
 */
export function onNews(listener) {
  listeners.add(listener);
}

/**
 * Tell everybody; of a report only its id goes round, never its words.
 * @param {News & {row?: object}} news
 */
export function tell({ row: _row, ...news }) {
  hear(news);
  channel?.postMessage(news);
}

/**
 * Carry what lies on a shelf.
 * @param {import("./shelf.js").Shelf} shelf
 * @param {{locks?: LockManager | null}} [options] `null` for a shelf that nobody else can see.
 * @returns {{go(how?: {eager?: boolean, signedIn?: string}): Promise<void>}}
 */
export function courier(shelf, { locks } = {}) {
  let timer = 0;
  let isGoing = false;
  let wanted = null;
  const round = async (how) => {
    const { wakeAt } = await flush(shelf, { ...how, locks, onNews: tell });
    clearTimeout(timer);
    if (wakeAt) timer = setTimeout(go, Math.max(0, wakeAt - Date.now()));
  };
  const go = async (how = {}) => {
    wanted = { ...wanted, ...how };
    if (isGoing) return;
    isGoing = true;
    try {
      while (wanted) {
        const now = wanted;
        wanted = null;
        await round(now);
      }
    } finally {
      isGoing = false;
    }
  };
  return { go };
}

/** Ask the browser to send even when no page is open, where it can do that. */
export async function askForSync() {
  try {
    const registration = await navigator.serviceWorker.ready;
    await registration.sync.register(TAG);
  } catch {
    // Then the next open page sends.
  }
}
