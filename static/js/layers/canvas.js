/** A canvas that covers the view: what the ground and the heat are painted on. */

import { L } from "../leaflet.js";

const MOST_RATIO = 2;
const PHONE_RATIO = 1.5;
/** Work is laid down after so long, for a frame to be drawn. */
const SLICE_MS = 6;

/**
 * One way to draw instead of the single issues. Its module exports one function, named as the drawing in the address:
 * `heat(map, config, ask)`, `hotspots(map, config, ask)`, `areas(map, config, ask)`; each answers with a Drawing.
 * @typedef {object} Drawing
 * @property {L.Layer} layer The page adds it to the map and takes it away; pane "heat" lies below the marks.
 * @property {(filters: import("../query.js").Filters, options?: {again?: boolean}) => Promise<void> | void} refresh Told
 *   when it is chosen, when the filters change, and (`again`) every 20 s of an open page.
 * @property {HTMLElement} legend Stands in the legend while this is drawn.
 * @property {HTMLElement} [aside] Stands above the list while this is drawn: the same finding as a table.
 * @property {() => void} [settle] The view has come to rest, or a tile has come.
 * @property {() => string} [detail] What is chosen in its legend, for the address; empty: as it is given.
 * @property {(detail: string) => void} [restore] Choose that again; `refresh` follows.
 * @property {() => void} [restyle] The page has turned light or dark: read the colours again.
 * @property {(where: L.LatLng) => boolean} [press] Somebody pressed the map here; true when that meant something.
 */

/**
 * What a drawing may ask of the page.
 * @typedef {object} Ask
 * @property {() => import("../query.js").Filters} filters
 * @property {(part: Partial<import("../query.js").Filters>) => void} narrow Change filters.
 * @property {() => void} chosen Somebody has chosen in the legend: the address says so, then `refresh` follows.
 * @property {() => Map<string, {count: number, open: number}>} counts By code of area, for the present filters.
 * @property {() => Promise<object[]>} areas The areas as `layers/ground.js` holds them: code, name, level, km2, paths.
 * @property {(name: string, parts: Node[]) => void} panel Open the panel with a title and content; focus goes there.
 * @property {(box: [number, number, number, number]) => void} look Show a box (W, S, E, N).
 * @property {(text: string) => void} say Tell whoever listens to the page.
 */

/**
 * A renderer of Leaflet's that calls `paint(pen, frame)` whenever the view has settled.
 *
 * `frame.origin` is the left upper corner in pixels of the whole world at `frame.zoom`, `frame.size` the canvas's
 * size, `frame.scale` the pixels of the whole world: multiply positions from `world.js` by it, subtract the origin.
 *
 * Where `paint` is a generator, it is run in slices on a second canvas; the picture before stays until that is done.
 */
const Sheet = L.Renderer.extend({
  options: { padding: 0.25, pane: "overlayPane" },

  initialize(paint, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this._paint = paint;
    this._round = 0;
  },

  /** Paint again: the content has changed. */
  repaint() {
    if (this._map) this._waiting ??= requestAnimationFrame(() => this._redraw());
  },

  _initContainer() {
    this._container = L.DomUtil.create("div", "leaflet-layer");
    this._container.setAttribute("aria-hidden", "true");
  },

  _destroyContainer() {
    cancelAnimationFrame(this._waiting);
    this._round += 1;
    this._waiting = this._spare = null;
    this._container.remove();
    this._container = null;
  },

  _update() {
    this.repaint();
  },

  /** Until the new picture is here, the old one lies where its places are now. */
  _reset() {
    this._updateTransform(this._map.getCenter(), this._map.getZoom());
    this.repaint();
  },

  _updateTransform(center, zoom) {
    // What is being painted is for another zoom; the end of the move paints again.
    this._round += 1;
    if (this._zoom === undefined) return;
    L.Renderer.prototype._updateTransform.call(this, center, zoom);
  },

  _updatePaths() {},

  _redraw() {
    this._waiting = null;
    this._round += 1;
    // The end of a move calls again.
    if (!this._map || this._map._animatingZoom) return;
    const round = this._round;
    const view = this._view();
    const { sheet, pen } = this._prepare(view.size);
    const work = this._paint(pen, view);
    const slice = () => {
      if (round !== this._round) return;
      if (finished(work)) this._show(sheet, view);
      else setTimeout(slice);
    };
    slice();
  },

  /** What is to be painted: the view with a rim around it. */
  _view() {
    const map = this._map;
    const { padding } = this.options;
    const inner = map.getSize();
    const corner = map.containerPointToLayerPoint(inner.multiplyBy(-padding)).round();
    const zoom = map.getZoom();
    return {
      zoom,
      center: map.getCenter(),
      corner,
      origin: map.getPixelOrigin().add(corner),
      size: inner.multiplyBy(1 + 2 * padding).round(),
      scale: 256 * 2 ** zoom,
    };
  },

  _prepare({ x, y }) {
    const sheet = this._spare ?? L.DomUtil.create("canvas", "sheet-canvas");
    this._spare = sheet;
    const ratio = sharpness();
    sheet.width = x * ratio;
    sheet.height = y * ratio;
    sheet.style.width = `${x}px`;
    sheet.style.height = `${y}px`;
    const pen = sheet.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { sheet, pen };
  },

  _show(sheet, { corner, center, zoom }) {
    this._spare = this._container.firstElementChild;
    this._container.replaceChildren(sheet);
    Object.assign(this, { _center: center, _zoom: zoom });
    L.DomUtil.setPosition(this._container, corner);
  },
});

/** Work for some milliseconds; tells whether all is done. */
function finished(work) {
  if (!work?.next) return true;
  const end = performance.now() + SLICE_MS;
  do {
    if (work.next().done) return true;
  } while (performance.now() < end);
  return false;
}

/**
 * Pixels of a canvas for one of the page: a screen of more than two has no use of them, and a slow phone no time.
 * @returns {number}
 */
export function sharpness() {
  const most = matchMedia("(pointer: coarse), (max-width: 47.49rem)").matches
    ? PHONE_RATIO
    : MOST_RATIO;
  return Math.min(window.devicePixelRatio || 1, most);
}

/**
 * Make a canvas over the view.
 * @param {(pen: CanvasRenderingContext2D, frame: {zoom: number, origin: {x: number, y: number}, size: {x: number, y: number}, scale: number}) => Iterator<void> | void} paint
 * @param {{pane: string}} options
 * @returns {L.Renderer & {repaint(): void}}
 */
export function canvas(paint, { pane }) {
  return new Sheet(paint, { pane });
}
