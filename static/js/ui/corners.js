/** An area by its corners: taps add them, drags move them, and the text field holds the truth. */

import { L } from "../leaflet.js";

const DECIMALS = 6;
const SIZE = 24;
const CLOSE = 18;
/** Pixels that an arrow key moves a corner. */
const STEP = 4;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Wire the map of a page to its field of corners.
 * @param {L.Map} map
 * @param {HTMLElement} root Names the field and the word for a corner.
 */
export function corners(map, root) {
  const field = document.getElementById(root.dataset.corners);
  const word = root.dataset.corner;
  const shape = L.polygon([], { className: "shape-drawn" }).addTo(map);
  const marks = L.layerGroup().addTo(map);
  const said = document.querySelector("[data-said]");

  const write = (points) => {
    field.value = points.map(({ lat, lng }) => `${written(lat)}, ${written(lng)}`).join("\n");
    paint();
  };
  const paint = () => {
    const points = read(field.value);
    shape.setLatLngs(points);
    marks.clearLayers();
    for (const [at, point] of points.entries()) mark(point, at).addTo(marks);
    said.textContent = `${word}: ${points.length}`;
  };
  const mark = (point, at) => {
    const icon = L.divIcon({ className: "corner", html: String(at + 1), iconSize: [SIZE, SIZE] });
    const title = `${word} ${at + 1}`;
    const corner = L.marker(point, { icon, draggable: true, title, alt: title });
    corner.on("drag", ({ latlng }) => shape.setLatLngs(swapped(read(field.value), at, latlng)));
    corner.on("dragend", () => write(swapped(read(field.value), at, corner.getLatLng())));
    corner.on("keydown", ({ originalEvent: event }) => {
      const by = ARROWS[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      const from = map.latLngToContainerPoint(corner.getLatLng());
      const to = map.containerPointToLatLng(from.add([by[0] * STEP, by[1] * STEP]));
      write(swapped(read(field.value), at, to));
      marks.getLayers()[at].getElement()?.focus();
    });
    return corner;
  };

  map.on("click", ({ latlng }) => write([...read(field.value), latlng]));
  field.addEventListener("input", paint);
  const press = (name, act) =>
    document.querySelector(`[data-${name}]`).addEventListener("click", act);
  press("centre", () => write([...read(field.value), map.getCenter()]));
  press("back", () => write(read(field.value).slice(0, -1)));
  document.querySelector("[data-tools]").hidden = false;
  paint();
  const first = read(field.value);
  if (first.length > 1) map.fitBounds(L.latLngBounds(first).pad(0.5), { maxZoom: CLOSE });
}

function swapped(points, at, point) {
  return points.map((one, index) => (index === at ? point : one));
}

function written(degrees) {
  return degrees.toFixed(DECIMALS);
}

/** Read the lines that are two numbers; half a line is on its way to become one. */
function read(text) {
  return text
    .split("\n")
    .map((line) =>
      line
        .split(/[,;\s]+/)
        .filter(Boolean)
        .map(Number),
    )
    .filter((pair) => pair.length === 2 && pair.every(Number.isFinite))
    .map(([lat, lng]) => L.latLng(lat, lng));
}
