/** Names on the basemap of one's own: streets and waters along their lines, places beside a dot. */

import { all } from "./basemap.js";
import { along, overlaps, visible, word } from "./names.js";

/** From which zoom of the map the names of a rank are written, and how. */
const STREETS = [
  { zoom: 13, font: "600 12.5px" },
  { zoom: 13, font: "600 12.5px" },
  { zoom: 13.5, font: "600 12px" },
  { zoom: 14.5, font: "500 12px" },
  { zoom: 15.5, font: "500 11.5px" },
  { zoom: 16.5, font: "500 11.5px" },
  { zoom: 17, font: "500 11px" },
];
const WATERS = [
  { zoom: 13, font: "italic 500 12.5px" },
  { zoom: 15, font: "italic 500 12px" },
  { zoom: 16, font: "italic 500 11.5px" },
];
const PLACE_ZOOMS = [15, 16, 17];
const PLACE_FONT = "500 11.5px";
/** A main street is named again after so many pixels. */
const AGAIN_PX = 620;
const MAIN_RANK = 2;
const ROOM_PX = 10;
const MOST_NAMES = 90;
/** How far a line may leave a straight name, pixels: less than half of its letters. */
const SLACK_PX = 5;

/** Names that cover no other and no mark, the most important first. */
export function paintBasemapNames(pen, frame, tiles, colours, taken) {
  const face = colours.of("font");
  let left = MOST_NAMES;
  const lines = [
    ...named(all(tiles, "roads"), STREETS, frame.zoom),
    ...named(all(tiles, "streams"), WATERS, frame.zoom, "map-water-label"),
  ].sort((one, two) => one.rank - two.rank);
  for (const line of lines) {
    if (!left) return;
    pen.font = `${line.font} ${face}`;
    const width = pen.measureText(line.name).width;
    left -= write(pen, frame, line, { width, colours, taken, left });
  }
  paintPlaces(pen, frame, tiles, { colours, taken, face });
}

/** Gather the lines of each name that this zoom writes. */
function named(lines, looks, zoom, colour) {
  const found = new Map();
  for (const { name, rank, paths } of lines) {
    if (!name || zoom < looks[rank].zoom) continue;
    const one = found.get(name) ?? { name, rank, paths: [], colour, ...looks[rank] };
    one.paths.push(...paths);
    found.set(name, one);
  }
  return [...found.values()];
}

/** Write a line's name once, a long main street's again further on; tells how often. */
function write(pen, { origin, size, scale }, line, { width, colours, taken, left }) {
  const written = [];
  const most = Math.min(left, line.rank <= MAIN_RANK ? 3 : 1);
  const needed = (width + ROOM_PX) / scale;
  for (const path of line.paths) {
    if (written.length === most) break;
    if (!isLong(path, needed)) continue;
    for (const spot of spots(visible(pixels(path, origin, scale), size), width + ROOM_PX)) {
      if (written.length === most) break;
      if (written.some(({ x, y }) => Math.hypot(x - spot.x, y - spot.y) < AGAIN_PX)) continue;
      const { colour } = line;
      if (along(pen, line.name, spot, { width, colours, colour, taken })) written.push(spot);
    }
  }
  return written.length;
}

/** Whether a path is at least so long from end to end along its way. */
function isLong(path, needed) {
  let length = 0;
  for (let at = 2; at < path.length; at += 2) {
    length += Math.hypot(path[at] - path[at - 2], path[at + 1] - path[at - 1]);
    if (length >= needed) return true;
  }
  return false;
}

/**
 * Find where a straight name fits along a line: runs that keep close to their chord, the middle ones first.
 * @param {number[]} line Pixels: x, y, x, y …
 * @param {number} length Of the name with its room, pixels.
 * @returns {{x: number, y: number, angle: number}[]} Middles of runs; no angle puts a name on its head.
 */
export function spots(line, length) {
  const found = [];
  for (let from = 0; from < line.length - 2; from += 2) {
    const to = reach(line, from, length);
    if (to < 0) break;
    const dx = line[to] - line[from];
    const dy = line[to + 1] - line[from + 1];
    if (leaves(line, from, to, dx, dy)) continue;
    const angle = Math.atan(dy / (dx || 1e-9));
    const away = Math.abs((from + to) / 2 - line.length / 2);
    found.push({ x: line[from] + dx / 2, y: line[from + 1] + dy / 2, angle, away });
  }
  return found.sort((one, two) => one.away - two.away);
}

/** The first corner that is so far from another as the crow flies; -1 where there is none. */
function reach(line, from, length) {
  for (let to = from + 2; to < line.length; to += 2) {
    if (Math.hypot(line[to] - line[from], line[to + 1] - line[from + 1]) >= length) return to;
  }
  return -1;
}

/** Whether a run leaves its chord (dx, dy) by more than a name can bear. */
function leaves(line, from, to, dx, dy) {
  const chord = Math.hypot(dx, dy);
  for (let at = from + 2; at < to; at += 2) {
    const off = dx * (line[at + 1] - line[from + 1]) - dy * (line[at] - line[from]);
    if (Math.abs(off) > SLACK_PX * chord) return true;
  }
  return false;
}

function pixels(path, origin, scale) {
  const line = new Array(path.length);
  for (let at = 0; at < path.length; at += 2) {
    line[at] = path[at] * scale - origin.x;
    line[at + 1] = path[at + 1] * scale - origin.y;
  }
  return line;
}

function paintPlaces(pen, { origin, scale, zoom }, tiles, { colours, taken, face }) {
  pen.font = `${PLACE_FONT} ${face}`;
  const seen = new Set();
  for (const place of all(tiles, "labels")) {
    if (zoom < PLACE_ZOOMS[place.rank] || seen.has(place.name)) continue;
    const x = place.x * scale - origin.x;
    const y = place.y * scale - origin.y;
    const half = pen.measureText(place.name).width / 2 + 3;
    const box = [x - half, y - 4, x + half, y + 18];
    if (overlaps(box, taken)) continue;
    seen.add(place.name);
    taken.push(box);
    pen.fillStyle = colours.of("map-label");
    pen.beginPath();
    pen.arc(x, y, 2.2, 0, 2 * Math.PI);
    pen.fill();
    word(pen, place.name, x, y + 10, colours);
  }
}
