/** Kinds of problems as large buttons, and a search that knows everyday words; the plain list stays the truth. */

import { icon } from "../symbols.js";
import { phrasesOf } from "../words.js";

const MOST_MATCHES = 6;
const MOST_TOP = 6;
const UNSURE = "lainnya";

/**
 * @typedef {object} Kind
 * @property {string} code
 * @property {string} name
 * @property {string} words Name and keywords, lower case.
 * @property {string} icon
 * @property {boolean} confidential
 * @property {string} warning
 * @property {boolean} top
 * @property {object[]} [questions] As `questions.js` takes them.
 */

/**
 * Put buttons and a search before the plain list of kinds.
 * @param {HTMLElement} root `[data-kinds]`
 * @param {object} options
 * @param {HTMLSelectElement} options.select
 * @param {HTMLElement} options.list What holds the plain list.
 * @param {Kind[]} options.kinds
 * @param {(kind: Kind | null, how: {byHand: boolean}) => void} options.onChoose
 * @param {(kind: Kind) => void} [options.onGone] The chosen kind is not served at the place.
 * @returns {{sync(): void, chosen(): Kind | null, reveal(): void, choose(code: string): void,
 *   named(code: string): Kind | null, serve(rows: object[] | null): void}} `serve` keeps the kinds that
 *   `GET /api/categories` has named for a place, with their questions; null: all of them.
 */
export function categories(root, { select, list, kinds: all, onChoose, onGone = () => {} }) {
  const top = root.querySelector("[data-top]");
  const matches = root.querySelector("[data-matches]");
  const search = root.querySelector("input[type=search]");
  const found = root.querySelector("#kind-found");
  const opener = root.querySelector("[data-all]");
  const say = phrasesOf(found);
  const sprite = root.dataset.sprite;
  let kinds = all;
  let byHand = false;
  const named = (code) => kinds.find((kind) => kind.code === code) ?? null;
  const chosen = () => named(select.value);

  // The focus stays on its kind.
  const redraw = (place, shown) => {
    const held = place.contains(document.activeElement) && document.activeElement.value;
    place.replaceChildren(...shown.map((kind) => tile(kind, sprite, kind === chosen())));
    if (held) place.querySelector(`input[value="${CSS.escape(held)}"]`)?.focus();
  };
  // A kind stands once: among the matches, or else among the first ones.
  const lay = (shown) => {
    redraw(matches, shown);
    const codes = new Set(shown.map((kind) => kind.code));
    for (const label of top.children) label.hidden = codes.has(label.firstChild.value);
  };
  // A finger or a focus may rest on a button: where nothing changes, nothing is drawn anew.
  const layTop = () => {
    const wanted = first(kinds);
    const shown = [...top.children].map((label) => label.firstChild.value);
    if (wanted.map(({ code }) => code).join() === shown.join()) return;
    redraw(top, wanted);
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
  const look = async () => {
    const words = search.value.trim();
    // Slips of the finger are understood by a part that comes with the first letter.
    const { found: fitting } = await import("../spelling.js");
    if (words !== search.value.trim()) return;
    const hits = fitting(kinds, words);
    const shown = hits.slice(0, MOST_MATCHES);
    lay(shown);
    const outcome = hits.length > shown.length ? "some" : "found";
    const values = { shown: shown.length, count: hits.length };
    found.textContent = words ? say(hits.length ? outcome : "none", values) : "";
    mark();
    if (!words) sync();
  };
  const choose = (code) => {
    select.value = code;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  layTop();
  root.addEventListener("pointerdown", (event) => {
    byHand = Boolean(event.target.closest(".tile-choice"));
  });
  root.addEventListener("change", (event) => {
    if (event.target.type === "radio") choose(event.target.value);
  });
  select.addEventListener("change", sync);
  search.addEventListener("input", look);
  // Enter in a search field would send the whole form; here it takes the first that was found.
  search.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    await look();
    const radio = matches.querySelector("input");
    if (!radio || !search.value.trim()) return;
    choose(radio.value);
    matches.querySelector("input").focus();
  });
  const unfold = (isOpen) => {
    list.hidden = !isOpen;
    opener.setAttribute("aria-expanded", String(isOpen));
  };
  opener.addEventListener("click", () => {
    unfold(list.hidden);
    if (!list.hidden) select.focus();
  });
  unfold(false);
  root.hidden = false;
  sync();
  return {
    sync,
    chosen,
    named,
    choose,
    reveal: () => unfold(true),
    serve(rows) {
      const before = chosen();
      kinds = rows ? served(all, rows) : all;
      keepOptions(select, kinds, all);
      layTop();
      if (before && !named(before.code)) {
        select.value = "";
        onGone(before);
        choose("");
      } else if (search.value.trim()) look();
      else {
        lay([]);
        sync();
      }
    },
  };
}

/** The first kinds of the place, and last "Tidak tahu". */
function first(kinds) {
  const rest = kinds.filter(({ code }) => code !== UNSURE);
  const some = [...rest.filter(({ top }) => top), ...rest.filter(({ top }) => !top)];
  const unsure = kinds.filter(({ code }) => code === UNSURE);
  return [...some.slice(0, MOST_TOP - unsure.length), ...unsure];
}

/** Keep the kinds that a place is served with; what the server adds comes along. */
function served(all, rows) {
  const byCode = new Map(rows.map((row) => [row.service_code, row]));
  return all
    .filter(({ code }) => byCode.has(code))
    .map((kind) => ({ ...kind, questions: byCode.get(kind.code).questions ?? kind.questions }));
}

function keepOptions(select, kinds, all) {
  const here = new Set(kinds.map(({ code }) => code));
  const known = new Set(all.map(({ code }) => code));
  for (const option of select.options) {
    option.hidden = option.disabled = known.has(option.value) && !here.has(option.value);
  }
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
