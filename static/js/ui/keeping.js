/** The form is kept as somebody fills it in, comes back after a reload, and says so where this browser keeps nothing. */

import { drafts } from "../draft.js";

const PAUSE_MS = 300;
const TICKS = new Set(["anonymous", "confidential", "consent"]);

/**
 * Keep a form.
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {(key: string, values?: object) => string} options.say
 * @param {() => import("../draft.js").Shot[]} options.shots The photos that the form holds.
 * @param {() => boolean} options.isSecret A confidential report is kept nowhere.
 * @param {(shot: import("../draft.js").Shot) => void} options.onShot A photo comes back.
 * @returns {{save(): void, soon(): void, stop(): Promise<void>, again(): void, keepShot(shot: object): void,
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
  /** Nothing here is to be kept any more. */
  const stop = () => {
    isAsleep = true;
    clearTimeout(timer);
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
      if (!saved) return false;
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
