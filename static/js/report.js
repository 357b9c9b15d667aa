/** The report page: a plain form that works by itself; this makes it a map, three screens on phones, and patient. */

import { keeping } from "./draft.js";
import { getJSON } from "./http.js";
import { categories } from "./ui/categories.js";
import { photos } from "./ui/photos.js";
import { place, put } from "./ui/place.js";
import { errors, steps } from "./ui/steps.js";
import { phrasesOf } from "./words.js";

const LEAST_LETTERS = 10;
const STEPS = ["where", "what", "who"];
const STEP_OF = {
  lat: "where",
  "photo-place": "where",
  area_code: "where",
  street: "where",
  address: "where",
};
const STEP_OF_WORDS = {
  service_code: "what",
  confidential: "what",
  description: "what",
  side: "what",
};
// What stands in the way of one field may be mended in another.
const ALSO = {
  lat: "photo-place",
  area_code: "lat",
  street: "lat",
  name: "consent",
  email: "consent",
  phone: "consent",
};

const form = document.getElementById("report");
const fields = form.elements;
const say = phrasesOf(document.getElementById("words"));
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const config = read("config");
const told = errors(form, document.getElementById("errors"));
const parts = {};
let outside = "";
let asking = null;

const isConfidential = () => fields.confidential.checked;

/** Load a part when it is first wanted. */
function once(load) {
  let held = null;
  return () => {
    held ??= load().catch((error) => {
      held = null;
      throw error;
    });
    return held;
  };
}

/** Parts that most visitors never need at once come on first use; without them the form still stands. */
const later = {
  offer: once(async () => {
    const { offer } = await import("./ui/offer.js");
    parts.offer = offer(form.querySelector("[data-offer]"), { form, say, place: parts.place });
    return parts.offer;
  }),
  questions: once(async () => {
    const { questions } = await import("./ui/questions.js");
    const site = { point: parts.place.value, url: form.dataset.assets, config };
    const onChange = (name) => {
      forgive(name);
      wantWords();
      kept.save();
    };
    const { answers, assets } = fields;
    const root = form.querySelector("[data-questions]");
    parts.questions = questions(root, { answers, assets, say, onChange, site });
    return parts.questions;
  }),
  twins: once(async () => {
    const { duplicates } = await import("./ui/duplicates.js");
    const photosOf = () => parts.photos.shots().map(({ blob }) => blob);
    const root = form.querySelector("[data-twins]");
    const hooks = { onJoin: setAside, onInstead: takeUp };
    return duplicates(root, { form, url: form.dataset.nearby, say, photos: photosOf, ...hooks });
  }),
  edge: once(async () => {
    const { edge } = await import("./ui/edge.js");
    const onChoose = (department) => parts.owner?.side(department);
    return edge(form.querySelector("[data-edge]"), { field: fields.side, onChoose });
  }),
  proposal: once(async () => {
    const { proposal } = await import("./ui/proposal.js");
    parts.proposal = proposal(form.querySelector("[data-proposal]"), {
      words: fields.description,
      url: form.dataset.proposal,
      chosen: () => fields.service_code.value,
      named: parts.kinds.named,
      onTake: parts.kinds.choose,
      say,
    });
    return parts.proposal;
  }),
  owner: once(async () => {
    const { owner } = await import("./ui/owner.js");
    parts.owner = owner(form, {
      say,
      onOutside(text) {
        outside = text;
        if (text) told.mark("lat", text);
        else told.clearField("lat");
      },
      onPlace: (route) => parts.place.lies(route),
      onEdge(asked) {
        if (asked || fields.side.value) later.edge().then((part) => part.show(asked));
      },
      onSaid: sum,
    });
    return parts.owner;
  }),
  send: once(async () => {
    const { sender } = await import("./ui/send.js");
    return sender(form, {
      say,
      photos: parts.photos,
      faults: () => STEPS.flatMap(missing),
      onFaults: showFaults,
      onChange: kept.again,
      onElsewhere: kept.rest,
    });
  }),
};

/** It was somebody else's report all along: nothing here is to be sent; kept it is until the page is left. */
function setAside() {
  form.dataset.joined = "";
}

/** After all a report of its own: everything is there as it was. */
function takeUp() {
  delete form.dataset.joined;
  parts.place.fit();
  fields.description.focus();
}

/** A photo or an answer says enough; without either the words are needed. */
function needsWords() {
  const held = form.querySelector("[name=kept]:checked");
  return !held && !fields.answers.value && !parts.photos.shots().length;
}

function wantWords() {
  const isNeeded = needsWords();
  document.getElementById("words-need").textContent = say(isNeeded ? "wordsWanted" : "wordsFree");
  fields.description.setAttribute("aria-required", String(isNeeded));
  if (!isNeeded) told.clearField("description");
}

/** Show what belongs to a kind: its warning, its privacy, its questions; and lead on to the words. */
function chooseKind(kind, { byHand }) {
  const warning = document.getElementById("kind-warning");
  warning.textContent = kind?.warning ?? "";
  warning.hidden = !kind?.warning;
  if (kind) document.getElementById("kind-gone").textContent = "";
  keepPrivate(Boolean(kind?.confidential));
  const wanted = kind ? kind.questions : [];
  if (wanted?.length || parts.questions) {
    later.questions().then((part) => {
      part.show(wanted);
      wantWords();
    });
  }
  // A tap on a kind leads on to its questions, or else to the words; somebody with a keyboard decides for themselves.
  if (!byHand || !kind) return;
  if (wanted?.length) form.querySelector("[data-questions]").scrollIntoView({ block: "nearest" });
  else if (!fields.description.value) fields.description.focus();
}

/** A sensitive kind is confidential whatever was ticked; another kind gives the own choice back. */
function keepPrivate(isAlways) {
  const tick = fields.confidential;
  document.getElementById("confidential-kind").hidden = !isAlways;
  if (isAlways && !tick.disabled) tick.dataset.own = tick.checked ? "1" : "";
  if (isAlways) tick.checked = true;
  else if (tick.disabled) tick.checked = tick.dataset.own === "1";
  tick.disabled = isAlways;
}

/** The pin decides the menu: only kinds that somebody serves there, with their questions. */
async function askKinds() {
  asking?.abort();
  const { lat, lon, area_code: area } = fields;
  const query = lat.value ? { lat: lat.value, lon: lon.value } : { area_code: area.value };
  if (!lat.value && !area.value) {
    parts.kinds.serve(null);
    return;
  }
  asking = new AbortController();
  const address = `${form.dataset.categories}?${new URLSearchParams(query)}`;
  // Without an answer every kind stays: the server routes whatever comes.
  const rows = await getJSON(address, { signal: asking.signal }).catch(() => null);
  if (rows?.length) parts.kinds.serve(rows);
}

/** Repeat the choices above the button. */
function sum() {
  if (!parts.steps) return;
  wantWords();
  const count = parts.photos.shots().length;
  const rows = {
    kind: parts.kinds.chosen()?.name ?? "",
    photos: count ? say("photos", { count }) : say("without"),
    owner: parts.owner?.said() || say("ownerLater"),
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
  const has = (name) => Boolean(fields[name]?.value.trim());
  const faults = [];
  if (step === "where" && !["lat", "area_code", "street"].some(has)) {
    const isOffered = parts.offer?.isOpen();
    const wanted = isOffered ? ["photo-place", "needPhotoPlace"] : ["lat", "needPlace"];
    faults.push({ field: wanted[0], text: say(wanted[1]) });
  }
  if (step === "where" && outside) faults.push({ field: "lat", text: outside });
  if (step === "what" && !has("service_code")) {
    faults.push({ field: "service_code", text: say("needKind") });
  }
  if (step === "what") faults.push(...(parts.questions?.faults() ?? []));
  const letters = fields.description.value.replace(/\s/g, "").length;
  if (step === "what" && letters < LEAST_LETTERS && needsWords()) {
    faults.push({ field: "description", text: say("needWords") });
  }
  const hasContact = has("name") || has("email") || has("phone");
  if (step === "who" && hasContact && !fields.consent.checked) {
    faults.push({ field: "consent", text: say("needConsent") });
  }
  return faults;
}

/** Name a fault as the page names its field; the server knows answers by their questions. */
const named = ({ field, ...said }) => ({ ...said, field: field?.replace(/^answers\./, "answer-") });

function stepOf(field) {
  if (field?.startsWith("answer")) return "what";
  return STEP_OF[field] ?? STEP_OF_WORDS[field] ?? "who";
}

/** Go to the screen of the first fault and say them all. */
function showFaults(given, { isStep = false } = {}) {
  const faults = given.map(named);
  parts.steps.show(stepOf(faults.find(({ field }) => field)?.field));
  if (faults.some(({ field }) => field === "service_code")) parts.kinds.reveal();
  if (faults.some(({ field }) => field === "consent")) {
    fields.consent.closest("details").open = true;
  }
  told.show(faults, { isStep });
  if (faults[0].field === "photo-place") parts.offer.point();
}

/** Place or kind has changed: ask again who, what and whether it is known. */
function placed() {
  askOwner();
  askKinds();
  askTwins();
  parts.questions?.moved();
}

function askOwner() {
  later.owner().then((part) => part.ask());
}

function askTwins() {
  if (form.dataset.nearby) later.twins().then((part) => part.ask());
}

const kept = keeping(form, {
  say,
  shots: () => parts.photos.shots(),
  isSecret: isConfidential,
  onShot: (shot) => parts.photos.put(shot),
});
form.querySelector("#where").before(form.querySelector("[data-photos]"));
parts.place = place(form, { say, config });
parts.photos = photos(form.querySelector("[data-photos]"), {
  onChange: sum,
  onAdd: kept.keepShot,
  onRemove: kept.dropShot,
  onRetry: (shot) => later.send().then((part) => part.retry(shot)),
  onFacts(facts) {
    const seen = fields.observed_at;
    const before = seen.value ? Date.parse(seen.value) : Date.now();
    if (facts.taken && facts.taken < before) seen.value = facts.taken.toISOString();
    later.offer().then((part) => part.photo(facts));
  },
});
parts.kinds = categories(form.querySelector("[data-kinds]"), {
  select: fields.service_code,
  list: form.querySelector("[data-list]"),
  kinds: read("kinds"),
  onChoose: chooseKind,
  onGone(kind) {
    document.getElementById("kind-gone").textContent = say("kindGone", { kind: kind.name });
  },
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

function forgive(name) {
  if (!name) return;
  told.clearField(name);
  if (ALSO[name]) told.clearField(ALSO[name]);
}

form.addEventListener("input", (event) => {
  forgive(event.target.name);
  kept.soon();
});
form.addEventListener("change", (event) => {
  const { name } = event.target;
  forgive(name);
  if (["lat", "area_code", "street"].includes(name)) placed();
  else if (name === "service_code") {
    askOwner();
    askTwins();
    parts.proposal?.settle();
  }
  if (name === "area_code" || name === "street") outside = "";
  sum();
  kept.save();
});
form.noValidate = true;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  later.send().then(
    (part) => part.submit(),
    () => put(document.getElementById("state"), say("offline"), ""),
  );
});
window.addEventListener("pagehide", () => {
  if (form.dataset.joined === undefined) kept.save();
  else kept.stop();
});
if (form.dataset.proposal) {
  fields.description.addEventListener("focus", later.proposal, { once: true });
}
fields.description.addEventListener("change", askTwins);

if (fields.lat.value || fields.service_code.value) placed();
else sum();
if (!form.dataset.bound) {
  kept.restore().then((isBack) => {
    if (!isBack) return;
    parts.place.sync();
    parts.kinds.sync();
    placed();
    sum();
  });
}
document.body.classList.add("page--task");
if (form.dataset.bound) document.getElementById("errors").focus();
// The form stands: now come the map, and what sends, so that it is here whatever the network does meanwhile.
parts.place.bring().finally(() => later.send().catch(() => {}));
