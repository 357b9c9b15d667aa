/** Sending: kept first, then sent once, patiently, and without ever saying "terkirim" before the server's number is here. */

import { courier, onNews } from "../courier.js";
import { drafts } from "../draft.js";
import { bodyOf, complete, isEditable, waiting } from "../outbox.js";
import { phrasesOf } from "../phrases.js";
import { askToKeep, hasRoom, inMemory, mayKeep, onDevice } from "../shelf.js";
import { openReceipt } from "./receipt.js";
import { added, renewTokens } from "./waiting.js";

const FIELD_OF = { id: "uuid", privacy: "confidential", "": undefined };
const WORDS_BYTES = 20_000;

/**
 * Wire the one button.
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {(key: string, values?: object) => string} options.say
 * @param {() => {field?: string, text: string}[]} options.faults What the person still has to do.
 * @param {(faults: {field?: string, text: string}[]) => void} options.onFaults
 * @param {ReturnType<import("./photos.js").photos>} options.photos
 * @param {() => void} [options.onChange] The form is a draft again: keep it.
 * @returns {{sent: object | null, receipt: object | null, resume(): void}} For drafts of an older version of this page.
 */
export function sender(form, { say, faults, onFaults, photos, onChange = () => {} }) {
  const view = looks(form, say);
  const known = { sent: null, receipt: null, resume: () => resume() };
  /** What was sent, and on which shelf it lies. */
  let sending = null;

  const place = async (row) => {
    const { shelf, why } = await shelfFor(form, photos.shots());
    try {
      await shelf.add(row, photos.shots());
      view.warn(why);
      return { row, shelf, isKept: !why, send: carrierOf(shelf, why) };
    } catch {
      // The room was there a moment ago; the page itself is the last place.
      const memory = inMemory();
      await memory.add(row, photos.shots());
      view.warn("full");
      return { row, shelf: memory, isKept: false, send: carrierOf(memory, "full") };
    }
  };
  const send = async () => {
    const wrong = faults();
    if (wrong.length) return onFaults(wrong);
    // What the server holds of an earlier try can only come back with the form itself.
    if (form.querySelector("[name=kept]")) return plain();
    view.busy(true);
    view.say(say("sending"));
    sending = await place(rowOf(form, photos.shots()));
    // The queue has it now; a draft beside it would be a second report.
    if (sending.isKept) await drafts(form.dataset.city).handOver(sending.row.id);
    view.lock(true);
    await sending.send();
  };
  const resume = async () => {
    const { id, number, token } = known.receipt;
    const row = { ...rowOf(form, photos.shots()), id, state: "accepted", tries: 1 };
    const body = { id, privacy: "" };
    sending = await place({ ...row, body, fields: {}, receipt: { number, token } });
    await drafts(form.dataset.city).handOver(id);
    view.lock(true);
    await sending.send();
  };
  /** A press while a photo is still made small counts: it goes with the photo, unless something is wrong with that. */
  const prepared = async () => {
    view.busy(true);
    view.say(say("preparing"));
    const wrong = await photos.settled();
    view.busy(false);
    view.say(wrong, { isBad: Boolean(wrong) });
    return !wrong;
  };
  const again = async () => {
    view.busy(true);
    view.say(say("sending"));
    await sending.send();
  };
  const refused = async (row) => {
    // A plain no: nothing was taken in. Under a new id it is a draft again, and can be mended.
    await sending.shelf.remove(row.id);
    form.elements.uuid.value = crypto.randomUUID();
    sending = null;
    view.lock(false);
    view.busy(false);
    view.reset();
    onChange();
    for (const shot of photos.shots()) drafts(form.dataset.city).keepShot(shot);
    onFaults(faultsOf(row.error));
  };
  const waits = (row, state) => {
    view.busy(false);
    if (!sending.isKept && isEditable(row)) view.lock(false);
    view.wait({ state, isKept: sending.isKept, isSecret: isSecret(form) });
  };
  const open = async () => {
    await renewTokens(document.getElementById("queue"));
    const { row } = sending;
    openReceipt(form.dataset.receipt.replace("{id}", row.id), sending.receipt.token);
  };
  const plain = () => {
    photos.fillPlain();
    HTMLFormElement.prototype.submit.call(form);
  };
  onNews(async (news) => {
    if (!sending || news.id !== sending.row.id) return;
    if (news.photo) showPhoto(photos, news, view.told);
    if (news.state === "sending" || news.state === "sent") return;
    const row = await look(sending);
    sending.receipt = row.receipt;
    if (news.state === "accepted") view.accept(row.receipt.number);
    else if (news.state === "photo-waits") view.photosWait(row);
    else if (news.state === "offline" || news.state === "busy") waits(row, news.state);
    else if (news.state === "login") view.login();
    else if (news.state === "refused") refused(row);
    else if (news.state === "done") await open();
  });
  form.noValidate = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (view.isBusy()) return;
    if (photos.isBusy() && !(await prepared())) return;
    if (sending) again();
    else send();
  });
  form.querySelector("[data-skip]").addEventListener("click", open);
  // A page from the back-forward cache still wears the old state.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  return known;
}

/** See how far it is; somebody faster may have finished it already. */
async function look({ shelf, row, receipt }) {
  const found = await shelf.get(row.id);
  if (found) return complete(found);
  const kept = (await shelf.receipts()).find(({ id }) => id === row.id);
  return complete({ ...row, receipt: kept ?? receipt ?? null });
}

const isSecret = (form) => form.elements.confidential.checked;

function rowOf(form, shots) {
  const strip = document.getElementById("queue");
  // Where pictures will follow, the words may be missing.
  const body = { ...bodyOf(form), ...(shots.length && { photo_count: shots.length }) };
  const urls = {
    issues: form.dataset.api,
    photos: form.dataset.photosApi,
    effort: strip.dataset.effort,
  };
  return waiting(body, { urls, city: form.dataset.city, fields: fieldsOf(form), photos: shots });
}

/** What the person typed, as a draft keeps it. */
function fieldsOf(form) {
  const values = {};
  for (const control of form.elements) {
    if (!control.name || control.type === "file" || control.name === "csrfmiddlewaretoken")
      continue;
    if (control.type === "checkbox") values[control.name] = control.checked ? "1" : "";
    else if (control.type !== "radio" || control.checked) values[control.name] = control.value;
  }
  return values;
}

/** Choose where a report waits: on the device, unless it is confidential, forbidden, or would not fit. */
async function shelfFor(form, shots) {
  if (isSecret(form)) return { shelf: inMemory(), why: "secret" };
  if (!(await mayKeep())) return { shelf: inMemory(), why: "forbidden" };
  askToKeep();
  const bytes = shots.reduce((sum, { blob }) => sum + blob.size, WORDS_BYTES);
  if (!(await hasRoom(bytes))) return { shelf: inMemory(), why: "full" };
  return { shelf: onDevice(), why: "" };
}

function carrierOf(shelf, why) {
  if (!why) return added;
  const carrier = courier(shelf, { locks: null });
  addEventListener("online", () => carrier.go({ eager: true }));
  return () => carrier.go({ eager: true });
}

function showPhoto(photos, { photo, state, share = 0, status, why }, told) {
  const shot = photos.shots().find(({ id }) => id === photo);
  if (!shot) return;
  if (state === "sending") shot.show("sending", { share });
  else if (state === "sent") shot.show("sent");
  else if (state === "photo-refused") {
    shot.show("failed", { why: why || told(status === 413 ? "photoTooLarge" : "photoRefused") });
  } else if (state === "photo-waits") shot.show("failed", { why: "" });
}

/** Everything that the page shows of sending. */
function looks(form, say) {
  const told = phrasesOf(document.getElementById("queue"));
  const button = form.querySelector("[data-send]");
  const skip = form.querySelector("[data-skip]");
  const state = form.querySelector("#state");
  const label = button.textContent;
  let isBusy = false;
  let warning = "";
  const write = (text, { isBad = false, link = null } = {}) => {
    state.classList.toggle("report__state--bad", isBad);
    state.replaceChildren([warning, text].filter(Boolean).join(" "));
    if (link) state.append(" ", link);
  };
  const busy = (isOn) => {
    isBusy = isOn;
    button.setAttribute("aria-disabled", String(isOn));
    form.setAttribute("aria-busy", String(isOn));
  };
  return {
    told,
    busy,
    isBusy: () => isBusy,
    say: write,
    warn(why) {
      warning = why === "forbidden" || why === "full" ? told(why) : "";
    },
    /** While it is on its way nothing of it changes. */
    lock(isOn) {
      for (const part of form.querySelectorAll("[data-step], #where, [data-back]")) {
        part.inert = isOn;
      }
    },
    reset() {
      button.textContent = label;
      write("");
    },
    wait({ state: why, isKept, isSecret: secret }) {
      button.textContent = isKept ? told("now") : say("again");
      if (isKept)
        write(told(why === "busy" ? "storedBusy" : "stored"), { link: way(told, "look") });
      else write(told(secret ? "secret" : "unkept"), { isBad: true });
    },
    accept(number) {
      busy(true);
      button.textContent = label;
      warning = "";
      write(say("sendingPhotos", { number }));
    },
    photosWait({ receipt, photos }) {
      busy(false);
      const count = photos.filter((one) => one.state === "waiting").length;
      button.textContent = say("again");
      write(say("photosLeft", { number: receipt.number, count }), { isBad: true });
      skip.hidden = false;
    },
    login() {
      busy(false);
      button.textContent = told("now");
      write(told("account"), { link: way(told, "signIn", "login") });
    },
  };
}

function way(told, key, address = "page") {
  const link = document.createElement("a");
  link.href = told(address);
  link.textContent = told(key);
  return link;
}

function faultsOf({ code, message, fields }) {
  // The map takes both numbers at once, so one sentence beside it is enough.
  if (code === "OutsideCoverage") return [{ field: "lat", text: message }];
  const entries = Object.entries(fields ?? {}).flatMap(([name, texts]) =>
    texts.map((text) => ({ field: FIELD_OF[name] ?? name.replace(/^contact\./, ""), text })),
  );
  return entries.length ? entries : [{ field: undefined, text: message }];
}
