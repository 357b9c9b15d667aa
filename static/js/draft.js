/** An unfinished report, kept in this browser until the server has given a receipt, at most a day.

   Words, kind and place lie in localStorage; name and contact only in this tab's sessionStorage; photos in IndexedDB.
   A confidential report is kept nowhere but in the page. */

const DAY_MS = 24 * 60 * 60 * 1000;
const OWN = ["uuid", "lat", "lon", "accuracy_m", "area_code", "address", "service_code"];
const ASKED = ["street", "answers", "assets", "side", "observed_at"];
const KEPT = [...OWN, ...ASKED, "description", "anonymous"];
const PERSONAL = ["name", "email", "phone", "consent"];
const SHOTS = "shots";
/** Reports that the queue has taken over: whatever a page still wants to keep of them is the queue's. */
const handedOver = new Set();

/**
 * @typedef {object} Saved
 * @property {Record<string, string>} fields
 * @property {object} [sent] The body whose fate is unknown.
 * @property {{id: string, token: string, number: string}} [receipt] Accepted, photos still on their way.
 */

/**
 * Keep the drafts of one city's form.
 * @param {string} city Slug.
 * @returns {{load(): Saved | null, save(saved: Saved): void, forget(): Promise<void>, handOver(id: string): Promise<void>,
 *   shots(): Promise<{id: string, name: string, blob: Blob}[]>, keepShot(shot: object): void, dropShot(id: string): void}}
 */
export function drafts(city) {
  const key = `civicmap:draft:${city}`;
  const forget = async () => {
    remove(localStorage, key);
    remove(sessionStorage, key);
    await shelf("readwrite", (store) => store.clear());
  };
  return {
    load() {
      const saved = read(localStorage, key);
      if (!saved || Date.now() - saved.at > DAY_MS) return null;
      return { ...saved, fields: { ...saved.fields, ...read(sessionStorage, key) } };
    },
    save({ fields, sent, receipt }) {
      if (handedOver.has(fields.uuid)) return;
      write(localStorage, key, { at: Date.now(), fields: pick(fields, KEPT), sent, receipt });
      write(sessionStorage, key, pick(fields, PERSONAL));
    },
    forget,
    handOver(id) {
      handedOver.add(id);
      return forget();
    },
    shots: async () => (await shelf("readonly", (store) => store.getAll())) ?? [],
    keepShot: ({ id, name, blob }) => shelf("readwrite", (store) => store.put({ id, name, blob })),
    dropShot: (id) => shelf("readwrite", (store) => store.delete(id)),
  };
}

function pick(fields, names) {
  return Object.fromEntries(
    names.filter((name) => fields[name]).map((name) => [name, fields[name]]),
  );
}

// A browser may forbid storage (private windows, full disk): then the page itself is the only place.
function read(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}

function write(storage, key, value) {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    remove(storage, key);
  }
}

function remove(storage, key) {
  try {
    storage.removeItem(key);
  } catch {
    // Nothing was there, then.
  }
}

/** Do one thing with the store of photos; null where the browser has none. */
async function shelf(mode, use) {
  try {
    const base = await settled(openBase());
    const answer = await settled(use(base.transaction(SHOTS, mode).objectStore(SHOTS)));
    base.close();
    return answer;
  } catch {
    return null;
  }
}

function openBase() {
  const request = indexedDB.open("civicmap-draft", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(SHOTS, { keyPath: "id" });
  return request;
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
