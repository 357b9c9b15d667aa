// The service worker: its scope is the whole site. It keeps nothing yet; whoever has an older one
// gets this one with the next visit, and with it an empty cache.
self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  const emptied = caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(emptied.then(() => self.clients.claim()));
});
