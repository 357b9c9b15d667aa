/** Rates of the areas: reports by land or roads, shaded by steps, with n, interval and quiet areas. */

import { getJSON } from "../http.js";
import { withFilters } from "../query.js";
import { palette } from "../symbols.js";
import { reason } from "../ui/hotspots.js";
import { made, ratesTable, rounded } from "../ui/rates.js";
import { fill } from "../words.js";
import { canvas } from "./canvas.js";
import { covers, plane } from "./world.js";

const STEPS = 5;
const HATCH_PX = 7;
const OPACITY = 0.7;

/**
 * Make the drawing "areas".
 * @param {L.Map} _map
 * @param {object} _config
 * @param {import("./canvas.js").Ask} ask
 * @returns {import("./canvas.js").Drawing}
 */
export function areas(_map, _config, ask) {
  const clone = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  const legend = clone("areas-key");
  const table = ratesTable();
  const words = legend.dataset;
  const chosen = legend.querySelector("select");
  const scene = { shown: [], colours: palette() };
  let stop = new AbortController();
  let per = "";

  const layer = canvas((pen, frame) => paint(pen, frame, scene), { pane: "heat" });

  const refresh = async (filters, { again = false } = {}) => {
    stop.abort();
    stop = new AbortController();
    const asked = withFilters(words.url, filters);
    const glue = asked.includes("?") ? "&" : "?";
    const address = per ? `${asked}${glue}per=${per}` : asked;
    const cache = again ? "no-cache" : undefined;
    try {
      const [data, places] = await Promise.all([
        getJSON(address, { signal: stop.signal, cache }),
        ask.areas(),
      ]);
      scene.shown = joined(data.areas, places);
      const steps = stepsOf(scene.shown);
      for (const one of scene.shown) one.step = steps.findIndex(([, to]) => one.rate <= to);
      answered(legend, true);
      tell(legend, data, steps);
      table.show(data);
      layer.repaint();
    } catch (error) {
      if (error.name === "AbortError") return;
      scene.shown = [];
      layer.repaint();
      table.show(null);
      answered(legend, false);
      legend.querySelector("[data-part=period]").textContent = reason(error) ?? words.failed;
      ask.say(reason(error) ?? words.failed);
    }
  };
  legend.addEventListener("change", (event) => {
    event.stopPropagation();
    per = chosen.value;
    ask.chosen();
  });

  return {
    layer,
    legend,
    aside: table.root,
    refresh,
    detail: () => per,
    restore(detail) {
      per = detail;
    },
    restyle() {
      scene.colours = palette();
      layer.repaint();
    },
    press({ lat, lng }) {
      const spot = plane(lng, lat);
      const found = scene.shown.find(({ paths }) => covers(paths, spot));
      if (found) ask.panel(found.name, said(found, words, scene.shown));
      return Boolean(found);
    },
  };
}

function joined(rates, places) {
  const byCode = new Map(places.map((place) => [place.code, place]));
  return rates
    .filter(({ code }) => byCode.has(code))
    .map((rate) => ({ ...rate, paths: byCode.get(rate.code).paths }));
}

/** Five steps with about as many ranked areas in each; an area without a rank is in none. */
function stepsOf(shown) {
  const rates = shown.filter(({ rank }) => rank).map(({ rate }) => rate);
  rates.sort((one, two) => one - two);
  const ends = Array.from({ length: STEPS }, (_, at) =>
    rates.at(Math.ceil(((at + 1) * rates.length) / STEPS) - 1),
  );
  const distinct = [...new Set(ends.filter((end) => end !== undefined))];
  return distinct.map((end, at) => [at ? distinct[at - 1] : rates[0], end]);
}

function said(found, words, shown) {
  const of = shown.filter(({ rank }) => rank).length;
  const rows = [
    found.said,
    found.rank ? fill(words.rank, { rank: found.rank, of }) : words.unranked,
  ];
  if (found.quiet) rows.push(words.quiet);
  return rows.map((text) => made("p", "", text));
}

/** Without an answer there is nothing that shades could mean. */
function answered(legend, yes) {
  for (const part of legend.querySelectorAll("ul, label")) part.hidden = !yes;
}

/** Write the legend. */
function tell(legend, data, steps) {
  const part = (root, name) => root.querySelector(`[data-part="${name}"]`);
  const select = legend.querySelector("select");
  select.replaceChildren(
    ...Object.entries(data.units).map(([value, word]) => new Option(word, value)),
  );
  select.value = data.unit;
  part(legend, "unit").textContent = data.unit_word;
  part(legend, "period").textContent = `${data.what}; ${data.period}`;
  part(legend, "steps").replaceChildren(
    ...steps.map(([from, to], at) => step(at, from, to, legend.dataset)),
  );
}

function step(at, from, to, words) {
  const item = document.createElement("li");
  const range = { from: rounded(from), to: rounded(to) };
  item.append(made("span", `area-step area-step--${at + 1}`, ""), fill(words.step, range));
  return item;
}

function paint(pen, frame, { shown, colours }) {
  const hatch = hatchOf(pen, colours);
  for (const { paths, step, rank, quiet } of shown) {
    trace(pen, paths, frame);
    pen.globalAlpha = OPACITY;
    pen.fillStyle = rank ? colours.of(`heat-${step + 1}`) : colours.of("map-beyond");
    pen.fill("evenodd");
    pen.globalAlpha = 1;
    if (quiet) {
      pen.fillStyle = hatch;
      pen.fill("evenodd");
    }
    pen.strokeStyle = colours.of("map-district");
    pen.lineWidth = 0.8;
    pen.stroke();
  }
}

/** Thin lines, for areas from which little is heard. */
function hatchOf(pen, colours) {
  const tile = new OffscreenCanvas(HATCH_PX, HATCH_PX);
  const inner = tile.getContext("2d");
  inner.strokeStyle = colours.ink;
  inner.lineWidth = 1;
  inner.beginPath();
  inner.moveTo(0, HATCH_PX);
  inner.lineTo(HATCH_PX, 0);
  inner.stroke();
  return pen.createPattern(tile, "repeat");
}

function trace(pen, paths, { origin, scale }) {
  pen.beginPath();
  for (const path of paths) {
    for (let at = 0; at < path.length; at += 2) {
      const x = path[at] * scale - origin.x;
      const y = path[at + 1] * scale - origin.y;
      if (at) pen.lineTo(x, y);
      else pen.moveTo(x, y);
    }
  }
}
