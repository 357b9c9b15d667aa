/** Draw an area on a map: corners by taps, or from the keyboard at the middle; kept in a form's field as JSON. */

import { getJSON } from "../http.js";
import { credit, L, onMap } from "../leaflet.js";

const MOST = 200;
const CIRCLE = 32;
const M_PER_DEGREE = 111_320;

/**
 * Run the drawing.
 * @param {object} options
 * @param {HTMLElement} options.root Holds the map's buttons (`data-draw`) and its words (`data-corners`, …).
 * @param {HTMLInputElement} options.field Keeps the corners `[[lon, lat], …]`, degrees.
 * @param {any} options.config The map's addresses, words and extent.
 * @param {() => number} [options.radius] Metres of a circle.
 * @param {() => void} [options.onReady] The map is there.
 * @param {() => void} [options.onDraw] The field has what is drawn.
 * @returns {{show: () => void}} `show` when the map has become visible.
 */
export function ring({
  root,
  field,
  config,
  radius = () => 500,
  onReady = () => {},
  onDraw = () => {},
}) {
  let chart = null;
  let shape = null;
  let corners = read(field);
  const marks = [];

  function settle() {
    if (!chart) return;
    chart.invalidateSize({ animate: false });
    if (!chart.seen) {
      chart.seen = true;
      const [west, south, east, north] = config.extent;
      chart.setView([(south + north) / 2, (west + east) / 2], 14, { animate: false });
      if (corners.length) chart.fitBounds(corners.map(([lon, lat]) => [lat, lon]));
      ground(chart, config);
    }
  }

  /** Draw what there is and keep it in the form. */
  function draw() {
    shape.setLatLngs(corners.map(([lon, lat]) => [lat, lon]));
    for (const mark of marks.splice(0)) mark.remove();
    if (corners.length <= 20) {
      for (const [lon, lat] of corners) {
        const icon = L.divIcon({ className: "follow__corner", iconSize: [14, 14] });
        marks.push(
          L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(chart),
        );
      }
    }
    field.value = corners.length ? JSON.stringify(corners) : "";
    document.getElementById("draw-status").textContent = words(root.dataset, corners);
    onDraw();
  }

  function add({ lat, lng }) {
    if (corners.length < MOST) corners.push([round(lng), round(lat)]);
    draw();
  }

  const DO = {
    add: () => add(chart.getCenter()),
    undo: () => {
      corners.pop();
      draw();
    },
    clear: () => {
      corners = [];
      draw();
    },
    circle: () => {
      corners = circle(chart.getCenter(), radius());
      draw();
      chart.fitBounds(shape.getBounds(), { animate: false });
    },
  };

  onMap("map", (map) => {
    chart = map;
    map.createPane("ground").style.zIndex = 150;
    shape = L.polygon([], { className: "follow__shape", interactive: false }).addTo(map);
    root.hidden = false;
    map.on("click", (event) => add(event.latlng));
    onReady();
    draw();
  });
  root.addEventListener("click", (event) => {
    DO[event.target.closest("[data-draw]")?.dataset.draw]?.();
  });
  return { show: () => requestAnimationFrame(settle) };
}

function read(field) {
  try {
    const found = JSON.parse(field.value || "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

async function ground(chart, config) {
  const [{ ground: draw }, areas, streets] = await Promise.all([
    import("../layers/ground.js"),
    getJSON(config.urls.areas),
    getJSON(config.urls.streets),
  ]);
  const drawn = draw({ pane: "ground", areas, streets, words: config.words });
  drawn.layer.addTo(chart);
  credit(chart, { areas: drawn.areas, words: config.words });
}

function words({ corners: counted, enough, need, crossed }, corners) {
  const said = [];
  if (corners.length) said.push(counted.replace("{n}", corners.length));
  if (crosses(corners)) said.push(crossed);
  else said.push(corners.length < 3 ? need : enough);
  return said.join(". ");
}

function circle({ lat, lng }, metres) {
  const north = metres / M_PER_DEGREE;
  const east = north / Math.cos((lat * Math.PI) / 180);
  return Array.from({ length: CIRCLE }, (_none, step) => {
    const at = (2 * Math.PI * step) / CIRCLE;
    return [round(lng + east * Math.cos(at)), round(lat + north * Math.sin(at))];
  });
}

function round(degrees) {
  return Math.round(degrees * 1e6) / 1e6;
}

/** Whether two sides of the shape cross; the server decides, this only warns. */
function crosses(ring) {
  const sides = ring.map((corner, at) => [corner, ring[(at + 1) % ring.length]]);
  return sides.some((one, at) =>
    sides.some(
      (other, beside) =>
        beside > at + 1 && !(at === 0 && beside === sides.length - 1) && meet(one, other),
    ),
  );
}

function meet([a, b], [c, d]) {
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

function turn([ax, ay], [bx, by], [cx, cy]) {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}
