/** Push notes for this browser: asked for only when somebody taps, kept by our own server. */

import { post, remove } from "./http.js";

const status = document.getElementById("push-status");
const boxes = document.querySelectorAll("[data-push]");

/** @returns {boolean} Whether this browser can take notes and this site can send them. */
export function canPush() {
  return Boolean(
    status?.dataset.key && "serviceWorker" in navigator && "PushManager" in globalThis,
  );
}

/**
 * Turn notes on: the browser asks its reader once, our server keeps the device.
 * @returns {Promise<boolean>} Whether they are on.
 */
export async function turnOn() {
  try {
    if ((await Notification.requestPermission()) !== "granted") return say("denied", false);
    const worker = await navigator.serviceWorker.ready;
    const device =
      (await worker.pushManager.getSubscription()) ??
      (await worker.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: bytes(status.dataset.key),
      }));
    await post(status.dataset.url, device.toJSON());
    return say("on", true);
  } catch {
    return say("failed", false);
  }
}

/** Turn notes off, here and at our server. */
export async function turnOff() {
  const device = await present();
  if (!device) return;
  await remove(status.dataset.url, { endpoint: device.endpoint });
  await device.unsubscribe();
}

/** @returns {Promise<PushSubscription | null>} What this browser takes already. */
async function present() {
  const worker = await navigator.serviceWorker.getRegistration();
  return (await worker?.pushManager.getSubscription()) ?? null;
}

function say(word, isOn) {
  status.textContent = status.dataset[word];
  return isOn;
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

const on = document.getElementById("push-on");
const off = document.getElementById("push-off");

/** The page of one's subscriptions: a device that is known opens them, whatever the cookie says. */
async function own() {
  const device = await present();
  off.hidden = !device;
  on.hidden = Boolean(device);
  if (device && document.querySelector(".empty")) {
    await post(status.dataset.url, device.toJSON());
    if (!sessionStorage.getItem("known")) {
      sessionStorage.setItem("known", "1");
      location.reload();
    }
  }
}

/** The page of one's own report: the device is asked first, the report second. */
const report = document.getElementById("own-push");
report?.addEventListener("submit", async (event) => {
  if (event.submitter?.value !== "ya" || report.dataset.ready) return;
  event.preventDefault();
  if (!(await turnOn())) return;
  report.dataset.ready = "1";
  report.requestSubmit(event.submitter);
});

if (canPush()) {
  for (const box of boxes) box.hidden = false;
  on?.addEventListener("click", async () => {
    if (await turnOn()) location.reload();
  });
  off?.addEventListener("click", async () => {
    await turnOff();
    location.reload();
  });
  if (on) own().catch(() => {});
}
