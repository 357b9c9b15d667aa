/** The legend: counts beside the layers, the heat's scale, the table of the densest areas. */

import { densest } from "../layers/density.js";
import { LAYERS } from "../symbols.js";
import { fill, number } from "../words.js";

const TOP = 10;

/**
 * Keep the legend true.
 * @param {ParentNode} root The page.
 * @param {Record<string, string>} words
 * @returns {{count(layers: number[][]): void, heat(hot: boolean, shaded: boolean): void, scale(most: number): void,
 *   period(filters: import("../query.js").Filters): void, top(areas: object[], counts: Map<string, object>): void}}
 */
export function legend(root, words) {
  const part = (id) => root.querySelector(`#${id}`);
  const [box, most, period] = ["heat-legend", "heat-most", "heat-period"].map(part);
  const [title, note, section] = ["heat-title", "heat-note", "top-areas"].map(part);
  const cells = [...root.querySelectorAll(".legend__count")];
  return {
    count(layers) {
      const overdue = layers.reduce((sum, [, late]) => sum + late, 0);
      for (const cell of cells) {
        const at = LAYERS.indexOf(cell.dataset.layer);
        cell.textContent = number(at < 0 ? overdue : layers[at][0]);
      }
    },
    heat(hot, shaded) {
      box.hidden = !hot && !shaded;
      section.hidden = !hot;
      title.textContent = hot ? words.heat : words.shade;
      note.hidden = !hot;
    },
    scale(value) {
      most.textContent = value ? fill(words.perKm2, { n: value }) : words.heatNone;
    },
    period({ from, to }) {
      const values = { from: from || "…", to: to || "…" };
      period.textContent = from || to ? fill(words.heatPeriod, values) : words.heatPeriodAll;
      part("top-areas-caption").textContent = period.textContent;
    },
    top(areas, counts) {
      const rows = densest(areas, counts, TOP).map(({ name, count, density }) => {
        const row = document.createElement("tr");
        row.append(cell("th", name), cell("td", number(count)), cell("td", number(density, 1)));
        return row;
      });
      part("top-areas-rows").replaceChildren(...rows);
    },
  };
}

function cell(kind, text) {
  const made = document.createElement(kind);
  if (kind === "th") made.scope = "row";
  else made.className = "number";
  made.textContent = text;
  return made;
}
