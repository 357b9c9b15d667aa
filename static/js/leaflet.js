/** The one door through which Leaflet enters the modules; django-leaflet's script tag brings it as a global. */

export const L = globalThis.L;

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
