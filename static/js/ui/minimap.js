/** A small map beside a list of the desk: it shows the same issues as the list and nothing more. */

import { getJSON } from "../http.js";
import { ground } from "../layers/ground.js";
import { L } from "../leaflet.js";
import { LAYERS, shape } from "../symbols.js";

const CLOSE = 17;
const MARK = 32;

/**
 * One issue on the map.
 * @typedef {object} Mark
 * @property {string} number
 * @property {string} name What kind of problem it is.
 * @property {number} lon
 * @property {number} lat
 * @property {string} layer Slug of its public layer.
 * @property {boolean} overdue
 * @property {string} url Its page.
 * @property {number} [order] Its place in a planned order.
 */

/**
 * Draw the map of the page, where it has one.
 * @param {{extent: number[], marks: Mark[], here?: number[] | null}} site From the page's `site` script.
 * @returns {L.Map | null}
 */
export function minimap(site) {
  const root = document.getElementById("minimap");
  if (!root || !L) return null;
  const map = L.map(root, { attributionControl: false, zoomSnap: 0.5 });
  paintGround(map, root.dataset);
  const [west, south, east, north] = site.extent;
  const city = L.latLngBounds([south, west], [north, east]);
  const marks = site.marks.map((mark) => marker(mark, root.dataset.sprite).addTo(map));
  const places = marks.map((mark) => mark.getLatLng());
  if (site.here) {
    const here = L.latLng(site.here[1], site.here[0]);
    L.marker(here, { icon: L.divIcon({ className: "minimap__here" }), keyboard: false }).addTo(map);
    places.push(here);
  }
  map.fitBounds(places.length ? L.latLngBounds(places).pad(0.2) : city, { maxZoom: CLOSE });
  return map;
}

/**
 * Read what the server has written into the page.
 * @returns {{extent: number[], marks: Mark[], here?: number[] | null}}
 */
export function siteOfPage() {
  return JSON.parse(document.getElementById("site").textContent);
}

/** Our own land and streets below the marks; without an answer the marks stand on the bare sea. */
async function paintGround(map, { areas, streets }) {
  map.createPane("ground").style.zIndex = 150;
  const [land, roads] = await Promise.all([getJSON(areas), getJSON(streets)]);
  const { layer } = ground({ pane: "ground", areas: land, streets: roads, words: {} });
  // Whose map it is must stand on it; our own land needs no line of a small map.
  if (layer.options.attribution) L.control.attribution({ prefix: false }).addTo(map);
  layer.addTo(map);
}

function numbered(order) {
  const sign = document.createElement("span");
  sign.className = "minimap__order";
  sign.textContent = String(order);
  return sign;
}

/** The list is the keyboard's way to an issue, so that a marker need not be a stop of its own. */
function marker(mark, sprite) {
  const root = document.createElement("div");
  root.className = `minimap__mark layer--${mark.layer}`;
  root.classList.toggle("minimap__mark--late", mark.overdue);
  root.append(shape(LAYERS.indexOf(mark.layer), sprite));
  if (mark.order) root.append(numbered(mark.order));
  const icon = L.divIcon({ html: root, className: "", iconSize: [MARK, MARK] });
  const title = `${mark.number} ${mark.name}`;
  return L.marker([mark.lat, mark.lon], { icon, title, keyboard: false }).on("click", () => {
    if (mark.url !== location.pathname) location.assign(mark.url);
  });
}
