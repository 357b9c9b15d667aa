/** The one door through which Leaflet enters the modules; django-leaflet's script tag brings it as a global. */

export const L = globalThis.L;

/** Each map's buttons speak the page's language; the frame of every page brings the words. */
const { zoomIn, zoomOut } = globalThis.document?.body.dataset ?? {};
if (zoomIn) L?.Control.Zoom.mergeOptions({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut });
/** At every step of a drag it would have the whole page laid out again. */
L?.Control.Scale.mergeOptions({ updateWhenIdle: true });

/**
 * Say on the map itself, where the legend may be closed, that its borders are only drawn by eye.
 * @param {L.Map} map
 * @param {{areas: {approximate: boolean}[], words: Record<string, string>}} ground
 */
export function credit(map, { areas, words }) {
  if (areas.some(({ approximate }) => approximate)) {
    map.attributionControl?.addAttribution(words.approximate);
  }
}

/**
 * Turn a box of ours into Leaflet's order.
 * @param {[number, number, number, number]} box W, S, E, N in degrees.
 * @returns {[[number, number], [number, number]]}
 */
export function bounds([west, south, east, north]) {
  return [
    [south, west],
    [north, east],
  ];
}

/**
 * Wait for django-leaflet's map. Call this at the top level of an entry, before the page's `load` event.
 * @param {string} id Id of the map's element, as given to the template tag.
 * @param {(map: L.Map) => void} use
 */
export function onMap(id, use) {
  window.addEventListener("map:init", (event) => {
    if (event.detail.id === id) use(event.detail.map);
  });
}
