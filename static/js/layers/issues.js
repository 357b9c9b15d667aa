/** The issues: our own tiles on canvas. The only module that knows addresses and drawing of tiles. */

import { getJSON } from "../http.js";
import { L } from "../leaflet.js";
import { withFilters } from "../query.js";
import { draw, palette } from "../symbols.js";
import { number } from "../words.js";
import { sharpness } from "./canvas.js";
import { DISTRICTS_ZOOM, decode, marks, radius, SINGLE_ZOOM, TILE } from "./marks.js";

/** The canvas reaches over its tile, so that no symbol is cut. */
const EDGE = 36;
const SIDE = TILE + 2 * EDGE;

const Issues = L.GridLayer.extend({
  options: {
    tileSize: TILE,
    updateWhenZooming: false,
    updateWhenIdle: false,
    keepBuffer: 1,
    minZoom: DISTRICTS_ZOOM + 1,
    maxZoom: 19,
    className: "issues-layer",
  },

  initialize(url, filters, options) {
    L.GridLayer.prototype.initialize.call(this, options);
    this._url = url;
    this._filters = filters;
    this._held = new Map();
    this._veiled = false;
    this._colours = palette();
    this.on("tileunload", ({ coords }) => this._drop(coords));
  },

  /** Show what passes these filters; each tile keeps its picture until the new one is here. */
  setFilters(filters) {
    this._filters = filters;
    for (const held of this._held.values()) {
      held.stop.abort();
      held.stop = new AbortController();
      if (held.coords.z === this._tileZoom) this._load(held).catch((error) => this._tell(error));
      else held.found = [];
    }
  },

  /** Ask again for what is in view; who is away or offline sees what there was until the next round. */
  renew() {
    for (const held of this._held.values()) {
      if (held.asking || held.coords.z !== this._tileZoom) continue;
      this._load(held, { cache: "no-cache" }).catch(() => {});
    }
  },

  /** Leave the picture to heat or shaded areas, but for single issues from near. */
  setVeiled(on) {
    if (this._veiled === on) return;
    this._veiled = on;
    this._paintAll();
  },

  /** Read the page's colours again (light or dark). */
  refresh() {
    this._colours = palette();
    this._paintAll();
  },

  /**
   * Marks of the current zoom, in pixels of the whole world at that zoom.
   * @returns {import("./marks.js").Mark[]}
   */
  marks() {
    return this._current().flatMap(({ key, coords, found }) =>
      found.map((mark) => ({
        ...mark,
        id: mark.number ?? `${key}:${mark.id}`,
        x: mark.x + coords.x * TILE,
        y: mark.y + coords.y * TILE,
      })),
    );
  },

  onAdd(map) {
    // Tiles that fade in make the screen put all canvases together again at every step.
    map._fadeAnimated = false;
    L.GridLayer.prototype.onAdd.call(this, map);
  },

  createTile(coords, done) {
    const tile = L.DomUtil.create("div", "issues-tile");
    const canvas = L.DomUtil.create("canvas", "issues-canvas", tile);
    canvas.hidden = true;
    const held = {
      coords,
      canvas,
      stop: new AbortController(),
      asking: null,
      tile: null,
      found: [],
    };
    this._held.set(this._tileCoordsToKey(coords), held);
    this._load(held).then(
      () => done(null, tile),
      (error) => {
        done(error, tile);
        this._tell(error);
      },
    );
    return tile;
  },

  /** A question that was taken back is no failure. */
  _tell(error) {
    if (error.name !== "AbortError") this.fire("failed", { error });
  },

  /** Bring a tile's data; what was drawn stays until something else is here. */
  async _load(held, { cache } = {}) {
    const address = withFilters(this._address(held.coords), this._filters);
    const { stop } = held;
    held.asking = stop;
    try {
      const body = await getJSON(address, { signal: stop.signal, cache });
      const sent = JSON.stringify(body);
      if (stop.signal.aborted || sent === held.sent) return;
      Object.assign(held, { sent, tile: decode(body) });
      held.found = marks(held.tile, held.coords.z);
      this._paint(held);
      this.fire("data");
    } finally {
      if (held.asking === stop) held.asking = null;
    }
  },

  _address({ x, y, z }) {
    return L.Util.template(this._url, { x, y, z: z - 1 });
  },

  _drop(coords) {
    const key = this._tileCoordsToKey(coords);
    this._held.get(key)?.stop.abort();
    this._held.delete(key);
  },

  _current() {
    const found = [];
    for (const [key, held] of this._held) {
      if (held.tile && held.coords.z === this._tileZoom) found.push({ key, ...held });
    }
    return found;
  },

  _paintAll() {
    for (const held of this._held.values()) if (held.tile) this._paint(held);
  },

  _paint({ canvas, found, coords }) {
    // An empty canvas costs the screen as much as a full one.
    canvas.hidden = !found.length || (this._veiled && coords.z < SINGLE_ZOOM);
    if (canvas.hidden) return;
    const pen = canvas.getContext("2d");
    const ratio = sharpness();
    canvas.width = canvas.height = SIDE * ratio;
    pen.setTransform(ratio, 0, 0, ratio, EDGE * ratio, EDGE * ratio);
    for (const mark of found) {
      if (mark.count === 1) drawIssue(pen, mark, this._colours);
      else drawCluster(pen, mark, this._colours);
    }
  },
});

function drawIssue(pen, mark, colours) {
  const layer = mark.layers.indexOf(1);
  draw(
    pen,
    { layer, x: mark.x, y: mark.y, radius: radius(mark), overdue: mark.overdue > 0 },
    colours,
  );
}

/** A disc with its number, a ring of the layers' shares, a red arc for the share beyond its due date. */
function drawCluster(pen, mark, colours) {
  const size = radius(mark);
  disc(pen, mark, size + 1, colours.outline);
  shares(pen, mark, size, colours);
  disc(pen, mark, size - 4.5, colours.surface);
  if (mark.overdue) overdueArc(pen, mark, size + 3, colours);
  pen.fillStyle = colours.ink;
  pen.font = `650 ${size > 18 ? 13.5 : 12}px ${colours.of("font")}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(short(mark.count), mark.x, mark.y + 0.5);
}

function disc(pen, { x, y }, size, colour) {
  pen.beginPath();
  pen.arc(x, y, size, 0, 2 * Math.PI);
  pen.fillStyle = colour;
  pen.fill();
}

function shares(pen, mark, size, colours) {
  let from = -Math.PI / 2;
  mark.layers.forEach((count, layer) => {
    if (!count) return;
    const to = from + (2 * Math.PI * count) / mark.count;
    pen.beginPath();
    pen.moveTo(mark.x, mark.y);
    pen.arc(mark.x, mark.y, size, from, to);
    pen.closePath();
    pen.fillStyle = colours.layers[layer];
    pen.fill();
    from = to;
  });
}

function overdueArc(pen, mark, size, colours) {
  const share = Math.max(0.06, mark.overdue / mark.count);
  pen.beginPath();
  pen.arc(mark.x, mark.y, size, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * share);
  pen.lineWidth = 3;
  pen.strokeStyle = colours.overdue;
  pen.stroke();
}

function short(count) {
  if (count < 10_000) return number(count);
  return count < 1e6 ? `${number(count / 1000)}k` : `${number(count / 1e6, 1)}M`;
}

/**
 * Make the layer of the issues. Fires `data` when a tile has come and `failed` when one has not.
 * @param {string} url Template with {z} {x} {y}; z is the address's, one below the map's (512 px tiles).
 * @param {import("../query.js").Filters} filters
 * @returns {L.GridLayer}
 */
export function issues(url, filters) {
  return new Issues(url, filters);
}
