// The switch is off: whatever worker a browser has, this one takes its place, and then itself, away.
// What waits to be sent lies in IndexedDB, and open pages send it.
self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  const emptied = caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(emptied.then(() => self.registration.unregister()));
});
