/** The page of following: only the part that was chosen is shown; a shape is drawn by taps, or from the keyboard. */

import { getJSON } from "./http.js";
import { credit, L, onMap } from "./leaflet.js";
import { canPush, turnOn } from "./push.js";

const form = document.getElementById("follow-form");
const config = JSON.parse(document.getElementById("map-config").textContent);
const drawing = document.getElementById("drawing");
const field = document.getElementById("id_bentuk");
const MOST = 200;
const CIRCLE = 32;
const M_PER_DEGREE = 111_320;

let chart = null;
let shape = null;
let corners = read();
const marks = [];

function read() {
  try {
    const found = JSON.parse(field.value || "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

/** Show the fields of the choice and no others. */
function choose() {
  const chosen = form.elements.apa.value;
  for (const part of form.querySelectorAll("[data-part]")) {
    part.hidden = part.dataset.part !== chosen;
  }
  if (chosen === "shape" && chart) requestAnimationFrame(() => settle());
}

function settle() {
  chart.invalidateSize({ animate: false });
  if (!chart.seen) {
    chart.seen = true;
    const [west, south, east, north] = config.extent;
    chart.setView([(south + north) / 2, (west + east) / 2], 14, { animate: false });
    if (corners.length) chart.fitBounds(corners.map(([lon, lat]) => [lat, lon]));
    ground();
  }
}

async function ground() {
  const [{ ground: draw }, areas, streets] = await Promise.all([
    import("./layers/ground.js"),
    getJSON(config.urls.areas),
    getJSON(config.urls.streets),
  ]);
  const drawn = draw({ pane: "ground", areas, streets, words: config.words });
  drawn.layer.addTo(chart);
  credit(chart, { areas: drawn.areas, words: config.words });
}

/** Draw what there is and keep it in the form. */
function show() {
  shape.setLatLngs(corners.map(([lon, lat]) => [lat, lon]));
  for (const mark of marks.splice(0)) mark.remove();
  if (corners.length <= 20) {
    for (const [lon, lat] of corners) {
      const icon = L.divIcon({ className: "follow__corner", iconSize: [14, 14] });
      marks.push(L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(chart));
    }
  }
  field.value = corners.length ? JSON.stringify(corners) : "";
  lead();
  say();
}

function say() {
  const { corners: counted, enough, need, crossed } = drawing.dataset;
  const words = [];
  if (corners.length) words.push(counted.replace("{n}", corners.length));
  if (crosses(corners)) words.push(crossed);
  else words.push(corners.length < 3 ? need : enough);
  document.getElementById("draw-status").textContent = words.join(". ");
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

function add({ lat, lng }) {
  if (corners.length < MOST) corners.push([round(lng), round(lat)]);
  show();
}

function round(degrees) {
  return Math.round(degrees * 1e6) / 1e6;
}

const DO = {
  add: () => add(chart.getCenter()),
  undo: () => {
    corners.pop();
    show();
  },
  clear: () => {
    corners = [];
    show();
  },
  circle: () => {
    const { lat, lng } = chart.getCenter();
    const north = Number(form.elements.jarak.value || 500) / M_PER_DEGREE;
    const east = north / Math.cos((lat * Math.PI) / 180);
    corners = Array.from({ length: CIRCLE }, (_none, step) => {
      const at = (2 * Math.PI * step) / CIRCLE;
      return [round(lng + east * Math.cos(at)), round(lat + north * Math.sin(at))];
    });
    show();
    chart.fitBounds(shape.getBounds(), { animate: false });
  },
};

onMap("map", (map) => {
  chart = map;
  map.createPane("ground").style.zIndex = 150;
  shape = L.polygon([], { className: "follow__shape", interactive: false }).addTo(map);
  drawing.hidden = false;
  map.on("click", (event) => add(event.latlng));
  choose();
  show();
});

/** The feed of exactly what is chosen, in the names that the feed reads. */
const FEEDS = {
  category: ["jenis", "category"],
  area: ["wilayah", "area"],
  street: ["jalan", "jalan"],
  shape: ["bentuk", "bentuk"],
};

function lead() {
  const link = document.getElementById("feed");
  const kind = form.elements.apa.value;
  const [name, filter] = FEEDS[kind] ?? [];
  const value = name && form.elements[name].value.trim();
  const number = form.elements.laporan.value.trim().toUpperCase();
  if (kind === "issue" && number) {
    link.href = link.dataset.issue.replace("/0.rss", `/${encodeURIComponent(number)}.rss`);
  } else {
    link.href = value
      ? `${link.dataset.all}?${new URLSearchParams({ [filter]: value })}`
      : link.dataset.all;
  }
}

form.addEventListener("input", lead);
form.addEventListener("change", (event) => {
  if (event.target.name === "apa") choose();
  lead();
});
drawing.addEventListener("click", (event) => {
  DO[event.target.closest("[data-draw]")?.dataset.draw]?.();
});
form.addEventListener("submit", async (event) => {
  const box = form.elements.perangkat;
  if (!box?.checked || !canPush() || form.dataset.ready) return;
  event.preventDefault();
  if (await turnOn()) {
    form.dataset.ready = "1";
    form.requestSubmit();
  } else {
    box.checked = false;
  }
});
choose();
document.getElementById("errors")?.focus();
