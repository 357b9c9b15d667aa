/** Hotspots in words: what the panel says of one, and the list beside the map. */

import { fill, number } from "../words.js";

/** Smaller chances are told as "less than". */
const LEAST_Q = 0.0001;

/**
 * A hot square as the server tells it.
 * @typedef {object} Cell
 * @property {[number, number, number, number]} box W, S, E, N in degrees.
 * @property {number} group Hot squares that touch have one number.
 * @property {string} place
 * @property {90 | 95 | 99} level
 * @property {string} word
 * @property {number} n
 * @property {number} expected
 * @property {number} ratio
 * @property {number} z
 * @property {number} q
 * @property {string} sentence
 */

/**
 * Say what was found at a hot square.
 * @param {Cell} cell
 * @param {DOMStringMap} words
 * @param {string} page Address of the full list with the same question.
 * @returns {Node[]}
 */
export function hotspotPanel(cell, words, page) {
  const link = made("a", "button button--small", words.all);
  link.href = page;
  return [
    made("p", "hotspot-level", fill(words.level, cell)),
    made("p", "", cell.sentence),
    made("p", "muted small", numbers(cell, words)),
    link,
  ];
}

function numbers({ n, expected, ratio, z, q }, words) {
  return fill(words.numbers, {
    n,
    expected: number(expected, 1),
    ratio: number(ratio, 1),
    z: number(z, 1),
    q: q < LEAST_Q ? `< ${number(LEAST_Q, 4)}` : `= ${number(q, 4)}`,
  });
}

/**
 * What the server found wrong with a question, in its own words.
 * @param {{body?: any}} error
 * @returns {string | undefined}
 */
export function reason({ body }) {
  return Object.values(body?.error?.fields ?? {})[0]?.[0];
}

/**
 * Keep the list beside the map: one entry for hot squares that touch.
 * @param {DOMStringMap} words
 * @param {{open(cell: Cell): void}} on
 * @returns {{root: HTMLElement, show(data: object, page: string): void, fail(reason: string, page: string): void}}
 */
export function hotspotList(words, { open }) {
  const root = document.getElementById("hotspots-aside").content.firstElementChild.cloneNode(true);
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const write = ({ rows, empty, baseline = "", tested = "", limits = [] }, page) => {
    part("rows").replaceChildren(...rows);
    part("empty").hidden = !empty;
    part("empty").textContent = empty;
    part("baseline").textContent = baseline;
    part("tested").textContent = tested;
    part("limits").replaceChildren(...limits.map((text) => made("li", "", text)));
    root.querySelector("details").hidden = !tested;
    part("page").href = page;
  };
  return {
    root,
    show(data, page) {
      const rows = strongest(data.cells).map((cell) => entry(cell, words, open));
      const baseline = `${data.what}; ${data.period}; ${data.baseline_word}`;
      write({ ...data, rows, baseline }, page);
    },
    fail: (empty, page) => write({ rows: [], empty }, page),
  };
}

/** The first cell of each group; cells come with the strongest first. */
function strongest(cells) {
  const firsts = new Map();
  for (const cell of cells) if (!firsts.has(cell.group)) firsts.set(cell.group, cell);
  return [...firsts.values()];
}

function entry(cell, words, open) {
  const row = made("li", "hotspot-entry", "");
  const button = made("button", "button button--quiet hotspot-entry__open", cell.place);
  button.type = "button";
  button.addEventListener("click", () => open(cell));
  row.append(
    button,
    made("p", "small", cell.sentence),
    made("p", "small muted", fill(words.level, cell)),
  );
  return row;
}

function made(kind, className, text) {
  const element = document.createElement(kind);
  element.className = className;
  element.textContent = text;
  return element;
}
