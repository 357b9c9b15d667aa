/** Lamps and other things that stand near the pin: chosen on a small map, in a list, or by their number. */

import { getJSON } from "../http.js";
import { distance } from "../words.js";
import { polesMap } from "./poles.js";

const MOST = 10;
const PAUSE_MS = 400;
/** Farther off than this nobody means it by the pin. */
const NEAR_M = 60;

/**
 * Let somebody choose things.
 * @param {HTMLElement} root The question's fieldset.
 * @param {object} options
 * @param {{code: string, layer: string}} options.question
 * @param {string[]} options.given What was answered before: codes and typed words.
 * @param {(answer: string[]) => void} options.onPick
 * @param {(key: string, values?: object) => string} options.say
 * @param {() => {lat: number, lon: number} | null} options.point
 * @param {string} options.url Answers `Thing[]` (see `poles.js`) to `?layer&lat&lon`.
 * @param {object} options.config The map's addresses.
 * @returns {{codes(): string[], moved(): void}} `codes`: what was chosen of the known things.
 */
export function assets(root, { question, given, onPick, say, point, url, config }) {
  const parts = frame(root, question, say);
  const scanned = new URLSearchParams(location.search).get("aset");
  const start = given.length || !scanned ? given : [scanned];
  const chosen = new Set(start.filter((one) => one !== say("notOnMap")));
  const known = new Map();
  let map = null;
  let timer = 0;
  let at = "";

  const answer = () => {
    if (parts.none.checked) return [say("notOnMap")];
    const typed = parts.typed.value.trim();
    return [...new Set([...chosen, ...(typed ? [typed] : [])])];
  };
  const show = () => {
    for (const [code, thing] of known) {
      thing.tick.checked = chosen.has(code);
      map?.mark(code, chosen.has(code));
    }
    const count = answer().length;
    parts.status.textContent = parts.none.checked || !count ? "" : say("assetsChosen", { count });
  };
  const changed = () => {
    show();
    onPick(answer());
  };
  const toggle = (code) => {
    if (chosen.has(code)) chosen.delete(code);
    else if (chosen.size < MOST) chosen.add(code);
    parts.none.checked = false;
    changed();
    tell(known.get(code));
    if (chosen.size >= MOST) parts.status.textContent = say("assetsMost", { most: MOST });
  };
  const tell = (thing) => {
    if (!thing?.reported) return;
    const words = say("assetReported", { name: plate(thing) });
    parts.status.replaceChildren(words, " ", link(thing.reported, config));
  };
  const draw = (things) => {
    known.clear();
    const rows = things.map((thing) => {
      const row = listed(thing, { say, config });
      row.tick.addEventListener("change", () => toggle(thing.code));
      known.set(thing.code, { ...thing, tick: row.tick });
      return row.element;
    });
    const near = things.filter(isNear).length;
    parts.list.replaceChildren(...rows.slice(0, near));
    parts.list.hidden = !near;
    parts.farList.replaceChildren(...rows.slice(near));
    parts.far.hidden = near === rows.length;
    parts.far.open = things.slice(near).some(({ code }) => chosen.has(code));
    parts.empty.hidden = near > 0;
    if (parts.hint) parts.hint.hidden = !near;
    // Where an answer must be given, "not on the map" may be the only one.
    parts.choice.hidden = !near && !question.required && !parts.none.checked;
    lay();
    show();
  };
  const isNear = ({ distance_m: far }) => far <= NEAR_M;
  const lay = () => {
    const things = [...known.values()].filter((thing) => parts.far.open || isNear(thing));
    const where = point();
    const isWanted = where && things.length > 0;
    if (isWanted) map ??= polesMap(parts.map, { config, say, name: plate, onPress: toggle });
    parts.map.hidden = !map || !isWanted;
    if (map && isWanted) map.show(things, where);
  };
  parts.far.addEventListener("toggle", () => {
    lay();
    show();
  });
  const ask = async () => {
    const where = point();
    const now = where ? `${where.lat},${where.lon}` : "";
    if (now === at) return;
    at = now;
    if (!where) {
      draw([]);
      return;
    }
    const query = new URLSearchParams({ layer: question.layer, ...where });
    const things = await getJSON(`${url}?${query}`).catch(() => []);
    if (now === at) draw(things ?? []);
  };
  parts.typed.addEventListener("input", () => {
    if (parts.typed.value) parts.none.checked = false;
    changed();
  });
  parts.none.addEventListener("change", () => {
    if (parts.none.checked) {
      chosen.clear();
      parts.typed.value = "";
    }
    changed();
  });
  parts.none.checked = given.includes(say("notOnMap"));
  const first = ask().then(() => {
    // What no thing here answers to was typed, or lies farther off: it stays as words.
    const words = [...chosen].filter((code) => !known.has(code) && code !== scanned);
    for (const word of words) chosen.delete(word);
    parts.typed.value ||= words.join(", ");
    if (start.length) changed();
  });
  return {
    codes: () => [...chosen],
    moved() {
      clearTimeout(timer);
      timer = setTimeout(() => first.then(ask), PAUSE_MS);
    },
  };
}

/**
 * Name a thing so that it can be compared with its plate: the number belongs to it.
 * @param {{code: string, name: string}} thing
 */
export const plate = ({ code, name }) =>
  !name || name.includes(code) ? name || code : `${code} · ${name}`;

/** Build what stands in the fieldset. */
function frame(root, question, say) {
  const map = element("div", "poles__map");
  map.hidden = true;
  const list = element("ul", "poles__list");
  const far = element("details", "report__more poles__far");
  const farList = element("ul", "poles__list");
  far.append(element("summary", "", say("assetsFar")), farList);
  far.hidden = true;
  const empty = element("p", "field__hint", say("assetsNone"));
  const status = element("p", "poles__said");
  status.setAttribute("role", "status");
  const id = `id_answer-${question.code}`;
  const label = element("label", "", say("assetTyped"));
  label.htmlFor = id;
  const typed = element("input");
  Object.assign(typed, { type: "text", id, maxLength: 80, autocomplete: "off" });
  typed.name = `answer-${question.code}`;
  const none = element("input");
  none.type = "checkbox";
  const choice = element("label", "choice");
  choice.append(none, element("span", "", say("notOnMapAsk")));
  const hint = root.querySelector(`#${CSS.escape(`${id}_helptext`)}`);
  root.append(map, empty, list, far, status, label, typed, choice);
  return { map, list, empty, status, typed, none, far, farList, hint, choice };
}

function listed(thing, { say, config }) {
  const { reported } = thing;
  const row = element("li", "poles__row");
  const label = element("label", "choice");
  const tick = element("input");
  tick.type = "checkbox";
  const far = element("span", "muted small", distance(thing.distance_m));
  const words = element("span", "poles__name", plate(thing));
  words.append(" ", far);
  label.append(tick, words);
  row.append(label);
  if (reported) {
    row.classList.add("poles__row--reported");
    const said = element("span", "poles__reported small", `${say("assetKnown")} `);
    said.append(link(reported, config));
    row.append(said);
  }
  return { element: row, tick };
}

function link(number, { urls }) {
  const anchor = element("a", "", number);
  anchor.href = urls.issue.replace("NUMBER", encodeURIComponent(number));
  anchor.target = "_blank";
  anchor.rel = "noopener";
  return anchor;
}

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
