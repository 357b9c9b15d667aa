/** An unfinished report, kept in this browser until the server has given a receipt, at most a day.

   Words, kind and place lie in localStorage; name and contact only in this tab's sessionStorage; photos in IndexedDB,
   each under the id of its report. A confidential report is kept nowhere but in the page. What cannot be kept is said. */

const PAUSE_MS = 300;
const DAY_MS = 24 * 60 * 60 * 1000;
const OWN = ["uuid", "lat", "lon", "accuracy_m", "area_code", "address", "service_code"];
const ASKED = ["street", "answers", "assets", "side", "observed_at"];
const KEPT = [...OWN, ...ASKED, "description", "anonymous"];
const PERSONAL = ["name", "email", "phone", "consent"];
/** Any of these, or a photo, and somebody has begun. */
const BEGUN = ["lat", "area_code", "address", "service_code", "street", "answers", "description"];
const TICKS = new Set(["anonymous", "confidential", "consent"]);
const SHOTS = "shots";
/** Reports that the queue has taken over: whatever a page still wants to keep of them is the queue's. */
const handedOver = new Set();

/**
 * @typedef {object} Saved
 * @property {Record<string, string>} fields
 * @property {number} [photos] How many belong to it.
 */

/** @typedef {{id: string, name: string, blob: Blob}} Shot */

/**
 * Keep the drafts of one city's form.
 * @param {string} city Slug.
 * @returns {{load(): Saved | null, save(saved: Saved): boolean, forget(): Promise<void>,
 *   handOver(id: string): Promise<void>, shots(of: string): Promise<Shot[]>,
 *   keepShot(of: string, shot: Shot): Promise<boolean>, dropShot(id: string): Promise<boolean>}} `of`: the report's id.
 *   `save` and `keepShot` say whether this browser has kept it; `load` wipes what nobody comes back to.
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
      if (isBegun(saved) && Date.now() - saved.at <= DAY_MS) {
        return { ...saved, fields: { ...saved.fields, ...read(sessionStorage, key) } };
      }
      // Photos without their report would turn up in somebody else's.
      forget();
      return null;
    },
    save({ fields, photos }) {
      if (handedOver.has(fields.uuid)) return true;
      const kept = { at: Date.now(), fields: pick(fields, KEPT), photos };
      // An empty form in a second tab says nothing about the report that is begun in the first.
      const before = read(localStorage, key);
      if (!isBegun(kept) && isBegun(before) && before.fields.uuid !== fields.uuid) return true;
      const isKept = write(localStorage, key, kept);
      return write(sessionStorage, key, pick(fields, PERSONAL)) && isKept;
    },
    forget,
    handOver(id) {
      handedOver.add(id);
      return forget();
    },
    async shots(of) {
      const all = (await shelf("readonly", (store) => store.getAll()))?.answer ?? [];
      const [own, strange] = [[], []];
      for (const shot of all) (shot.of === of ? own : strange).push(shot);
      for (const { id } of strange) await shelf("readwrite", (store) => store.delete(id));
      return own;
    },
    keepShot: async (of, { id, name, blob }) =>
      Boolean(await shelf("readwrite", (store) => store.put({ id, name, blob, of }))),
    dropShot: async (id) => Boolean(await shelf("readwrite", (store) => store.delete(id))),
  };
}

/** Whether a kept form is worth coming back to. */
function isBegun(saved) {
  if (!saved?.fields) return false;
  return Boolean(saved.photos) || BEGUN.some((name) => saved.fields[name]);
}

/**
 * Keep a form.
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {(key: string, values?: object) => string} options.say
 * @param {() => Shot[]} options.shots The photos that the form holds.
 * @param {() => boolean} options.isSecret A confidential report is kept nowhere.
 * @param {(shot: Shot) => void} options.onShot A photo comes back.
 * @returns {{save(): void, soon(): void, rest(): void, stop(): Promise<void>, again(): void, keepShot(shot: object): void,
 *   dropShot(shot: object): void, restore(): Promise<boolean>}} `restore` says whether there was anything.
 */
export function keeping(form, { say, shots, isSecret, onShot }) {
  const box = drafts(form.dataset.city);
  const fields = form.elements;
  let timer = 0;
  let wasSecret = false;
  let isAsleep = false;

  /** Said once, while all of it still stands in the page. */
  const check = (isKept) => {
    const warning = document.getElementById("unkept");
    if (isKept || warning.textContent) return;
    warning.textContent = say("unkept");
  };
  const keepShot = async (shot) => {
    if (isSecret()) return;
    save();
    check(await box.keepShot(fields.uuid.value, shot));
  };
  const keepAll = () => {
    for (const shot of shots()) keepShot(shot);
  };
  const save = () => {
    clearTimeout(timer);
    if (isAsleep) return;
    // Once for a draft, in whatever tab it is sent: a second send is the same report to the byte.
    fields.observed_at.value ||= new Date().toISOString();
    const isNews = isSecret() !== wasSecret;
    wasSecret = isSecret();
    if (wasSecret) {
      if (isNews) box.forget();
      return;
    }
    check(box.save({ fields: valuesOf(form), photos: shots().length }));
    if (isNews) keepAll();
  };
  const fill = (values) => {
    for (const [name, value] of Object.entries(values)) {
      // Whoever has logged in since then is not asked who they are.
      if (!fields[name]) continue;
      if (TICKS.has(name)) fields[name].checked = value === "1";
      else fields[name].value = value;
    }
  };
  const rest = () => {
    isAsleep = true;
    clearTimeout(timer);
  };
  /** Nothing here is to be kept any more. */
  const stop = () => {
    rest();
    return box.forget();
  };
  const offerForgetting = () => {
    const notice = document.getElementById("restored");
    notice.querySelector("span").textContent = say("restored");
    notice.hidden = false;
    notice.querySelector("[data-forget]").addEventListener("click", async () => {
      await stop();
      location.assign(location.pathname);
    });
  };
  return {
    save,
    rest,
    stop,
    keepShot,
    /** After all it is a report of its own: everything is kept again. */
    again() {
      isAsleep = false;
      save();
      keepAll();
    },
    soon() {
      clearTimeout(timer);
      timer = setTimeout(save, PAUSE_MS);
    },
    dropShot({ id }) {
      box.dropShot(id);
      save();
    },
    async restore() {
      const saved = box.load();
      if (!saved) {
        // A page out of the cache bears the same id each time, and a report may have gone out under it.
        fields.uuid.value = crypto.randomUUID?.() ?? fields.uuid.value;
        return false;
      }
      fill(saved.fields);
      // A page that closes now has not all of it yet.
      isAsleep = true;
      for (const shot of await box.shots(fields.uuid.value)) onShot(shot);
      isAsleep = false;
      offerForgetting();
      return true;
    },
  };
}

function valuesOf(form) {
  const values = {};
  for (const control of form.elements) {
    if (TICKS.has(control.name)) values[control.name] = control.checked ? "1" : "";
    else if (control.name && control.type !== "file") values[control.name] = control.value;
  }
  return values;
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

/** Returns whether it lies there now; where not, the older state stays, which is better than none. */
function write(storage, key, value) {
  try {
    storage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function remove(storage, key) {
  try {
    storage.removeItem(key);
  } catch {
    // Nothing was there, then.
  }
}

/** Do one thing with the store of photos; it has happened when this returns. Null where the browser could not. */
async function shelf(mode, use) {
  try {
    const base = await settled(openBase());
    try {
      const steps = base.transaction(SHOTS, mode, { durability: "strict" });
      const done = finished(steps);
      const answer = await settled(use(steps.objectStore(SHOTS)));
      await done;
      return { answer };
    } finally {
      base.close();
    }
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

/** A full disk shows only at the end of a transaction. */
function finished(steps) {
  const end = new Promise((resolve, reject) => {
    steps.oncomplete = () => resolve();
    steps.onabort = () => reject(steps.error ?? new DOMException("aborted", "AbortError"));
  });
  end.catch(() => {});
  return end;
}
