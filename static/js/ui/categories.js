/** Kinds of problems as large buttons, and a search that knows everyday words; the plain list stays the truth. */

import { phrasesOf } from "../phrases.js";
import { icon } from "../symbols.js";

const MOST_MATCHES = 6;

/**
 * @typedef {object} Kind
 * @property {string} code
 * @property {string} name
 * @property {string} words Name and keywords, lower case.
 * @property {string} icon
 * @property {boolean} confidential
 * @property {string} warning
 * @property {boolean} top
 */

/**
 * Put buttons and a search before the plain list of kinds.
 * @param {HTMLElement} root `[data-kinds]`
 * @param {object} options
 * @param {HTMLSelectElement} options.select
 * @param {HTMLElement} options.list What holds the plain list.
 * @param {Kind[]} options.kinds
 * @param {(kind: Kind | null, how: {byHand: boolean}) => void} options.onChoose
 * @returns {{sync(): void, chosen(): Kind | null, reveal(): void}}
 */
export function categories(root, { select, list, kinds, onChoose }) {
  const top = root.querySelector("[data-top]");
  const matches = root.querySelector("[data-matches]");
  const search = root.querySelector("input[type=search]");
  const found = root.querySelector("#kind-found");
  const all = root.querySelector("[data-all]");
  const say = phrasesOf(found);
  const sprite = root.dataset.sprite;
  const chosen = () => kinds.find((kind) => kind.code === select.value) ?? null;
  let byHand = false;

  // A kind stands once: among the matches, or else among the first ones.
  const lay = (shown) => {
    matches.replaceChildren(...shown.map((kind) => tile(kind, sprite, kind === chosen())));
    const codes = new Set(shown.map((kind) => kind.code));
    for (const label of top.children) label.hidden = codes.has(label.firstChild.value);
  };
  const mark = () => {
    for (const radio of root.querySelectorAll("input[type=radio]")) {
      radio.checked = radio.value === select.value && !radio.parentElement.hidden;
    }
  };
  const sync = () => {
    mark();
    const kind = chosen();
    const isShown = kind && root.querySelector(`input[value="${CSS.escape(kind.code)}"]`);
    if (kind && !isShown) lay([kind]);
    onChoose(kind, { byHand });
    byHand = false;
  };
  const look = () => {
    const words = normal(search.value);
    const hits = words ? kinds.filter((kind) => fits(kind, words)) : [];
    const shown = rank(hits, words).slice(0, MOST_MATCHES);
    lay(shown);
    const outcome = hits.length > shown.length ? "some" : "found";
    const values = { shown: shown.length, count: hits.length };
    found.textContent = words ? say(hits.length ? outcome : "none", values) : "";
    mark();
    if (!words) sync();
  };
  top.append(...kinds.filter((kind) => kind.top).map((kind) => tile(kind, sprite, false)));
  root.addEventListener("pointerdown", (event) => {
    byHand = Boolean(event.target.closest(".tile-choice"));
  });
  root.addEventListener("change", (event) => {
    if (event.target.type !== "radio") return;
    select.value = event.target.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  select.addEventListener("change", sync);
  search.addEventListener("input", look);
  // Enter in a search field would send the whole form.
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  const unfold = (isOpen) => {
    list.hidden = !isOpen;
    all.setAttribute("aria-expanded", String(isOpen));
  };
  all.addEventListener("click", () => {
    unfold(list.hidden);
    if (!list.hidden) select.focus();
  });
  unfold(false);
  root.hidden = false;
  sync();
  return { sync, chosen, reveal: () => unfold(true) };
}

/** Draw one kind as a large button: a radio, an icon, a word. */
function tile(kind, sprite, isChecked) {
  const label = document.createElement("label");
  label.className = "tile-choice";
  const radio = document.createElement("input");
  radio.type = "radio";
  radio.name = "kind";
  radio.value = kind.code;
  radio.checked = isChecked;
  const word = document.createElement("span");
  word.textContent = kind.name;
  label.append(radio, icon(kind.icon, sprite), word);
  return label;
}

/**
 * Make words comparable.
 * @param {string} text
 * @returns {string}
 */
export function normal(text) {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/\s+/g, " ").trim();
}

/**
 * Tell whether every typed word begins a word of a kind.
 * @param {Kind} kind
 * @param {string} words As `normal` gives them.
 * @returns {boolean}
 */
export function fits(kind, words) {
  const own = ` ${normal(kind.words)}`;
  return words.split(" ").every((word) => own.includes(` ${word}`));
}

/** Put kinds that hold the whole phrase first. */
function rank(kinds, words) {
  const score = (kind) => (normal(kind.words).includes(words) ? 0 : 1);
  return [...kinds].sort((a, b) => score(a) - score(b));
}
