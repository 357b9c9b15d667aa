/** On every page: start the service worker, and look whether something waits to be sent. Small, for it is everywhere. */

import { phrasesOf } from "./phrases.js";
import { onDevice } from "./shelf.js";
import { remember } from "./writer.js";

const strip = document.getElementById("queue");

async function start() {
  const shelf = onDevice();
  const rows = await shelf.all().catch(() => []);
  const news = (await shelf.receipts().catch(() => [])).some(({ isSeen }) => !isSeen);
  sayWhatStays(rows.length);
  const isKept = "kept" in document.documentElement.dataset;
  // A kept page was fetched without cookies: it knows nobody.
  if (!isKept) remember(strip.dataset.signed);
  const root = document.querySelector("[data-queue]");
  if (rows.length || news || root || isKept) await wait();
  else listen();
}

async function wait() {
  const { watch } = await import("./ui/waiting.js");
  watch(strip);
}

/** Nothing waits yet; the first word of a report (in this page, too) brings the rest of the script. */
function listen() {
  if (!globalThis.BroadcastChannel) return;
  const channel = new BroadcastChannel("civicmap-queue");
  channel.onmessage = () => {
    channel.close();
    wait();
  };
}

/** Say before a log-out what stays on the phone all the same. */
function sayWhatStays(count) {
  const words = document.querySelector("[data-stays]");
  if (!words || !count) return;
  words.textContent = phrasesOf(words)("stays", { count });
  words.hidden = false;
}

/** A worker that knows modules sends by itself; an older browser gets one that only keeps pages. */
async function register() {
  if (!navigator.serviceWorker) return;
  if (strip.dataset.worker !== "on") {
    for (const one of await navigator.serviceWorker.getRegistrations()) await one.update();
    return;
  }
  try {
    await navigator.serviceWorker.register("/sw.js", { type: "module", updateViaCache: "none" });
  } catch {
    await navigator.serviceWorker.register("/sw.js?klasik", { updateViaCache: "none" });
  }
}

/** Without a worker everything else works: a browser may forbid it, a network may lose it. */
function registerLater() {
  register().catch(() => {});
}

/** Somebody has logged out: drafts go before any form reads them, the rest before anybody looks. */
async function forgetFirst() {
  if (!document.cookie.split("; ").includes("forget=1")) return;
  localStorage.clear();
  sessionStorage.clear();
  const { forget } = await import("./forget.js");
  await forget();
}

if (strip) {
  forgetFirst()
    .catch(() => {})
    .then(start);
  if (document.readyState === "complete") registerLater();
  else addEventListener("load", registerLater, { once: true });
}
