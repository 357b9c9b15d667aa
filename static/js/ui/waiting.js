/** What waits to be sent: a strip on every page, the list of the queue, and everything that starts another round. */

import { askForSync, courier, onNews, tell } from "../courier.js";
import { drafts } from "../draft.js";
import { newToken } from "../http.js";
import { complete, isEditable } from "../outbox.js";
import { onDevice } from "../shelf.js";
import { phrasesOf } from "../words.js";
import { openReceipt } from "./receipt.js";

const MOST_WORDS = 90;
const shelf = onDevice();
const carrier = courier(shelf);

let isWatching = false;

/**
 * Show what waits, and send it whenever that may work.
 * @param {HTMLElement} strip `#queue`
 */
export function watch(strip) {
  if (isWatching) return;
  isWatching = true;
  const say = phrasesOf(strip);
  const root = document.querySelector("[data-queue]");
  // What this page has announced stays until it is left, though its list has been read meanwhile.
  const announced = new Set();
  const show = async () => {
    const rows = (await shelf.all().catch(() => [])).map(complete);
    const receipts = await shelf.receipts().catch(() => []);
    const isNews = ({ id, isSeen }) => (!isSeen || announced.has(id)) && id !== ownReceipt();
    const arrived = receipts.filter(isNews);
    for (const { id } of arrived) announced.add(id);
    showStrip(strip, { say, rows, arrived });
    if (root) await showList(root, { rows, receipts, strip });
  };
  onNews((news) => {
    if (!news.share) show();
  });
  const retry = (how) => {
    renewTokens(strip);
    // A shelf that may not be opened holds nothing that could be sent.
    carrier.go({ ...how, signedIn: strip.dataset.signed }).catch(() => {});
  };
  addEventListener("online", () => retry({ eager: true }));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") retry({ eager: true });
  });
  // Opening a page is asking for it.
  retry({ eager: true });
  show();
}

/** The receipt that this page itself shows. */
const ownReceipt = () => document.getElementById("main")?.dataset.sent;

function showStrip(strip, { say, rows, arrived }) {
  const unsent = rows.filter(({ state }) => state === "waiting" || state === "login").length;
  const photos = rows.filter(({ state }) => state === "accepted").length;
  const refused = rows.filter(({ state }) => state === "refused").length;
  const words = [
    unsent + photos && say("waiting", { count: unsent + photos }),
    refused && say("refused", { count: refused }),
    ...arrived.map(({ number }) => say("arrived", { number })),
  ].filter(Boolean);
  const text = words.join(" · ");
  strip.hidden = !text;
  strip.classList.toggle("waiting--good", !unsent && !refused && !photos);
  const line = strip.firstElementChild ?? strip.appendChild(line_(strip, say));
  const said = line.firstElementChild;
  if (said.textContent !== text) said.textContent = text;
}

function line_(strip, say) {
  const line = document.createElement("p");
  line.className = "waiting__said";
  line.append(document.createElement("span"), " ");
  line.firstElementChild.setAttribute("role", "status");
  if (location.pathname !== strip.dataset.page) {
    const link = document.createElement("a");
    link.href = strip.dataset.page;
    link.textContent = say("look");
    line.append(link);
  }
  return line;
}

/** Draw the queue anew; the focus stays where it was. */
async function showList(root, { rows, receipts, strip }) {
  const template = document.getElementById("queue-list");
  const say = phrasesOf(template);
  const focused = root.contains(document.activeElement) && document.activeElement.dataset.key;
  const parts = [];
  // Among one's own reports nobody asked whether any wait; what the server lists there stands there once.
  const isAlone = "alone" in root.dataset;
  const listed = new Set(
    [...document.querySelectorAll(".mine__card .number")].map((one) => one.textContent),
  );
  const own = receipts.filter(({ number }) => !listed.has(number));
  if (!rows.length && isAlone) parts.push(line("p", say("none")));
  if (rows.length) {
    parts.push(line("h2", say("heading", { count: rows.length })));
    parts.push(list(rows.map((row) => waitingItem(row, { template, say, strip }))));
  }
  if (own.length) {
    parts.push(line("h2", say("own")));
    parts.push(list(own.sort(byTime).map((one) => ownItem(one, { template, say, strip }))));
  }
  const none = document.querySelector("[data-none-here]");
  if (none) none.hidden = parts.length > 0;
  root.classList.add("stack");
  root.replaceChildren(...parts);
  if (focused) root.querySelector(`[data-key="${focused}"]`)?.focus();
  // Here the numbers are read; the strip of the next page need not say them again.
  for (const one of receipts) if (!one.isSeen) await shelf.keepReceipt({ ...one, isSeen: true });
}

/** The newest first. */
const byTime = (a, b) => (a.at < b.at ? 1 : -1);

function line(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

function list(items) {
  const element = document.createElement("ul");
  element.className = "waiting__list";
  element.append(...items);
  return element;
}

function item(template, id, texts) {
  const element = template.content.firstElementChild.cloneNode(true);
  const find = (selector) => element.querySelector(selector);
  find(".waiting__words").textContent = texts.words;
  find(".waiting__when").textContent = texts.when;
  find(".waiting__state").textContent = texts.state;
  for (const name of ["edit", "open", "delete"]) find(`[data-${name}]`).dataset.key = name + id;
  return { element, find };
}

function waitingItem(row, { template, say, strip }) {
  const words = row.body.description ?? "";
  const { element, find } = item(template, row.id, {
    words: words.length > MOST_WORDS ? `${words.slice(0, MOST_WORDS)}…` : words,
    when: [
      ...saidOf(row),
      say("at", { at: moment(row.at) }),
      row.photos.length && say("photos", { count: row.photos.length }),
    ]
      .filter(Boolean)
      .join(" · "),
    state: stateOf(row, say),
  });
  find(".waiting__words").hidden = !words;
  find("[data-open]").hidden = row.state !== "accepted";
  find("[data-edit]").hidden = !isEditable(row);
  find("[data-open]").addEventListener("click", () => openOwn(row, row.receipt, strip));
  find("[data-edit]").addEventListener("click", () => edit(row, { say, strip, find }));
  deletes(find("[data-delete]"), say, () => shelf.remove(row.id));
  return element;
}

function stateOf(row, say) {
  if (row.state === "accepted") {
    const count = row.photos.filter(({ state }) => state === "waiting").length;
    return say("accepted", { number: row.receipt.number, count });
  }
  if (row.error?.code === "DifferentSubmission") return say("differs");
  if (row.state === "refused") {
    const faults = Object.values(row.error?.fields ?? {}).flat();
    return say("refused", { why: faults.join(" ") || row.error?.message || "" });
  }
  if (row.state === "login") return say("login");
  if (row.isAsked) return say("busy");
  return row.tries ? say("unsure") : say("waiting");
}

function ownItem(receipt, { template, say, strip }) {
  const due = receipt.due_at && say("due", { at: moment(receipt.due_at, { withTime: false }) });
  const { element, find } = item(template, receipt.id, {
    words: receipt.number,
    when: [
      ...saidOf(receipt),
      say("received", { at: moment(receipt.received_at ?? receipt.at) }),
      due,
    ]
      .filter(Boolean)
      .join(" · "),
    state: [receipt.department, receipt.held && say("held"), ...lostOf(receipt, say)]
      .filter(Boolean)
      .join(" "),
  });
  find(".waiting__words").classList.add("number");
  find("[data-edit]").hidden = true;
  for (const lost of receipt.lost ?? []) offerBack(lost, { say, beside: find("[data-delete]") });
  find("[data-open]").addEventListener("click", () => openOwn(receipt, receipt, strip));
  deletes(find("[data-delete]"), say, () => shelf.dropReceipt(receipt.id));
  return element;
}

const saidOf = ({ said = {} }) => [said.kind, said.place];

/** A photo that the city did not take is the person's own: it lies here until they delete it. */
async function offerBack({ id, name }, { say, beside }) {
  const picture = id && (await shelf.picture(id));
  if (!picture) return;
  const button = document.createElement("button");
  Object.assign(button, {
    type: "button",
    className: "button",
    textContent: say("save", { name }),
  });
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    Object.assign(link, { href: URL.createObjectURL(picture.blob), download: name });
    link.click();
    URL.revokeObjectURL(link.href);
  });
  beside.before(button);
}

function lostOf({ lost = [] }, say) {
  return lost.map(({ name, why, status }) =>
    say("lost", { name, why: why || (status === 413 ? say("tooLarge") : "") }),
  );
}

/** A second press deletes: there is no way back. */
function deletes(button, say, act) {
  button.addEventListener("click", async () => {
    if (!button.dataset.sure) {
      button.dataset.sure = "1";
      button.textContent = say("sure");
      return;
    }
    await act();
    tell({ id: "", state: "gone" });
  });
}

/** Give a report back to the form, under a new id: the old one may have been seen. */
async function edit(row, { say, strip, find }) {
  const box = drafts(row.city);
  if (box.load()) {
    find(".waiting__state").textContent = say("occupied");
    return;
  }
  if (!(await isCopied(row, box))) {
    await box.forget();
    find(".waiting__state").textContent = say("unkept");
    return;
  }
  await shelf.remove(row.id);
  location.assign(strip.dataset.report);
}

/** Copy a report with its photos into the form's draft, and say whether all of it lies there. */
async function isCopied(row, box) {
  const uuid = crypto.randomUUID();
  const fields = { ...row.fields, uuid };
  if (!box.save({ fields, photos: row.photos.length })) return false;
  for (const { id } of row.photos) {
    const picture = await shelf.picture(id);
    // Its old id may have been seen, too.
    if (!picture) continue;
    if (!(await box.keepShot(uuid, { ...picture, id: crypto.randomUUID() }))) return false;
  }
  return true;
}

async function openOwn({ id }, { token }, strip) {
  await renewTokens(strip);
  openReceipt(strip.dataset.receipt.replace("{id}", id), token);
}

/** The forms of a page out of the cache hold an old token, which the server would refuse. */
export async function renewTokens(strip) {
  if (!("kept" in document.documentElement.dataset)) return;
  const token = await newToken(strip.dataset.page).catch(() => "");
  if (!token) return;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
    field.value = token;
  }
  delete document.documentElement.dataset.kept;
}

/** Say an instant by the city's clocks, wherever the phone is: 21 Nov 2026, 10.06 WITA. */
function moment(iso, { withTime = true } = {}) {
  const { lang } = document.documentElement;
  const day = { day: "numeric", month: "short", year: "numeric" };
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
  return new Intl.DateTimeFormat([lang === "en" ? "en-GB" : lang, "id"], {
    ...day,
    ...(withTime ? time : {}),
    timeZone: document.getElementById("queue").dataset.zone,
  }).format(new Date(iso));
}

/**
 * Something was just put on the shelf: send it, and have the browser send it when nobody looks.
 * @param {{eager?: boolean}} [how] Whether own pauses are sat out.
 * @returns {Promise<void>} When this page has done what it can for now.
 */
export function added(how = { eager: true }) {
  askForSync();
  watch(document.getElementById("queue"));
  return carrier.go(how);
}
