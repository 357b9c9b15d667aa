/** The report page: a plain form that works by itself; this makes it a map, three screens on phones, and patient. */

import { drafts } from "./draft.js";
import { onMap } from "./leaflet.js";
import { phrasesOf } from "./phrases.js";
import { categories } from "./ui/categories.js";
import { errors } from "./ui/errors.js";
import { owner } from "./ui/owner.js";
import { photos } from "./ui/photos.js";
import { place, put } from "./ui/place.js";
import { sender } from "./ui/send.js";
import { steps } from "./ui/steps.js";

const LEAST_LETTERS = 10;
const PAUSE_MS = 300;
const STEPS = ["where", "what", "who"];
const STEP_OF = { lat: "where", area_code: "where", address: "where" };
const STEP_OF_WORDS = { service_code: "what", description: "what" };
// What stands in the way of one field may be mended in another.
const ALSO = { area_code: "lat", name: "consent", email: "consent", phone: "consent" };
const TICKS = new Set(["anonymous", "confidential", "consent"]);

const form = document.getElementById("report");
const fields = form.elements;
const say = phrasesOf(document.getElementById("words"));
const box = drafts(form.dataset.city);
const told = errors(form, document.getElementById("errors"));
const parts = {};
let outside = "";
let timer = 0;

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const isConfidential = () => fields.confidential.checked;

/** Show what belongs to a kind: its warning, its privacy; and lead on to the words. */
function chooseKind(kind, { byHand }) {
  const warning = document.getElementById("kind-warning");
  warning.textContent = kind?.warning ?? "";
  warning.hidden = !kind?.warning;
  const isAlways = Boolean(kind?.confidential);
  const tick = fields.confidential;
  document.getElementById("confidential-kind").hidden = !isAlways;
  if (isAlways && !tick.disabled) tick.dataset.own = tick.checked ? "1" : "";
  if (isAlways) tick.checked = true;
  else if (tick.disabled) tick.checked = tick.dataset.own === "1";
  tick.disabled = isAlways;
  // A tap on a kind leads on to the words; somebody with a keyboard decides for themselves.
  if (byHand && !fields.description.value) fields.description.focus();
}

/** Repeat the choices above the button. */
function sum() {
  if (!parts.send) return;
  const count = parts.photos.shots().length;
  const rows = {
    kind: parts.kinds.chosen()?.name ?? "",
    photos: count ? say("photos", { count }) : say("without"),
    owner: parts.owner.said() || say("ownerLater"),
  };
  for (const [name, text] of Object.entries(rows)) {
    form.querySelector(`[data-sum=${name}]`).textContent = text || "–";
  }
  const { words, exact } = parts.place.said();
  put(form.querySelector("[data-sum=place]"), words || exact || "–", words && exact);
  form.querySelector("#summary").hidden = false;
}

/** List what a step still lacks; the server checks everything again. */
function missing(step) {
  const has = (name) => fields[name].value.trim() !== "";
  const faults = [];
  if (step === "where" && !has("lat") && !has("area_code")) {
    faults.push({ field: "lat", text: say("needPlace") });
  }
  if (step === "where" && outside) faults.push({ field: "lat", text: outside });
  if (step === "what" && !has("service_code")) {
    faults.push({ field: "service_code", text: say("needKind") });
  }
  if (step === "what" && fields.description.value.trim().length < LEAST_LETTERS) {
    faults.push({ field: "description", text: say("needWords") });
  }
  const hasContact = has("name") || has("email") || has("phone");
  if (step === "who" && hasContact && !fields.consent.checked) {
    faults.push({ field: "consent", text: say("needConsent") });
  }
  return faults;
}

/** Go to the screen of the first fault and say them all. */
function showFaults(faults, { isStep = false } = {}) {
  const first = faults.find(({ field }) => field)?.field;
  parts.steps.show(STEP_OF[first] ?? STEP_OF_WORDS[first] ?? "who");
  if (faults.some(({ field }) => field === "service_code")) parts.kinds.reveal();
  if (faults.some(({ field }) => field === "consent")) {
    fields.consent.closest("details").open = true;
  }
  told.show(faults, { isStep });
}

function valuesOf() {
  const values = {};
  for (const control of form.elements) {
    if (TICKS.has(control.name)) values[control.name] = control.checked ? "1" : "";
    else if (control.name && control.type !== "file") values[control.name] = control.value;
  }
  return values;
}

/** Keep the draft, but nothing of a confidential one. */
function save() {
  clearTimeout(timer);
  if (isConfidential()) box.forget();
  else box.save({ fields: valuesOf(), sent: parts.send.sent, receipt: parts.send.receipt });
}

async function restore(saved) {
  for (const [name, value] of Object.entries(saved.fields)) {
    if (TICKS.has(name)) fields[name].checked = value === "1";
    else if (fields[name]) fields[name].value = value;
  }
  Object.assign(parts.send, { sent: saved.sent ?? null, receipt: saved.receipt ?? null });
  for (const shot of await box.shots()) parts.photos.put(shot);
  parts.kinds.sync();
  parts.place.sync();
  parts.owner.ask();
  sum();
  if (parts.send.receipt) parts.send.resume();
  else offerForgetting();
}

function offerForgetting() {
  const notice = document.getElementById("restored");
  notice.querySelector("span").textContent = say("restored");
  notice.hidden = false;
  notice.querySelector("[data-forget]").addEventListener("click", async () => {
    await box.forget();
    location.assign(location.pathname);
  });
}

parts.place = place(form, { say, config: read("config") });
parts.owner = owner(form, {
  say,
  onOutside(text) {
    outside = text;
    if (text) told.mark("lat", text);
    else told.clearField("lat");
  },
  onPlace: (route) => parts.place.lies(route),
  onSaid: sum,
});
parts.photos = photos(form.querySelector("[data-photos]"), {
  onChange: sum,
  onAdd: (shot) => isConfidential() || box.keepShot(shot),
  onRemove: (shot) => box.dropShot(shot.id),
});
parts.kinds = categories(form.querySelector("[data-kinds]"), {
  select: fields.service_code,
  list: form.querySelector("[data-list]"),
  kinds: read("kinds"),
  onChoose: chooseKind,
});
parts.steps = steps(form, {
  names: STEPS,
  mayLeave(step) {
    const faults = missing(step);
    if (faults.length) showFaults(faults, { isStep: true });
    else told.clear();
    return faults.length === 0;
  },
  onShow: () => parts.place.fit(),
});
parts.send = sender(form, {
  say,
  photos: parts.photos,
  faults: () => STEPS.flatMap(missing),
  onFaults: showFaults,
  onChange: save,
});

function forgive(name) {
  if (!name) return;
  told.clearField(name);
  if (ALSO[name]) told.clearField(ALSO[name]);
}

form.addEventListener("input", (event) => {
  forgive(event.target.name);
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE_MS);
});
form.addEventListener("change", (event) => {
  const { name } = event.target;
  forgive(name);
  if (["lat", "service_code", "area_code"].includes(name)) parts.owner.ask();
  if (name === "area_code") outside = "";
  sum();
  save();
});
window.addEventListener("pagehide", () => {
  if (!parts.send.receipt) save();
});
onMap("report-map", (map) => parts.place.attach(map));

if (fields.lat.value || fields.service_code.value) parts.owner.ask();
const saved = form.dataset.bound ? null : box.load();
if (
  saved?.receipt ||
  saved?.fields.description ||
  saved?.fields.lat ||
  saved?.fields.service_code
) {
  restore(saved);
} else sum();
document.body.classList.add("page--task");
if (form.dataset.bound) document.getElementById("errors").focus();
