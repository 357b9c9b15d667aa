/** Known outages: their areas on the map, each a link to its report; the list beside the map names them in words. */

import { getJSON } from "../http.js";
import { L } from "../leaflet.js";

/**
 * Show what is out of order.
 * @param {L.Map} map
 * @param {string} url GeoJSON, EPSG:4326.
 */
export async function outages(map, url) {
  const found = await getJSON(url);
  const layer = L.geoJSON(found, {
    style: () => ({ className: "outage", weight: 2, dashArray: "6 4", fillOpacity: 0.12 }),
    onEachFeature: ({ properties }, shape) => {
      const words = document.createElement("span");
      words.textContent = `${properties.category}: ${properties.places}, ${properties.until}`;
      shape.bindTooltip(words, { sticky: true });
      shape.on("click", () => location.assign(properties.url));
    },
  });
  layer.addTo(map);
}
