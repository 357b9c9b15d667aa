/** The land below the pin: our own areas and streets, or the operator's tiles; and which village a point lies in. */

import { getJSON } from "../http.js";
import { ground } from "../layers/ground.js";
import { VILLAGE } from "../layers/world.js";
import { L } from "../leaflet.js";

const PANE = "ground";
const BELOW_ALL = 150;

/**
 * Lay the land.
 * @param {L.Map} map
 * @param {{urls: {areas: string, streets: string}, words: object, basemap: {url: string, attribution: string} | null}} config
 * @returns {Promise<{areaAt(lat: number, lon: number): string}>} `areaAt` is empty where nothing is known.
 */
export async function land(map, { urls, words, basemap }) {
  if (basemap) L.tileLayer(basemap.url, { attribution: basemap.attribution }).addTo(map);
  const [areas, streets] = await Promise.all([getJSON(urls.areas), getJSON(urls.streets)]);
  map.createPane(PANE).style.zIndex = basemap ? "" : BELOW_ALL;
  const below = ground({ pane: PANE, areas, streets, words, plain: Boolean(basemap) });
  below.layer.addTo(map);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => below.refresh());
  return {
    areaAt(lat, lon) {
      const area = below.at(lat, lon, VILLAGE);
      return area
        ? `${area.kind.replace(/^\w/, (letter) => letter.toUpperCase())} ${area.name}`
        : "";
    },
  };
}
