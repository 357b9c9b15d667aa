/** Names on the ground: of areas with their counts, of streets along their lines. None covers another or a mark. */

import { fill, number } from "../words.js";
import { DISTRICT, fit, NEIGHBOUR, VILLAGE } from "./world.js";

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
