/** Names on the basemap of one's own: streets and waters along their lines, places beside a dot. */

import { all } from "./basemap.js";
import { overlaps, word } from "./land.js";

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
/** A name follows its line in steps of so many pixels, and bends no more than this (radians) at one and in all. */
const STEP_PX = 9;
const MOST_TURN = 0.5;
const MOST_BEND = 1.5;
/** Names begin at places so far apart along a line, pixels. */
const SHIFT_PX = 24;
const HALF_PX = 8;

/** Names that cover no other and no mark, the most important first. */
export function* paintBasemapNames(pen, frame, tiles, colours, taken) {
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
    yield;
  }
  yield* paintPlaces(pen, frame, tiles, { colours, taken, face });
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
    const inner = pixels(path, origin, scale);
    for (const way of ways(inner, width + ROOM_PX)) {
      if (written.length === most) break;
      const { x, y } = way[way.length >> 1];
      if (x < 0 || y < 0 || x > size.x || y > size.y) continue;
      if (written.some((one) => Math.hypot(one.x - x, one.y - y) < AGAIN_PX)) continue;
      if (follow(pen, line, way, { colours, taken })) written.push({ x, y });
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
 * Find where a name fits along a line, bending with it: the middle of the line first.
 * @param {number[]} line Pixels: x, y, x, y …
 * @param {number} length Of the name with its room, pixels.
 * @returns {{x: number, y: number}[][]} Ways in even steps from the name's first letter to its last; none on its head.
 */
export function ways(line, length) {
  const steps = evenly(line);
  const needed = Math.ceil(length / STEP_PX);
  const middle = (steps.length - needed) / 2;
  const found = [];
  for (let from = 0; from + needed < steps.length; from += Math.round(SHIFT_PX / STEP_PX)) {
    const way = steps.slice(from, from + needed + 1);
    if (!isBent(way)) found.push({ way, away: Math.abs(from - middle) });
  }
  found.sort((one, two) => one.away - two.away);
  return found.map(({ way }) => (way[0].x <= way.at(-1).x ? way : way.reverse()));
}

/** Walk a line in even steps. */
function evenly(line) {
  const found = [{ x: line[0], y: line[1] }];
  let over = STEP_PX;
  for (let at = 2; at < line.length; at += 2) {
    const dx = line[at] - line[at - 2];
    const dy = line[at + 1] - line[at - 1];
    const length = Math.hypot(dx, dy);
    for (; over <= length; over += STEP_PX) {
      const share = over / length;
      found.push({ x: line[at - 2] + dx * share, y: line[at - 1] + dy * share });
    }
    over -= length;
  }
  return found;
}

function isBent(way) {
  const first = heading(way, 0);
  for (let at = 1; at < way.length - 1; at += 1) {
    if (turn(heading(way, at - 1), heading(way, at)) > MOST_TURN) return true;
    if (turn(first, heading(way, at)) > MOST_BEND) return true;
  }
  return false;
}

function heading(way, at) {
  return Math.atan2(way[at + 1].y - way[at].y, way[at + 1].x - way[at].x);
}

function turn(one, other) {
  const angle = Math.abs(one - other) % (2 * Math.PI);
  return Math.min(angle, 2 * Math.PI - angle);
}

/** Write a name along a way, letter by letter, unless its place is taken; tells whether it was written. */
function follow(pen, { name, colour }, way, { colours, taken }) {
  const boxes = way.map(({ x, y }) => [x - HALF_PX, y - HALF_PX, x + HALF_PX, y + HALF_PX]);
  if (boxes.some((box) => overlaps(box, taken))) return false;
  taken.push(...boxes);
  const letters = [...name].map((letter, at, all) => {
    const before = pen.measureText(all.slice(0, at).join("")).width;
    const middle = ROOM_PX / 2 + before + pen.measureText(letter).width / 2;
    return { letter, ...spotAt(way, middle) };
  });
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineWidth = 3.5;
  pen.strokeStyle = colours.of("map-halo");
  pen.fillStyle = colours.of(colour ?? "map-label");
  // The halo of a letter must not lie on the letter before it.
  for (const act of ["strokeText", "fillText"]) {
    for (const { letter, x, y, angle } of letters) {
      pen.save();
      pen.translate(x, y);
      pen.rotate(angle);
      pen[act](letter, 0, 0);
      pen.restore();
    }
  }
  return true;
}

/** The place and direction so many pixels along a way; the direction is taken over three steps, so that letters stand calm. */
function spotAt(way, along) {
  const at = Math.min(way.length - 2, Math.floor(along / STEP_PX));
  const share = along / STEP_PX - at;
  const one = way[at];
  const two = way[at + 1];
  const before = way[Math.max(0, at - 1)];
  const after = way[Math.min(way.length - 1, at + 2)];
  return {
    x: one.x + (two.x - one.x) * share,
    y: one.y + (two.y - one.y) * share,
    angle: Math.atan2(after.y - before.y, after.x - before.x),
  };
}

function pixels(path, origin, scale) {
  const line = new Array(path.length);
  for (let at = 0; at < path.length; at += 2) {
    line[at] = path[at] * scale - origin.x;
    line[at + 1] = path[at + 1] * scale - origin.y;
  }
  return line;
}

function* paintPlaces(pen, { origin, scale, zoom }, tiles, { colours, taken, face }) {
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
    yield;
  }
}
