/** On every page: start the service worker, and look whether something waits to be sent. Small, for it is everywhere. */

// As shelf.js and writer.js name them: asked by name here, so that most pages fetch neither.
const QUEUE = "civicmap-queue";
const WRITER = "civicmap:writer";

const strip = document.getElementById("queue");

async function start() {
  const isKept = "kept" in document.documentElement.dataset;
  // A kept page was fetched without cookies: it knows nobody.
  if (!isKept) await note(strip.dataset.signed);
  const shelf = await shelfHere();
  const rows = (await shelf?.all().catch(() => [])) ?? [];
  const receipts = (await shelf?.receipts().catch(() => [])) ?? [];
  await sayWhatStays(rows.length);
  const root = document.querySelector("[data-queue]");
  const news = receipts.some(({ isSeen }) => !isSeen);
  await showOwn(document.querySelector("[data-mine]"));
  if (rows.length || news || root || isKept) await wait();
  else listen();
}

/** Where one's own reports stood last, on the pages that have room for it. */
async function showOwn(root) {
  if (!root) return;
  const { own } = await import("./mine.js");
  own(root).catch(() => {});
}

/** Most phones have never kept a report: they need not fetch what would look for it. */
async function shelfHere() {
  const bases = (await globalThis.indexedDB?.databases?.().catch(() => null)) ?? null;
  if (bases && !bases.some(({ name }) => name === QUEUE)) return null;
  const { onDevice } = await import("./shelf.js");
  return onDevice();
}

/** Whose the reports of this browser are; nobody's, on most phones. */
async function note(signed) {
  if (!signed && !localStorage.getItem(WRITER)) return;
  const { remember } = await import("./writer.js");
  remember(signed);
}

async function wait() {
  const { watch } = await import("./ui/waiting.js");
  watch(strip);
}

/** Nothing waits yet; the first word of a report (in this page, too) brings the rest of the script. */
function listen() {
  if (!globalThis.BroadcastChannel) return;
  const channel = new BroadcastChannel(QUEUE);
  channel.onmessage = () => {
    channel.close();
    wait();
  };
}

/** Say before a log-out what stays on the phone all the same. */
async function sayWhatStays(count) {
  const words = document.querySelector("[data-stays]");
  if (!words || !count) return;
  const { phrasesOf } = await import("./words.js");
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
  // Where storage is forbidden nothing waits here, and nothing is to be forgotten.
  forgetFirst()
    .catch(() => {})
    .then(start)
    .catch(listen);
  if (document.readyState === "complete") registerLater();
  else addEventListener("load", registerLater, { once: true });
}
