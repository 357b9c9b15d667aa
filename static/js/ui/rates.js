/** The ten areas with the highest rates, as a table beside the map: for the drawing of areas, and of the heat. */

import { fill, number } from "../words.js";

/**
 * Keep the table.
 * @returns {{root: HTMLElement, show(data: object | null): void}} `show` takes what `views.hotspots.rates` answers; null
 *   hides the table.
 */
export function ratesTable() {
  const root = document.getElementById("areas-aside").content.firstElementChild.cloneNode(true);
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  return {
    root,
    show(data) {
      root.hidden = !data;
      if (!data) return;
      part("caption").textContent = `${data.what}; ${data.period}; ${data.unit_word}`;
      const top = data.areas.filter(({ rank }) => rank && rank <= data.top);
      part("rows").replaceChildren(...top.map(row));
      const quiet = data.areas.filter((area) => area.quiet).map(({ name }) => name);
      const note = part("quiet");
      note.hidden = !quiet.length;
      note.textContent = fill(note.dataset.words, { names: quiet.join(", ") });
      part("notes").replaceChildren(...data.notes.map((text) => made("li", "", text)));
    },
  };
}

function row({ name, n, rate, interval }) {
  const line = document.createElement("tr");
  const head = made("th", "", name);
  head.scope = "row";
  const span = interval.map(rounded).join("–");
  line.append(head, ...[number(n), rounded(rate), span].map((text) => made("td", "number", text)));
  return line;
}

/** A decimal place says something of small rates only. */
export function rounded(rate) {
  return number(rate, rate < 100 ? 1 : 0);
}

/** Make an element with a text. */
export function made(kind, className, text) {
  const element = document.createElement(kind);
  element.className = className;
  element.textContent = text;
  return element;
}
