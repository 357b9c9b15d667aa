/** A canvas that covers the view: what the ground and the heat are painted on. */

import { L } from "../leaflet.js";

const MOST_RATIO = 2;

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
 * @property {() => void} [restyle] The page has turned light or dark: read the colours again.
 * @property {(where: L.LatLng) => boolean} [press] Somebody pressed the map here; true when that meant something.
 */

/**
 * What a drawing may ask of the page.
 * @typedef {object} Ask
 * @property {() => import("../query.js").Filters} filters
 * @property {(part: Partial<import("../query.js").Filters>) => void} narrow Change filters.
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
 */
const Sheet = L.Renderer.extend({
  options: { padding: 0.25, pane: "overlayPane" },

  initialize(paint, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this._paint = paint;
  },

  /** Paint again: the content has changed. */
  repaint() {
    if (this._map && !this._waiting) this._waiting = requestAnimationFrame(() => this._redraw());
  },

  _initContainer() {
    this._container = L.DomUtil.create("canvas", "sheet-canvas");
    this._container.setAttribute("aria-hidden", "true");
    this._pen = this._container.getContext("2d");
  },

  _destroyContainer() {
    cancelAnimationFrame(this._waiting);
    this._waiting = null;
    this._container.remove();
    this._container = this._pen = null;
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    this._redraw();
  },

  _updatePaths() {},

  _redraw() {
    this._waiting = null;
    if (!this._pen || this._map._animatingZoom) return;
    const size = this._bounds.getSize();
    const ratio = Math.min(window.devicePixelRatio || 1, MOST_RATIO);
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = size.x * ratio;
    this._container.height = size.y * ratio;
    this._container.style.width = `${size.x}px`;
    this._container.style.height = `${size.y}px`;
    this._pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const zoom = this._map.getZoom();
    const origin = this._map.getPixelOrigin().add(this._bounds.min);
    this._paint(this._pen, { zoom, origin, size, scale: 256 * 2 ** zoom });
  },
});

/**
 * Make a canvas over the view.
 * @param {(pen: CanvasRenderingContext2D, frame: {zoom: number, origin: {x: number, y: number}, size: {x: number, y: number}, scale: number}) => void} paint
 * @param {{pane: string}} options
 * @returns {L.Renderer & {repaint(): void}}
 */
export function canvas(paint, { pane }) {
  return new Sheet(paint, { pane });
}
