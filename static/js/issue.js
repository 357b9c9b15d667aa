/** The public page of one issue: its place on a small map, where it has one, and a link to copy. */

import { getJSON } from "./http.js";
import { credit, L, onMap } from "./leaflet.js";
import { shape } from "./symbols.js";

const ZOOM = 16;
const config = JSON.parse(document.getElementById("map-config").textContent);

onMap("map", async (map) => {
  const { lat, lon, layer, overdue } = map.getContainer().dataset;
  map.createPane("ground").style.zIndex = 150;
  map.setView([Number(lat), Number(lon)], ZOOM, { animate: false });
  map.scrollWheelZoom.disable();
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
  await drawGround(map);
});

/** A page without a place has no Leaflet, and the ground cannot even be read without it. */
async function drawGround(map) {
  const { areas, streets } = config.urls;
  const [{ ground }, land, roads] = await Promise.all([
    import("./layers/ground.js"),
    getJSON(areas),
    getJSON(streets),
  ]);
  const { words } = config;
  const drawn = ground({ pane: "ground", areas: land, streets: roads, words });
  drawn.layer.addTo(map);
  credit(map, { areas: drawn.areas, words });
}

const copy = document.getElementById("copy");
if (navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById("address").value);
    document.getElementById("copied").textContent = config.words.copied;
  });
}
