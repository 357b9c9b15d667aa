/** Where one's own reports stand: asked while there is a network, kept on the phone, shown when there is none. */

import { getJSON } from "./http.js";

const BASE = "civicmap-own";
const STORE = "own";
const KEY = "last";

/**
 * Keep the newest state, and show it where the page has no other list.
 * @param {HTMLElement} root `data-mine` is the door, `data-silent` keeps and shows nothing.
 */
export async function own(root) {
  const fresh = await getJSON(root.dataset.mine).catch(() => null);
  const state = fresh
    ? { at: Date.now(), rows: fresh }
    : await use("readonly", (all) => all.get(KEY));
  if (fresh) await use("readwrite", (all) => all.put(state, KEY));
  if (state?.rows.length && !root.dataset.silent) draw(root, state);
}

function draw(root, { at, rows }) {
  const { zone } = document.getElementById("queue").dataset;
  const when = new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone: zone || undefined,
  }).format(at);
  root.querySelector("[data-at]").textContent = root.dataset.known.replace("{at}", when);
  const model = root.querySelector("template");
  root.querySelector("ul").replaceChildren(
    ...rows.map(({ number, kind, status, where, page }) => {
      const item = model.content.cloneNode(true);
      const link = item.querySelector("a");
      link.href = page;
      link.textContent = `${kind}, ${number}`;
      item.querySelector(".small").textContent = `${status}. ${where}`;
      return item;
    }),
  );
  root.hidden = false;
}

/** Do one thing with the only store. */
async function use(mode, work) {
  const opening = indexedDB.open(BASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const base = await settled(opening);
  try {
    return await settled(work(base.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    base.close();
  }
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
