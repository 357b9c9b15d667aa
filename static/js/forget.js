/** After a log-out: the phone forgets the person. What waits to be sent stays, it is nobody's session. */

import { onDevice } from "./shelf.js";

/** Pages and maps tell what somebody looked at; the form and the queue without a network stay. */
const TELLING = /^civicmap-(pages-|drawn$)/;

/** Forget drafts, numbers and links of own reports, kept pages and this device's notes; then the server's word for it. */
export async function forget() {
  indexedDB.deleteDatabase("civicmap-draft");
  indexedDB.deleteDatabase("civicmap-own");
  const shelf = onDevice();
  for (const { id } of await shelf.receipts()) await shelf.dropReceipt(id);
  if (globalThis.caches) {
    for (const name of await caches.keys()) if (TELLING.test(name)) await caches.delete(name);
  }
  const registration = await navigator.serviceWorker?.getRegistration();
  const notes = await registration?.pushManager?.getSubscription();
  await notes?.unsubscribe().catch(() => {});
  // biome-ignore lint/suspicious/noDocumentCookie: the other way is unknown to older phones
  document.cookie = "forget=; Path=/; Max-Age=0; SameSite=Lax";
}
