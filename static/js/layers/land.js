/**
 * How land, borders and streets are painted. Every function takes the pen, the frame, what to paint, and colours; those
 * that paint many things rest after each, so that a slow phone can do something else in between.
 */

import { DISTRICT, NEIGHBOUR, plane, VILLAGE } from "./world.js";

const WIDTHS = { neighbourhood: 0.5, city: 0.8, province: 1.2, national: 1.35, toll: 1.35 };
const MAIN_RANK = 2;
const VILLAGE_ZOOM = 12;

/** Thin lines of longitude and latitude behind everything, as on a printed sheet. */
export function paintGraticule(pen, { origin, size, scale, zoom }, colours) {
  const step = zoom < 12 ? 0.1 : zoom < 14 ? 0.05 : zoom < 16 ? 0.01 : 0.002;
  const west = Math.floor(((origin.x / scale) * 360 - 180) / step);
  const east = ((origin.x + size.x) / scale) * 360 - 180;
  pen.strokeStyle = colours.of("map-grid");
  pen.lineWidth = 1;
  pen.beginPath();
  for (let lon = west; lon * step < east; lon += 1) {
    const x = Math.round(plane(lon * step, 0).x * scale - origin.x) + 0.5;
    pen.moveTo(x, 0);
    pen.lineTo(x, size.y);
  }
  const lat = (y) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / scale))) * 180) / Math.PI;
  const south = lat(origin.y + size.y);
  for (let at = Math.ceil(lat(origin.y) / step); at * step > south; at -= 1) {
    const y = Math.round(plane(0, at * step).y * scale - origin.y) + 0.5;
    pen.moveTo(0, y);
    pen.lineTo(size.x, y);
  }
  pen.stroke();
}

/** Neighbours, villages; or, from afar, the districts shaded by their issues per square kilometre. */
export function* paintLand(pen, frame, places, { colours, counts, shaded }) {
  const level = shaded ? DISTRICT : VILLAGE;
  const most = shaded ? mostDense(places, counts) : 0;
  for (const place of places) {
    if (place.level === NEIGHBOUR) pen.fillStyle = colours.of("map-beyond");
    else if (place.level === level) pen.fillStyle = colours.of(shade(place, counts, most));
    else continue;
    trace(pen, place.paths, frame);
    pen.fill("evenodd");
    yield;
  }
}

/**
 * Issues per square kilometre in the fullest district.
 * @param {{code: string, level: number, km2: number}[]} places
 * @param {Map<string, {count: number}>} counts
 * @returns {number}
 */
export function mostDense(places, counts) {
  const districts = places.filter(({ level }) => level === DISTRICT);
  return Math.max(0, ...districts.map((place) => density(place, counts)));
}

function density({ code, km2 }, counts) {
  return (counts.get(code)?.count ?? 0) / km2;
}

function shade(place, counts, most) {
  const share = most ? density(place, counts) / most : 0;
  return share ? `heat-${Math.min(5, Math.ceil(5 * share))}` : "map-land";
}

/** Districts by a line, villages by dots. */
export function* paintBorders(pen, frame, places, colours) {
  const line = function* (level, colour, width, dash) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.setLineDash(dash);
    for (const place of places) {
      if (place.level !== level) continue;
      trace(pen, place.paths, frame);
      pen.stroke();
      yield;
    }
    pen.setLineDash([]);
  };
  if (frame.zoom >= VILLAGE_ZOOM) yield* line(VILLAGE, colours.of("map-border"), 1.2, [1, 4]);
  yield* line(DISTRICT, colours.of("map-district"), 1.5, []);
}

/** Streets by class: all edges first, so that crossings stay open. */
export function* paintRoads(pen, frame, roads, colours) {
  const base = Math.max(1, 2 ** (frame.zoom - 14) * 3.2);
  const shown = roads.filter(({ rank }) => rank >= MAIN_RANK || frame.zoom >= VILLAGE_ZOOM);
  for (const edge of [true, false]) {
    for (const road of shown) {
      const name = road.rank >= MAIN_RANK ? "map-road-main" : "map-road";
      pen.strokeStyle = colours.of(edge ? `${name}-edge` : name);
      pen.lineWidth = Math.min(22, base * (WIDTHS[road.road_class] ?? 1)) + (edge ? 1.6 : 0);
      trace(pen, road.paths, frame);
      pen.stroke();
      yield;
    }
  }
}

function trace(pen, paths, { origin, scale }) {
  pen.beginPath();
  for (const path of paths) {
    for (let at = 0; at < path.length; at += 2) {
      const x = path[at] * scale - origin.x;
      const y = path[at + 1] * scale - origin.y;
      if (at) pen.lineTo(x, y);
      else pen.moveTo(x, y);
    }
  }
}
