/**
 * How land, borders, streets and their names are painted; no name covers another or a mark. Every function takes the pen, the frame, what to paint, and colours; those
 * that paint many things rest after each, so that a slow phone can do something else in between.
 */

import { fill, number } from "../words.js";
import { DISTRICT, fit, NEIGHBOUR, plane, VILLAGE } from "./world.js";

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

const VILLAGE_NAMES_ZOOM = 13;
const ROAD_NAMES_ZOOM = 14;
const PIECE_PX = 40;
const MOST_PIECES = 400;
const LINE_PX = 17;
const AWAY = [0, -18, 18, -34, 34, -50, 50];

/** Names of areas, each at the nearest free spot; with its count where there is room for two lines. */
export function* paintPlaceNames(pen, frame, places, { colours, counts, words }, taken) {
  const level = frame.zoom < VILLAGE_NAMES_ZOOM ? DISTRICT : VILLAGE;
  for (const place of places) {
    if (place.level !== level && place.level !== NEIGHBOUR) continue;
    const held = place.level === NEIGHBOUR ? undefined : counts.get(place.code)?.count;
    const lines = [{ text: place.name, font: `650 14px ${colours.of("font")}` }];
    if (held !== undefined) {
      const text = fill(words.reports, { n: number(held) });
      lines.push({ text, font: `500 12px ${colours.of("font")}` });
    }
    const x = place.spot.x * frame.scale - frame.origin.x;
    const y = place.spot.y * frame.scale - frame.origin.y;
    paintLines(pen, lines, x, y, colours, taken);
    yield;
  }
}

function paintLines(pen, lines, x, y, colours, taken) {
  const width = Math.max(...lines.map((line) => measure(pen, line)));
  for (const shown of lines.length > 1 ? [lines, lines.slice(0, 1)] : [lines]) {
    const half = (shown.length * LINE_PX) / 2;
    for (const away of AWAY) {
      const box = [x - width / 2 - 2, y + away - half, x + width / 2 + 2, y + away + half];
      if (overlaps(box, taken)) continue;
      taken.push(box);
      shown.forEach(({ text, font }, at) => {
        pen.font = font;
        word(pen, text, x, box[1] + (at + 0.5) * LINE_PX, colours);
      });
      return;
    }
  }
}

function measure(pen, { text, font }) {
  pen.font = font;
  return pen.measureText(text).width;
}

/** Names of streets along their lines, each once, the main streets first. */
export function* paintRoadNames(pen, frame, roads, colours, taken) {
  if (frame.zoom < ROAD_NAMES_ZOOM) return;
  pen.font = `500 12px ${colours.of("font")}`;
  const font = pen.font;
  const named = new Set();
  for (const road of [...roads].reverse()) {
    if (!road.name || named.has(road.name)) continue;
    yield;
    pen.font = font;
    const width = pen.measureText(road.name).width;
    const spot = spotOnRoad(road, width + 12, frame);
    if (!spot) continue;
    if (along(pen, road.name, spot, { width, colours, taken })) named.add(road.name);
  }
}

/** Write a word along a line unless its place is taken; tells whether it was written. */
function along(pen, text, { x, y, angle }, { width, colours, colour, taken }) {
  const half = width / 2 + 4;
  const wide = Math.abs(Math.cos(angle)) * half + 6;
  const tall = Math.abs(Math.sin(angle)) * half + 6;
  const box = [x - wide, y - tall, x + wide, y + tall];
  if (overlaps(box, taken)) return false;
  taken.push(box);
  pen.save();
  pen.translate(x, y);
  pen.rotate(angle);
  word(pen, text, 0, 0, colours, colour);
  pen.restore();
  return true;
}

function spotOnRoad(road, length, { origin, size, scale }) {
  for (const path of road.paths) {
    const line = [];
    for (let at = 0; at < path.length; at += 2) {
      line.push(path[at] * scale - origin.x, path[at + 1] * scale - origin.y);
    }
    const spot = fit(visible(line, size), length);
    if (spot) return spot;
  }
  return null;
}

/** Cut a line to the view, in pieces short enough for a word to find its place. */
function visible(line, size) {
  const kept = [];
  for (let at = 0; at < line.length - 2; at += 2) {
    const [x0, y0, x1, y1] = line.slice(at, at + 4);
    const pieces = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / PIECE_PX));
    if (pieces > MOST_PIECES) continue;
    // The first corner of a piece is the last one of the piece before: twice, it would be a bend.
    const joined = kept.at(-2) === x0 && kept.at(-1) === y0;
    for (let piece = joined ? 1 : 0; piece <= pieces; piece += 1) {
      const x = x0 + ((x1 - x0) * piece) / pieces;
      const y = y0 + ((y1 - y0) * piece) / pieces;
      if (x > 0 && y > 0 && x < size.x && y < size.y) kept.push(x, y);
    }
  }
  return kept;
}

/** Write a word with a halo in the colour of the land, so that no line runs through it. */
export function word(pen, text, x, y, colours, colour = "map-label") {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineWidth = 3.5;
  pen.strokeStyle = colours.of("map-halo");
  pen.strokeText(text, x, y);
  pen.fillStyle = colours.of(colour);
  pen.fillText(text, x, y);
}

export function overlaps([west, north, east, south], taken) {
  return taken.some(
    (other) => west < other[2] && east > other[0] && north < other[3] && south > other[1],
  );
}
