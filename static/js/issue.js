/** The public page of one issue: its place on a small map, where it has one; photos to compare; ways to hand it on. */

import { getJSON } from "./http.js";
import { credit, L, onMap } from "./leaflet.js";
import { shape } from "./symbols.js";
import { comment } from "./ui/comment.js";
import { compare } from "./ui/compare.js";
import { support } from "./ui/support.js";

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

compare(document.getElementById("compare"));
support(document.getElementById("support"));
comment(document.getElementById("comment"));

const address = document.getElementById("address").value;

/** Show a button that this browser can serve. */
function offer(id, can, use) {
  const button = document.getElementById(id);
  button.hidden = !can;
  button.addEventListener("click", () => use(button).catch(() => {}));
}

offer("copy", Boolean(navigator.clipboard), async () => {
  await navigator.clipboard.writeText(address);
  document.getElementById("copied").textContent = config.words.copied;
});
// Whoever closes the phone's own sheet has not failed at anything.
offer("hand-on", Boolean(navigator.share), ({ dataset }) =>
  navigator.share({ title: dataset.title, url: address }),
);
offer("print", true, async () => print());
