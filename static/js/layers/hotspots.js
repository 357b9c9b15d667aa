/** Hotspots: squares that stand out by a test of the server's. Nothing is computed here. */

import { getJSON } from "../http.js";
import { L } from "../leaflet.js";
import { withFilters } from "../query.js";
import { hotspotList, hotspotPanel, reason } from "../ui/hotspots.js";
import { fill } from "../words.js";

const PANE = "hotspots";
/** Above the ground and its names, below the marks' buttons. */
const ORDER = 420;
/** The baseline that follows from the filters, in the address. */
const AUTO = "auto";
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * Make the drawing "hotspots".
 * @param {L.Map} map
 * @param {object} _config
 * @param {import("./canvas.js").Ask} ask
 * @returns {import("./canvas.js").Drawing}
 */
export function hotspots(map, _config, ask) {
  const legend = document.getElementById("hotspots-key").content.firstElementChild.cloneNode(true);
  const words = legend.dataset;
  const said = legend.querySelector("[data-part=said]");
  const list = hotspotList(words, { open: (cell) => squares.open(cell) });
  // In a closed legend patterns are not drawn, so they live with the squares.
  const patterns = legend.querySelector("defs");
  const squares = new Squares(map, { words, patterns }, (cell) =>
    ask.panel(cell.place, hotspotPanel(cell, words, pageOf(words.page, ask.filters(), legend))),
  );
  let stop = new AbortController();
  let sent = "";

  const refresh = async (filters, { again = false } = {}) => {
    stop.abort();
    stop = new AbortController();
    const page = pageOf(words.page, filters, legend);
    try {
      const address = pageOf(words.url, filters, legend);
      const cache = again ? "no-cache" : undefined;
      const data = await getJSON(address, { signal: stop.signal, cache });
      // An open panel and the focus stay while nothing has changed.
      if (JSON.stringify(data) === sent) return;
      sent = JSON.stringify(data);
      squares.show(data.cells);
      said.textContent = data.empty || fill(words.found, { n: data.cells.length });
      ask.say(data.empty ?? "");
      list.show(data, page);
    } catch (error) {
      if (error.name === "AbortError") return;
      sent = "";
      squares.show([]);
      said.textContent = reason(error) ?? words.failed;
      list.fail(said.textContent, page);
    }
  };
  legend.addEventListener("change", (event) => {
    // The legend stands in the form of the page's filters' reach: this choice is none of them.
    event.stopPropagation();
    ask.chosen();
  });
  return {
    layer: squares.layer,
    legend,
    aside: list.root,
    refresh,
    detail: () => detailOf(legend),
    restore: (detail) => restore(legend, detail),
  };
}

/** The legend's choices in one word: `share-300-95`; empty while all are as they are given. */
function detailOf(legend) {
  const choices = [...legend.querySelectorAll("select")];
  const given = choices.every(({ value, options }) => value === givenOf(options));
  return given ? "" : choices.map(({ value }) => value || AUTO).join("-");
}

function restore(legend, detail) {
  const said = detail.split("-");
  for (const [at, choice] of legend.querySelectorAll("select").entries()) {
    const value = said[at] === AUTO ? "" : said[at];
    const known = [...choice.options].some((one) => one.value === value);
    choice.value = detail && known ? value : givenOf(choice.options);
  }
}

function givenOf(options) {
  return ([...options].find((one) => one.defaultSelected) ?? options[0]).value;
}

/** Put filters and the legend's choices behind an address; what is left open stays out. */
function pageOf(url, filters, legend) {
  const address = new URL(withFilters(url, filters), location.href);
  for (const { name, value, options, selectedIndex } of legend.querySelectorAll("select")) {
    if (value && !options[selectedIndex].defaultSelected) address.searchParams.set(name, value);
  }
  return `${address.pathname}${address.search}`;
}

/** The squares on the map: pattern, colour and name; arrows walk from the strongest to the weakest. */
class Squares {
  constructor(map, { words, patterns }, open) {
    this.words = words;
    this.patterns = patterns;
    this.press = open;
    const pane = map.getPane(PANE) ?? map.createPane(PANE);
    pane.style.zIndex = ORDER;
    this.map = map;
    this.layer = L.layerGroup();
    this.renderer = L.svg({ pane: PANE });
    this.cells = [];
    this.made = [];
    this.layer.on("add", () => this.dress());
  }

  /** @param {Cell[]} cells */
  show(cells) {
    const back = this.made.findIndex((made) => made.getElement() === document.activeElement);
    this.layer.clearLayers();
    this.cells = cells;
    this.made = cells.map((cell) => this.make(cell));
    for (const made of this.made) this.layer.addLayer(made);
    this.dress();
    if (back >= 0) this.made[Math.min(back, this.made.length - 1)]?.getElement()?.focus();
  }

  /** @param {Cell} cell */
  open(cell) {
    const [west, south, east, north] = cell.box;
    this.map.setView([(south + north) / 2, (west + east) / 2], Math.max(15, this.map.getZoom()));
    this.press(cell);
  }

  make(cell) {
    const [west, south, east, north] = cell.box;
    const made = L.rectangle(
      [
        [south, west],
        [north, east],
      ],
      {
        renderer: this.renderer,
        pane: PANE,
        className: `hot-cell hot-cell--${cell.level}`,
        fillColor: `url(#hot-${cell.level})`,
        fillOpacity: 1,
        weight: 1.5,
        bubblingMouseEvents: false,
      },
    );
    made.on("click", () => this.press(cell));
    return made;
  }

  /** Give every square its name and keys; they have elements only while they are on the map. */
  dress() {
    this.made.forEach((made, at) => {
      const element = made.getElement();
      if (!element) return;
      const cell = this.cells[at];
      element.setAttribute("role", "button");
      element.setAttribute("tabindex", at ? "-1" : "0");
      element.setAttribute("aria-label", `${cell.place}, ${fill(this.words.level, cell)}`);
      element.onkeydown = (event) => this.key(event, at);
    });
    const sheet = this.made[0]?.getElement()?.ownerSVGElement;
    sheet?.prepend(this.patterns);
    sheet?.setAttribute("role", "group");
    sheet?.setAttribute("aria-label", this.words.label);
  }

  key(event, at) {
    if (event.key === "Enter" || event.key === " ") this.press(this.cells[at]);
    else if (event.key in STEPS) this.walk(at, STEPS[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  walk(at, step) {
    const next = this.made[(at + step + this.made.length) % this.made.length];
    this.made[at].getElement().setAttribute("tabindex", "-1");
    next.getElement().setAttribute("tabindex", "0");
    if (!this.map.getBounds().contains(next.getBounds()))
      this.map.panInsideBounds(next.getBounds());
    next.getElement().focus();
  }
}
