/** Sending: kept first, then sent once, patiently, and without ever saying "terkirim" before the server's number is here. */

import { courier, onNews } from "../courier.js";
import { drafts } from "../draft.js";
import { complete, isEditable, waiting, wake } from "../outbox.js";
import { askToKeep, hasRoom, inMemory, mayKeep, onDevice } from "../shelf.js";
import { phrasesOf } from "../words.js";
import { openReceipt } from "./receipt.js";
import { added, renewTokens } from "./waiting.js";

const FIELD_OF = { id: "uuid", privacy: "confidential", "": undefined };
const WORDS_BYTES = 20_000;

/**
 * Wire the one button, and one for each photo that did not arrive.
 *
 * Two tabs may hold one draft: under its id the shelf and the server take one report, and the second tab comes to it.
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {(key: string, values?: object) => string} options.say
 * @param {() => {field?: string, text: string}[]} options.faults What the person still has to do.
 * @param {(faults: {field?: string, text: string}[]) => void} options.onFaults
 * @param {ReturnType<import("./photos.js").photos>} options.photos
 * @param {() => void} [options.onChange] The form is a draft again: keep it, with its photos.
 * @param {() => void} [options.onElsewhere] Another tab is sending it: a draft of it would be a second report.
 * @returns {{submit(): Promise<void>, retry(shot: {id: string}): Promise<void>}}
 */
export function sender(
  form,
  { say, faults, onFaults, photos, onChange = () => {}, onElsewhere = () => {} },
) {
  const view = looks(form, say, photos);
  /** What was sent, and on which shelf it lies. */
  let sending = null;

  const place = async (row) => {
    const { shelf, why } = await shelfFor(form, photos.shots());
    try {
      await shelf.add(row, photos.shots());
      view.warn(why);
      return { row, shelf, isKept: !why, send: carrierOf(shelf, why) };
    } catch (error) {
      if (error.name === "ConstraintError") return beside(row, shelf);
      // The room was there a moment ago; the page itself is the last place.
      const memory = inMemory();
      await memory.add(row, photos.shots());
      view.warn("full");
      return { row, shelf: memory, isKept: false, send: carrierOf(memory, "full") };
    }
  };
  /** It lies there already: the same is followed, whoever brought it; null where it says something else. */
  const beside = async (row, shelf) => {
    const found = await shelf.get(row.id);
    if (found && !isSame(found.body, row.body)) return null;
    if (found && found.state !== "refused") {
      return { row: complete(found), shelf, isKept: true, send: carrierOf(shelf, "") };
    }
    await shelf.remove(row.id);
    return place(row);
  };
  const send = async () => {
    const wrong = faults();
    if (wrong.length) return onFaults(wrong);
    // What the server holds of an earlier try can only come back with the form itself.
    if (form.querySelector("[name=kept]")) return plain();
    view.busy(true);
    view.say(say("sending"));
    sending = await place(rowOf(form, photos.shots()));
    if (!sending) return differs();
    // The queue has it now; a draft beside it would be a second report.
    if (sending.isKept) await drafts(form.dataset.city).handOver(sending.row.id);
    view.lock(true);
    if (sending.row.state === "login") view.login();
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
    await sending.shelf.remove(row.id);
    if (row.error.code === "DifferentSubmission") return differs();
    // A plain no: nothing was taken in.
    reopen();
    onFaults(faultsOf(row.error));
  };
  /** Under a new id it is a draft again, and can be mended. */
  const reopen = () => {
    form.elements.uuid.value = crypto.randomUUID();
    sending = null;
    view.lock(false);
    view.busy(false);
    view.reset();
    onChange();
  };
  /** Something else went out under its id: whether this is a report of its own only the person knows. */
  const differs = () => {
    // Those ids may be the other report's, too.
    for (const shot of photos.shots()) shot.id = crypto.randomUUID();
    reopen();
    view.differs();
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
    // They were shown while the form was filled in.
    form.elements.twins.value = "1";
    HTMLFormElement.prototype.submit.call(form);
  };
  onNews(async (news) => {
    if (!sending && news.id === form.elements.uuid.value && news.state !== "refused") {
      onElsewhere();
      view.say(say("elsewhere"));
    }
    if (!sending || news.id !== sending.row.id) return;
    if (news.photo) showPhoto(photos, news, view.told);
    if (news.state === "sending") return;
    const row = await look(sending);
    sending.receipt = row.receipt;
    if (news.state === "accepted") view.accept(row.receipt.number);
    else if (news.photo) view.photosWait(row);
    else if (news.state === "offline" || news.state === "busy") waits(row, news.state);
    else if (news.state === "login") view.login();
    else if (news.state === "refused") refused(row);
    else if (news.state === "done") await open();
  });
  form.querySelector("[data-skip]").addEventListener("click", open);
  // A page from the back-forward cache still wears the old state.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  return {
    async submit() {
      if (view.isBusy()) return;
      if (photos.isBusy() && !(await prepared())) return;
      if (sending) again();
      else send();
    },
    async retry({ id }) {
      photos.progress(id, 0);
      await wake(sending.shelf, sending.row.id, id);
      await sending.send({});
    },
  };
}

/** See how far it is; somebody faster may have finished it already. */
async function look({ shelf, row, receipt }) {
  const found = await shelf.get(row.id);
  if (found) return complete(found);
  const kept = (await shelf.receipts()).find(({ id }) => id === row.id);
  return complete({ ...row, receipt: kept ?? receipt ?? null });
}

/** Both were made here, so their keys stand in one order. */
const isSame = (body, other) => JSON.stringify(body) === JSON.stringify(other);

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
  const { city } = form.dataset;
  return waiting(body, { urls, city, fields: fieldsOf(form), said: saidOf(form), photos: shots });
}

/** Kind and place, as the summary calls them. */
function saidOf(form) {
  const kind = form.elements.service_code.selectedOptions[0]?.textContent.trim() ?? "";
  const place = form.querySelector("[data-sum=place]").firstChild?.textContent.trim() ?? "";
  return { kind, place };
}

/**
 * Shape the form as `POST /api/issues` takes it.
 * @param {HTMLFormElement} form
 * @returns {object}
 */
function bodyOf(form) {
  const data = new FormData(form);
  const text = (name) => String(data.get(name) ?? "").trim();
  const number = (name) => (text(name) === "" ? null : Number(text(name)));
  const hasPoint = number("lat") !== null;
  const flags = [data.has("anonymous") && "anonim", data.has("confidential") && "rahasia"];
  return {
    id: text("uuid"),
    service_code: text("service_code"),
    lat: number("lat"),
    lon: number("lon"),
    accuracy_m: hasPoint ? number("accuracy_m") : null,
    area_code: hasPoint ? "" : text("area_code"),
    address: text("address"),
    description: text("description"),
    privacy: flags.filter(Boolean).join("_") || "normal",
    contact: { name: text("name"), email: text("email"), phone: text("phone") },
    consent: data.has("consent"),
    channel: "web",
    ...(text("answers") && { answers: JSON.parse(text("answers")) }),
    ...(text("assets") && { assets: JSON.parse(text("assets")) }),
    ...(text("street") && { street: text("street") }),
    ...(text("side") && { side: text("side") }),
    observed_at: text("observed_at") || new Date().toISOString(),
  };
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
  return (how = { eager: true }) => carrier.go(how);
}

function showPhoto(photos, { photo, state, share = 0, status, why }, told) {
  if (state === "sending") photos.progress(photo, share);
  else if (state === "sent") photos.done(photo);
  else if (state === "photo-refused") {
    photos.refused(photo, why || told(status === 413 ? "photoTooLarge" : "photoRefused"));
  } else if (state === "photo-waits") photos.failed(photo, status ? told("photoBusy") : "");
}

/** Everything that the page shows of sending. */
function looks(form, say, photos) {
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
      photos.carry(isOn ? document.querySelector("[data-carried]") : null);
    },
    reset() {
      button.textContent = label;
      write("");
    },
    differs() {
      button.textContent = say("sendOther");
      write(say("differs"), { isBad: true, link: way(told, "look") });
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
    /** Of the photos that have not arrived, at least one waits: it has its own button, this one is for all. */
    photosWait({ receipt, photos: left }) {
      const count = left.filter((one) => one.state === "waiting").length;
      const isHeldUp = left.some((one) => one.state === "waiting" && one.waits);
      if (!isHeldUp) return;
      busy(false);
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
