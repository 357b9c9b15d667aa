/**
 * The heat: issues per square kilometre, smoothed for the eye. A picture, no test.
 *
 * The whole city is counted once on squares of fixed ground size, then spread by a kernel in metres: moving and
 * zooming only look at the same picture, and no edge of a tile shows.
 */

import { getJSON } from "../http.js";
import { L } from "../leaflet.js";
import { withFilters } from "../query.js";
import { palette } from "../symbols.js";
import { ratesTable } from "../ui/rates.js";
import { day, fill, number } from "../words.js";
import { canvas } from "./canvas.js";
import { BANDWIDTH_M, nice, place, SIDE, spread, squareM, tilesOver, ZOOM } from "./density.js";
import { decode, TILE } from "./marks.js";
import { plane } from "./world.js";

const STEPS = 5;
const COLOURS = 100;
const MOST_OPACITY = 200;
/** Less than this share of the scale stays the ground's colour. */
const LEAST_SHARE = 0.02;
/** So many squares around the city take what the kernel carries out of it. */
const MARGIN = 6;

/**
 * Make the drawing "heat".
 * @param {L.Map} _map
 * @param {{urls: {tile: string}, extent: [number, number, number, number], words: Record<string, string>}} config
 * @param {import("./canvas.js").Ask} ask
 * @returns {import("./canvas.js").Drawing}
 */
export function heat(_map, { urls, extent, words }, ask) {
  const legend = document.getElementById("heat-key").content.firstElementChild.cloneNode(true);
  const part = (name) => legend.querySelector(`[data-part="${name}"]`);
  part("bandwidth").textContent = number(BANDWIDTH_M);
  const tiles = tilesOver(extent, plane);
  const table = ratesTable();
  table.show(null);
  const rates = document.getElementById("areas-key").content.firstElementChild.dataset.url;
  let stop = new AbortController();
  let field = null;
  let picture = null;

  const layer = canvas(
    (pen, frame) => {
      if (field?.most) {
        picture ??= drawn(field, rampOf(palette()));
        show(pen, frame, picture, field);
      }
    },
    { pane: "heat" },
  );

  return {
    layer,
    legend,
    aside: table.root,
    async refresh(filters, { again = false } = {}) {
      stop.abort();
      stop = new AbortController();
      const options = { signal: stop.signal, cache: again ? "no-cache" : undefined };
      const address = (x, y) => withFilters(L.Util.template(urls.tile, { x, y, z: ZOOM }), filters);
      try {
        const [found, data] = await Promise.all([
          read(tiles, address, options),
          // A day of the past has no rates: the picture stays without its table.
          getJSON(withFilters(rates, filters), options).catch(() => null),
        ]);
        if (options.signal.aborted) return;
        field = densityOf(tiles, found);
        table.show(data);
      } catch (error) {
        if (error.name !== "AbortError") ask.say(words.failed);
        return;
      }
      picture = null;
      part("most").textContent = number(field.most);
      part("none").hidden = field.most > 0;
      part("period").textContent = period(filters, part("period").dataset);
      layer.repaint();
    },
    settle: () => layer.repaint(),
    restyle() {
      picture = null;
      layer.repaint();
    },
  };
}

function period({ from, to, as_of: then }, words) {
  if (then) return fill(words.then, { day: day(then) });
  const said = (iso) => (iso ? day(iso) : "…");
  return from || to ? fill(words.some, { from: said(from), to: said(to) }) : words.all;
}

function read({ x, y, columns, rows }, address, options) {
  const wanted = Array.from({ length: columns * rows }, (_, at) => ({
    column: at % columns,
    row: Math.floor(at / columns),
  }));
  return Promise.all(
    wanted.map(async ({ column, row }) => ({
      column,
      row,
      tile: decode(await getJSON(address(x + column, y + row), options)),
    })),
  );
}

/** Count the city's tiles on one grid and spread them: issues per square kilometre. */
function densityOf(tiles, found) {
  const columns = tiles.columns * SIDE + 2 * MARGIN;
  const rows = tiles.rows * SIDE + 2 * MARGIN;
  const grid = new Float32Array(columns * rows);
  for (const { column, row, tile } of found) {
    const [left, top] = [MARGIN + column * SIDE, MARGIN + row * SIDE];
    place(grid, columns, tile, { left, top, pixels: TILE });
  }
  const side = squareM(tiles.y + tiles.rows / 2);
  const km2 = (side / 1000) ** 2;
  const values = spread(grid, columns, rows, BANDWIDTH_M / side).map((count) => count / km2);
  const most = nice(values.reduce((top, value) => Math.max(top, value), 0));
  const scale = 2 ** ZOOM * SIDE;
  const [west, north] = [tiles.x * SIDE - MARGIN, tiles.y * SIDE - MARGIN];
  return {
    values,
    columns,
    rows,
    most,
    box: [west, north, west + columns, north + rows].map((edge) => edge / scale),
  };
}

/** Look at the picture: squares of the plane are squares on the screen, so stretching it is exact. */
function show(pen, { origin, scale }, picture, { box: [west, north, east, south] }) {
  pen.imageSmoothingEnabled = true;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(
    picture,
    west * scale - origin.x,
    north * scale - origin.y,
    (east - west) * scale,
    (south - north) * scale,
  );
}

function drawn({ values, columns, rows, most }, ramp) {
  const sheet = new OffscreenCanvas(columns, rows);
  const pen = sheet.getContext("2d");
  const image = pen.createImageData(columns, rows);
  values.forEach((value, at) => {
    const share = Math.min(1, value / most);
    if (share < LEAST_SHARE) return;
    const [red, green, blue] = ramp[Math.round(share * (COLOURS - 1))];
    image.data.set([red, green, blue, MOST_OPACITY * Math.min(1, share * 4)], 4 * at);
  });
  pen.putImageData(image, 0, 0);
  return sheet;
}

/** A hundred colours between the five of the tokens. */
function rampOf(colours) {
  const strip = new OffscreenCanvas(COLOURS, 1).getContext("2d", { willReadFrequently: true });
  const gradient = strip.createLinearGradient(0, 0, COLOURS, 0);
  for (let step = 0; step < STEPS; step += 1) {
    gradient.addColorStop(step / (STEPS - 1), colours.of(`heat-${step + 1}`));
  }
  strip.fillStyle = gradient;
  strip.fillRect(0, 0, COLOURS, 1);
  const { data } = strip.getImageData(0, 0, COLOURS, 1);
  return Array.from({ length: COLOURS }, (_, at) => data.slice(4 * at, 4 * at + 3));
}
