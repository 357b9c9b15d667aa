/** On every page: start the service worker, and look whether something waits to be sent. Small, for it is everywhere. */

import { onDevice } from "./shelf.js";

const strip = document.getElementById("queue");

async function start() {
  const shelf = onDevice();
  const rows = await shelf.all().catch(() => []);
  const news = (await shelf.receipts().catch(() => [])).some(({ isSeen }) => !isSeen);
  const isKept = "kept" in document.documentElement.dataset;
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

/** Own numbers and links go when somebody logs out of a shared phone; what waits stays, it is nobody's session. */
function forgetAtLogout() {
  const form = document.querySelector(`form[action^="${strip.dataset.logout}"]`);
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const shelf = onDevice();
    for (const { id } of await shelf.receipts().catch(() => [])) await shelf.dropReceipt(id);
    form.submit();
  });
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

if (strip) {
  start();
  forgetAtLogout();
  if (document.readyState === "complete") registerLater();
  else addEventListener("load", registerLater, { once: true });
}
