/** The public page of one issue: its place on a small map, and a link to copy. */

import { getJSON } from "./http.js";
import { ground } from "./layers/ground.js";
import { L, onMap } from "./leaflet.js";
import { shape } from "./symbols.js";

const ZOOM = 16;
const config = JSON.parse(document.getElementById("map-config").textContent);

onMap("map", async (map) => {
  const { lat, lon, layer, overdue } = map.getContainer().dataset;
  const { words } = config;
  map.createPane("ground").style.zIndex = 150;
  map.setView([Number(lat), Number(lon)], ZOOM, { animate: false });
  map.scrollWheelZoom.disable();
  map.zoomControl.remove();
  L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  const sign = L.divIcon({
    className: overdue ? "sign sign--overdue" : "sign",
    iconSize: [26, 26],
  });
  const marker = L.marker([Number(lat), Number(lon)], {
    icon: sign,
    interactive: false,
    keyboard: false,
  }).addTo(map);
  marker.getElement().append(shape(Number(layer), config.sprite));
  const { areas, streets } = config.urls;
  const drawn = await Promise.all([getJSON(areas), getJSON(streets)]);
  ground({ pane: "ground", areas: drawn[0], streets: drawn[1], words }).layer.addTo(map);
});

const copy = document.getElementById("copy");
if (navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById("address").value);
    document.getElementById("copied").textContent = config.words.copied;
  });
}
