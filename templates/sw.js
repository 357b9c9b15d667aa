{% load static %}// The service worker: pages and maps without a network, and reports that send themselves.
{% if modules %}import { flush, TAG } from "{% static 'js/outbox.js' %}";
import { onDevice } from "{% static 'js/shelf.js' %}";

const sends = { flush, TAG, onDevice };
{% else %}
const sends = null;
{% endif %}
const config = {{ config|safe }};
const PATIENCE_MS = 4000;
const DAY_MS = 24 * 60 * 60 * 1000;
const PAGES_LAST_MS = 7 * DAY_MS;
const COPY_AGAIN_MS = 10 * 60 * 1000;
const MOST_PAGES = 30;
const MOST_DRAWN = 600;
const MOST_FILES = 300;
const FILES = "civicmap-files";
const DRAWN = "civicmap-drawn";
const META = "civicmap-meta";
const KEPT_AT = "X-Kept-At";
const shellOf = (language) => `civicmap-shell-${config.version}-${language}`;
const pagesOf = (language) => `civicmap-pages-${language}`;
const copied = config.copied.map((pattern) => new RegExp(pattern));

self.addEventListener("install", (event) => {
  event.waitUntil(install());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate") navigate(event, url);
  else if (request.method !== "GET") return;
  else if (url.pathname.startsWith(config.static)) event.respondWith(file(request));
  else if (config.drawn.some((start) => url.pathname.startsWith(start))) {
    event.respondWith(drawn(event));
  }
});

if (sends) {
  self.addEventListener("sync", (event) => {
    if (event.tag === sends.TAG) event.waitUntil(send());
  });
}

/** Send what waits; while something is left, the browser is to come back. */
async function send() {
  const channel = new BroadcastChannel(sends.TAG);
  const onNews = ({ row, ...news }) => channel.postMessage(news);
  const { left } = await sends.flush(sends.onDevice(), { onNews });
  channel.close();
  if (left) throw new Error(`${left} left`);
}

let isInstalling = false;

async function install() {
  isInstalling = true;
  for (const language of config.languages) {
    const shell = await caches.open(shellOf(language));
    for (const path of config.shell) await shell.put(path, await bare(path, language));
  }
  isInstalling = false;
  await self.skipWaiting();
}

/** Ask without cookies for a page as a stranger sees it, with everything that it is drawn with. */
async function bare(path, language) {
  const headers = { Accept: "text/html", "Accept-Language": language };
  const answer = await fetch(path, { cache: "no-cache", credentials: "omit", headers, redirect: "error" });
  if (!answer.ok || !answer.headers.get("Content-Type")?.includes("html")) {
    throw new Error(`${path}: ${answer.status}`);
  }
  const text = await answer.text();
  await keepFiles(filesOf(text, answer.url));
  return marked(answer, text);
}

/** The copy says of itself that it is one: what it holds against forgery was nobody's. */
function marked(answer, text) {
  const headers = new Headers(answer.headers);
  headers.set(KEPT_AT, String(Date.now()));
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  return new Response(text.replace("<html", "<html data-kept"), { headers });
}

function filesOf(text, base) {
  const named = [...text.matchAll(/(?:src|href|data-sprite)="([^"#]+)/g)].map(([, url]) => url);
  return inside(named, base);
}

function inside(urls, base) {
  const absolute = urls.map((url) => new URL(url, base)).filter(isFile);
  return [...new Set(absolute.map(({ href }) => href))];
}

const isFile = ({ origin, pathname }) =>
  origin === location.origin && pathname.startsWith(config.static);

const held = new Set();

/** Keep files and the modules or pictures that they name, wave by wave, each once. */
async function keepFiles(urls) {
  const wave = urls.filter((url) => !held.has(url));
  if (!wave.length) return;
  for (const url of wave) held.add(url);
  const named = await Promise.all(wave.map(namedIn));
  await keepFiles([...new Set(named.flat())]);
}

async function namedIn(url) {
  const request = new Request(url);
  const answer = await file(request);
  // Put once more, what a release needs is the youngest: `trim` takes what no release has named for long.
  if (isInstalling) await (await caches.open(FILES)).put(request, answer.clone()).catch(() => {});
  if (!/javascript|css/.test(answer.headers.get("Content-Type") ?? "")) return [];
  const text = await answer.clone().text();
  const names = /(?:\b(?:from|import)\s*\(?\s*["']|url\(["']?)(\.{0,2}\/[^"')\s]+)/g;
  return inside([...text.matchAll(names)].map(([, name]) => name), url);
}

async function activate() {
  const current = new Set([FILES, DRAWN, META, ...config.languages.flatMap(both)]);
  for (const name of await caches.keys()) if (!current.has(name)) await caches.delete(name);
  await trim(FILES, MOST_FILES);
  await self.clients.claim();
}

const both = (language) => [shellOf(language), pagesOf(language)];

/** A file's name changes with its content; one without a hash in its name is asked for first. */
async function file(request) {
  const cache = await caches.open(FILES);
  const kept = await cache.match(request);
  if (kept && /\.[0-9a-f]{12}\./.test(new URL(request.url).pathname)) return kept;
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone()).catch(() => {});
    return answer;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

/** What maps are drawn from: the network's, or what was seen last; what never changes only once. */
async function drawn(event) {
  const cache = await caches.open(DRAWN);
  const kept = await cache.match(event.request);
  if (kept?.headers.get("Cache-Control")?.includes("immutable")) return kept;
  try {
    const answer = await fetch(event.request);
    event.waitUntil(keepDrawn(cache, event.request, answer.clone()));
    return answer;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

let written = 0;

async function keepDrawn(cache, request, answer) {
  const isGone = answer.status === 404 || answer.status === 410;
  const said = answer.headers.get("Cache-Control") ?? "";
  const isOpen = said.includes("public") && !/cookie/i.test(answer.headers.get("Vary") ?? "");
  if (isGone) await cache.delete(request);
  else if (answer.status === 200 && isOpen) await cache.put(request, answer).catch(() => {});
  written += 1;
  if (written % 50 === 0) await trim(DRAWN, MOST_DRAWN);
}

/** Oldest first: a cache lists its entries in the order in which they were put. */
async function trim(name, most) {
  const cache = await caches.open(name);
  const keys = await cache.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - most))) await cache.delete(key);
}

function navigate(event, url) {
  const isSwitch = url.pathname === config.language_switch && event.request.method === "POST";
  if (isSwitch) event.respondWith(switchLanguage(event.request));
  else if (event.request.method === "GET") event.respondWith(page(event, url));
}

/** The network's page; where it does not come in time, the kept one; where there is none, a page that says so. */
async function page(event, url) {
  const asked = fetch(event.request);
  event.waitUntil(asked.then((answer) => seen(url, answer)).catch(() => {}));
  const kept = () => keptPage(url);
  const first = await Promise.race([asked.catch(() => null), late()]);
  if (first) return first;
  const copy = await kept();
  if (copy) return copy;
  return asked.catch(async () => {
    // One's own list is the server's; what this phone knows of it another page shows.
    const other = config.instead[url.pathname] ?? config.offline;
    return (await keptPage(new URL(other, location))) ?? Response.error();
  });
}

const late = () => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));

async function keptPage({ pathname, search }) {
  const language = await spoken();
  const found = await Promise.all([
    caches.open(pagesOf(language)).then((cache) => cache.match(pathname + search)),
    caches.open(shellOf(language)).then((cache) => cache.match(pathname)),
  ]);
  return found.find((one) => one && Date.now() - Number(one.headers.get(KEPT_AT)) < PAGES_LAST_MS) ?? found[1];
}

/** Learn from a page that the network brought: the language, and whether it is worth a copy of its own. */
async function seen(url, answer) {
  const language = answer.headers.get("Content-Language");
  if (config.languages.includes(language)) await speak(language);
  const path = url.pathname + url.search;
  const isShell = config.shell.includes(url.pathname);
  const isCopied = copied.some((pattern) => pattern.test(url.pathname));
  if (!isShell && !isCopied) return;
  if (answer.status === 404 || answer.status === 410) {
    for (const one of config.languages) await (await caches.open(pagesOf(one))).delete(path);
    return;
  }
  if (!answer.ok || answer.redirected || !config.languages.includes(language)) return;
  const name = isShell ? shellOf(language) : pagesOf(language);
  await copy(await caches.open(name), isShell ? url.pathname : path, language);
  if (!isShell) await trim(name, MOST_PAGES);
}

async function copy(cache, path, language) {
  const kept = await cache.match(path);
  if (kept && Date.now() - Number(kept.headers.get(KEPT_AT)) < COPY_AGAIN_MS) return;
  const fresh = await bare(path, language);
  await cache.delete(path);
  await cache.put(path, fresh);
}

let language = "";

async function spoken() {
  if (language) return language;
  const kept = await (await caches.open(META)).match("/language");
  language = (await kept?.text()) ?? "";
  const own = navigator.languages.map((one) => one.slice(0, 2));
  return language || own.find((one) => config.languages.includes(one)) || config.languages[0];
}

async function speak(code) {
  if (code === language) return;
  language = code;
  await (await caches.open(META)).put("/language", new Response(code));
}

/** Without a network the switch works for the kept pages; the server hears of it with the next one. */
async function switchLanguage(request) {
  const form = request.clone().formData();
  try {
    return await fetch(request);
  } catch {
    const values = await form;
    const code = String(values.get("language"));
    if (config.languages.includes(code)) await speak(code);
    const next = new URL(String(values.get("next") ?? "/"), location);
    return Response.redirect(next.origin === location.origin ? next.href : "/", 303);
  }
}

// Notes that the server pushes: title, body, url, tag. A newer one about the same issue takes its place.
self.addEventListener("push", (event) => {
  const { title, body, url, tag } = event.data?.json() ?? {};
  if (!title) return;
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: { url } }));
});

/** Open the page of a note, in a window that shows it already where there is one; never another site's. */
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { pathname, search } = new URL(event.notification.data?.url ?? "/", location.origin);
  const opened = self.clients.matchAll({ type: "window" }).then((windows) => {
    const there = windows.find((one) => new URL(one.url).pathname === pathname);
    return there ? there.focus() : self.clients.openWindow(pathname + search);
  });
  event.waitUntil(opened);
});
