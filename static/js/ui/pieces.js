/** What a proposal draws on the map: its areas, its faults, the issues that move; and the way to each of them. */

import { getJSON } from "../http.js";
import { L } from "../leaflet.js";

const CLOSE = 18;
const DOT = 7;

/**
 * @typedef {object} Scene
 * @property {{name: string, shape: object}[]} areas
 * @property {{number: number | string, place: number[] | null, shape: object | null}[]} faults
 * @property {{lon: number, lat: number, name: string, url: string}[]} moves
 */

/**
 * Ask the server what to draw, and draw it.
 * @param {L.Map} map
 * @param {string} url
 */
export async function fetched(map, url) {
  drawn(map, await getJSON(url));
}

/**
 * Draw a scene and show all of it.
 * @param {L.Map} map
 * @param {Scene} scene
 */
export function drawn(map, { areas, faults, moves }) {
  const shown = L.featureGroup();
  for (const { name, shape } of areas) told(outline(shape, "shape-area"), name).addTo(shown);
  for (const { shape, place } of faults) {
    if (shape) outline(shape, "shape-fault").addTo(shown);
    else if (place) dot(place[1], place[0], "shape-fault").addTo(shown);
  }
  for (const { lon, lat, name, url } of moves) {
    const mark = told(dot(lat, lon, "shape-move"), name);
    mark.on("click", () => location.assign(url)).addTo(shown);
  }
  shown.addTo(map);
  if (shown.getLayers().length) map.fitBounds(shown.getBounds().pad(0.05), { maxZoom: CLOSE });
}

/**
 * Let each fault in the list lead to its place; the list is the keyboard's way.
 * @param {L.Map} map
 */
export function zoomable(map) {
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const [lon, lat] = button.dataset.zoom.split(",").map(Number);
      map.setView([lat, lon], CLOSE);
      map.getContainer().scrollIntoView({ block: "nearest" });
    });
  }
}

function outline(shape, className) {
  return L.geoJSON(shape, { style: { className }, interactive: className === "shape-area" });
}

function dot(lat, lon, className) {
  return L.circleMarker([lat, lon], { radius: DOT, className });
}

/** Leaflet takes a text for HTML, so the words go in as a node. */
function told(layer, words) {
  const label = document.createElement("span");
  label.textContent = words;
  return layer.bindTooltip(label, { sticky: true });
}
