/** Where waiting reports lie: in IndexedDB, or in memory where nothing may be kept. Both do the same things. */

const BASE = "civicmap-queue";
const LEASE = "lease";

/**
 * @typedef {object} Picture
 * @property {string} id
 * @property {string} name
 * @property {Blob} blob
 */

/**
 * @typedef {object} Shelf
 * @property {(report: object, pictures: Picture[]) => Promise<void>} add Keeps both or, where it throws, neither; a
 *   `ConstraintError` says that a report with this id lies here already.
 * @property {() => Promise<object[]>} all Reports in the order in which they came.
 * @property {(id: string) => Promise<object | null>} get
 * @property {(id: string, values: object | ((report: object) => object)) => Promise<object | null>} change In one step,
 *   from the row as it lies there; null where it is gone.
 * @property {(id: string, how?: {keepsPictures?: boolean}) => Promise<void>} remove With its pictures, unless a receipt has
 *   them now.
 * @property {(id: string) => Promise<Picture | null>} picture
 * @property {(id: string) => Promise<void>} dropPicture
 * @property {(receipt: object) => Promise<void>} keepReceipt
 * @property {() => Promise<object[]>} receipts
 * @property {(id: string) => Promise<void>} dropReceipt With the pictures that were refused.
 * @property {(owner: string, now: number, until: number) => Promise<boolean>} lease Take or prolong; `until` 0 gives back.
 */

/** What each version added: whoever has an older one walks through the rest. Never change a step, add one. */
const UPGRADES = [
  (base) => {
    base.createObjectStore("reports", { keyPath: "seq", autoIncrement: true });
    base.createObjectStore("photos", { keyPath: "id" });
  },
  (base, steps) => {
    steps.objectStore("reports").createIndex("id", "id", { unique: true });
    base.createObjectStore("receipts", { keyPath: "id" });
    base.createObjectStore("meta", { keyPath: "key" });
  },
];
const STORES = ["reports", "photos", "receipts", "meta"];

/**
 * Keep on the device.
 * @param {IDBFactory} [factory]
 * @returns {Shelf}
 */
export function onDevice(factory = globalThis.indexedDB) {
  const use = (mode, work) => within(factory, mode, work);
  const find = async (stores, id) => settled(stores.reports.index("id").get(id));
  return {
    add: (report, pictures) =>
      use("readwrite", async ({ reports, photos }) => {
        for (const { id, name, blob } of pictures) photos.put({ id, name, blob, of: report.id });
        reports.add(report);
      }),
    all: () => use("readonly", ({ reports }) => settled(reports.getAll())),
    get: (id) => use("readonly", async (stores) => (await find(stores, id)) ?? null),
    change: (id, values) =>
      use("readwrite", async (stores) => {
        const report = await find(stores, id);
        if (!report) return null;
        const changed = changedBy(report, values);
        stores.reports.put(changed);
        return changed;
      }),
    remove: (id, { keepsPictures = false } = {}) =>
      use("readwrite", async (stores) => {
        const report = await find(stores, id);
        if (!report) return;
        stores.reports.delete(report.seq);
        if (keepsPictures) return;
        for (const photo of report.photos ?? []) stores.photos.delete(photo.id);
      }),
    picture: (id) => use("readonly", async ({ photos }) => (await settled(photos.get(id))) ?? null),
    dropPicture: (id) => use("readwrite", async ({ photos }) => void photos.delete(id)),
    keepReceipt: (receipt) => use("readwrite", async ({ receipts }) => void receipts.put(receipt)),
    receipts: () => use("readonly", ({ receipts }) => settled(receipts.getAll())),
    dropReceipt: (id) =>
      use("readwrite", async ({ receipts, photos }) => {
        const receipt = await settled(receipts.get(id));
        for (const { id: lost } of receipt?.lost ?? []) if (lost) photos.delete(lost);
        receipts.delete(id);
      }),
    lease: (owner, now, until) =>
      use("readwrite", async ({ meta }) => {
        const held = await settled(meta.get(LEASE));
        if (held && held.owner !== owner && held.until > now) return false;
        meta.put({ key: LEASE, owner, until });
        return true;
      }),
  };
}

const changedBy = (report, values) => ({
  ...report,
  ...(typeof values === "function" ? values(report) : values),
});

/** Do some things with the stores in one transaction; it has happened when this returns. */
async function within(factory, mode, work) {
  const base = await open(factory);
  try {
    const steps = base.transaction(STORES, mode, { durability: "strict" });
    const done = finished(steps);
    const stores = Object.fromEntries(STORES.map((name) => [name, steps.objectStore(name)]));
    const answer = await work(stores).catch((error) => {
      done.catch(() => {});
      steps.abort();
      throw error;
    });
    await done;
    return answer;
  } finally {
    base.close();
  }
}

/** Open, upgrading what is older; what a newer page has made is used as it is, for steps only ever add. */
async function open(factory) {
  try {
    return await opened(factory.open(BASE, UPGRADES.length));
  } catch (error) {
    if (error.name !== "VersionError") throw error;
    return opened(factory.open(BASE));
  }
}

async function opened(request) {
  request.onupgradeneeded = ({ oldVersion }) => {
    for (const step of UPGRADES.slice(oldVersion)) step(request.result, request.transaction);
  };
  const base = await settled(request);
  // Another page wants to upgrade: it waits for nobody.
  base.onversionchange = () => base.close();
  return base;
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(steps) {
  return new Promise((resolve, reject) => {
    steps.oncomplete = () => resolve();
    steps.onabort = () => reject(steps.error ?? new DOMException("aborted", "AbortError"));
  });
}

/**
 * Keep in this page only: for what may not be kept, and where a browser keeps nothing.
 * @returns {Shelf}
 */
export function inMemory() {
  const reports = new Map();
  const photos = new Map();
  const receipts = new Map();
  let held = { owner: "", until: 0 };
  return {
    async add(report, pictures) {
      if (reports.has(report.id)) throw new DOMException(report.id, "ConstraintError");
      reports.set(report.id, { ...report, seq: reports.size + 1 });
      for (const { id, name, blob } of pictures) photos.set(id, { id, name, blob });
    },
    all: async () => [...reports.values()],
    get: async (id) => reports.get(id) ?? null,
    async change(id, values) {
      if (!reports.has(id)) return null;
      reports.set(id, changedBy(reports.get(id), values));
      return reports.get(id);
    },
    async remove(id, { keepsPictures = false } = {}) {
      for (const photo of reports.get(id)?.photos ?? [])
        if (!keepsPictures) photos.delete(photo.id);
      reports.delete(id);
    },
    picture: async (id) => photos.get(id) ?? null,
    dropPicture: async (id) => void photos.delete(id),
    keepReceipt: async (receipt) => void receipts.set(receipt.id, receipt),
    receipts: async () => [...receipts.values()],
    async dropReceipt(id) {
      for (const { id: lost } of receipts.get(id)?.lost ?? []) photos.delete(lost);
      receipts.delete(id);
    },
    async lease(owner, now, until) {
      if (held.owner !== owner && held.until > now) return false;
      held = { owner, until };
      return true;
    },
  };
}

/**
 * Tell whether this browser keeps anything at all (private windows may not).
 * @returns {Promise<boolean>}
 */
export async function mayKeep() {
  try {
    await onDevice().all();
    return true;
  } catch {
    return false;
  }
}

/**
 * Ask before it is too late whether so many bytes find room.
 * @param {number} bytes
 * @returns {Promise<boolean>} true also where the browser does not say.
 */
export async function hasRoom(bytes) {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota - usage > 2 * bytes;
  } catch {
    return true;
  }
}

/** Ask the browser not to clear what waits when the device runs short of space. */
export async function askToKeep() {
  try {
    await navigator.storage.persist();
  } catch {
    // It has no such promise to give.
  }
}
