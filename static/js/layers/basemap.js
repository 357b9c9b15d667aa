/** The basemap of one's own: its tiles, fetched as the view needs them, and how land, water and streets are painted. */

import { getJSON } from "../http.js";
import { plane } from "./world.js";

const MOST_KEPT = 64;
const MOST_AT_ONCE = 6;
const FILLED = ["land", "green", "water", "buildings"];
const LAYERS = [...FILLED, "streams", "roads"];
const NO_TILE = { empty: true };

/** Streets of a rank: how wide (pixels at zoom 16; doubled with each zoom, to a limit), and which colour. */
const ROADS = [
  { width: 13, colour: "map-road-main" },
  { width: 12, colour: "map-road-main" },
  { width: 10, colour: "map-road-main" },
  { width: 8, colour: "map-road" },
  { width: 5.6, colour: "map-road" },
  { width: 3.6, colour: "map-road" },
  { width: 1.4, colour: "map-path" },
];
const PATH_RANK = 6;
const STREAMS = [4.5, 2.6, 1.3];
const GROWTH = 1.62;
const MOST_PX = 34;
const CASED_ZOOM = 13.5;
const FAINT = 0.55;

/**
 * Keep the tiles of a basemap.
 * @param {{url: string, zooms: [number, number], box: number[]}} source Box (W, S, E, N, degrees): beyond it is nothing.
 * @param {() => void} onChange Something new can be painted.
 */
export function basemap({ url, zooms, box }, onChange) {
  const tiles = new Map();
  const [{ x: west, y: south }, { x: east, y: north }] = [
    plane(box[0], box[1]),
    plane(box[2], box[3]),
  ];
  const holds = ({ z, x, y }) =>
    x + 1 > west * 2 ** z && x < east * 2 ** z && y + 1 > north * 2 ** z && y < south * 2 ** z;
  let asked = 0;
  let waiting = [];

  const address = ({ z, x, y }) => url.replace("{z}", z).replace("{x}", x).replace("{y}", y);
  const next = () => {
    while (asked < MOST_AT_ONCE && waiting.length) fetchTile(waiting.shift());
  };
  const fetchTile = async (tile) => {
    const key = keyOf(tile);
    asked += 1;
    tiles.set(key, null);
    try {
      const data = await getJSON(address(tile));
      tiles.set(key, data ? unpack(data, tile) : NO_TILE);
      onChange();
    } catch {
      // Asked again with the next view; until then the coarser tile stays.
      tiles.delete(key);
    }
    asked -= 1;
    next();
  };
  const forget = () => {
    for (const key of tiles.keys()) {
      if (tiles.size <= MOST_KEPT) return;
      tiles.delete(key);
    }
  };
  /** What there is for a square: itself, or the nearest square around it that is here. */
  const best = (tile) => {
    for (let up = 0; up <= 4 && tile.z - up >= zooms[0]; up += 1) {
      const around = { z: tile.z - up, x: tile.x >> up, y: tile.y >> up };
      const found = tiles.get(keyOf(around));
      if (found) return found;
    }
    return null;
  };

  return {
    /** The tiles that cover a frame; what is missing is asked for. */
    seen(frame) {
      const inner = cover(shrunk(frame), zooms).filter(holds);
      waiting = inner.filter((tile) => !tiles.has(keyOf(tile)));
      for (const tile of inner) touch(tiles, keyOf(tile));
      forget();
      next();
      const found = new Set(cover(frame, zooms).map(best));
      return [...found].filter((tile) => tile && !tile.empty);
    },
  };
}

function keyOf({ z, x, y }) {
  return `${z}/${x}/${y}`;
}

/** Put a kept tile behind all others in the order of forgetting. */
function touch(tiles, key) {
  const found = tiles.get(key);
  if (!found) return;
  tiles.delete(key);
  tiles.set(key, found);
}

/** The part of a frame that is in view: the canvas is half as large again, and its rim may wait. */
function shrunk({ zoom, origin, size, scale }) {
  const rim = { x: size.x / 6, y: size.y / 6 };
  return {
    zoom,
    scale,
    origin: { x: origin.x + rim.x, y: origin.y + rim.y },
    size: { x: size.x - 2 * rim.x, y: size.y - 2 * rim.y },
  };
}

/**
 * The tiles that a frame needs, those in its middle first.
 * @param {{zoom: number, origin: {x: number, y: number}, size: {x: number, y: number}, scale: number}} frame
 * @param {[number, number]} zooms First and last zoom of the tiles.
 * @returns {{z: number, x: number, y: number}[]}
 */
export function cover({ zoom, origin, size, scale }, [first, last]) {
  const z = Math.min(last, Math.max(first, Math.round(zoom) - 1));
  const side = scale / 2 ** z;
  const middle = {
    x: (origin.x + size.x / 2) / side - 0.5,
    y: (origin.y + size.y / 2) / side - 0.5,
  };
  const found = [];
  for (let x = Math.floor(origin.x / side); x * side < origin.x + size.x; x += 1) {
    for (let y = Math.floor(origin.y / side); y * side < origin.y + size.y; y += 1) {
      if (x >= 0 && y >= 0 && x < 2 ** z && y < 2 ** z) found.push({ z, x, y });
    }
  }
  const away = ({ x, y }) => Math.hypot(x - middle.x, y - middle.y);
  return found.sort((one, two) => away(one) - away(two));
}

/**
 * Undo the server's packing: steps become corners on the plane of the tiles, 0 to 1.
 * @param {any} data As the server wrote it.
 * @param {{z: number, x: number, y: number}} tile
 */
export function unpack(data, { z, x, y }) {
  const side = 2 ** -z;
  const unit = side / data.extent;
  const name = (at) => short(data.names[at] ?? "");
  const found = { z };
  for (const layer of LAYERS) {
    found[layer] = (data[layer] ?? [])
      .map(([rank, named, ...paths]) => ({
        rank,
        name: name(named),
        paths: paths.map((path) => walk(path, x * side, y * side, unit)),
      }))
      .reverse();
  }
  found.labels = (data.labels ?? []).map(([rank, named, across, down]) => ({
    rank,
    name: name(named),
    x: x * side + across * unit,
    y: y * side + down * unit,
  }));
  return found;
}

/** Maps write streets short. */
function short(name) {
  return name.replace(/^(jalan|jln\.?|jl\.?) +/i, "Jl. ").replace(/\b(gang|gg\.?) +/gi, "Gg. ");
}

function walk(steps, west, north, unit) {
  const path = new Float64Array(steps.length);
  let x = 0;
  let y = 0;
  for (let at = 0; at < steps.length; at += 2) {
    x += steps[at];
    y += steps[at + 1];
    path[at] = west + x * unit;
    path[at + 1] = north + y * unit;
  }
  return path;
}

/** Paint all but the names. Every layer of all tiles before the next layer, so that no seam shows. */
export function* paintBasemap(pen, frame, tiles, colours) {
  for (const layer of FILLED) {
    pen.fillStyle = colours.of(`map-${layer}`);
    for (const tile of tiles) {
      for (const { paths } of tile[layer]) {
        trace(pen, paths, frame);
        pen.fill("evenodd");
        yield;
      }
    }
  }
  pen.lineJoin = pen.lineCap = "round";
  const grown = GROWTH ** (frame.zoom - 16);
  pen.strokeStyle = colours.of("map-water");
  for (const stream of all(tiles, "streams")) {
    pen.lineWidth = Math.max(1, STREAMS[stream.rank] * grown);
    trace(pen, stream.paths, frame);
    pen.stroke();
    yield;
  }
  yield* paintStreets(pen, frame, all(tiles, "roads"), { colours, grown });
}

function* paintStreets(pen, frame, streets, { colours, grown }) {
  const cased = frame.zoom >= CASED_ZOOM;
  const ranked = ROADS.map((_look, rank) => streets.filter((street) => street.rank === rank));
  const width = (rank) =>
    Math.min(MOST_PX, Math.max(rank < 3 ? 1.6 : 0.8, ROADS[rank].width * grown));
  const draw = function* (rank, colour, more) {
    pen.strokeStyle = colours.of(colour);
    pen.lineWidth = width(rank) + more;
    for (const { paths } of ranked[rank]) {
      trace(pen, paths, frame);
      pen.stroke();
      yield;
    }
  };
  pen.setLineDash([3, 4]);
  yield* draw(PATH_RANK, ROADS[PATH_RANK].colour, 0);
  pen.setLineDash([]);
  // All edges first, so that crossings stay open; the main streets last, so that they run through.
  for (let rank = PATH_RANK - 1; rank >= 0; rank -= 1) {
    if (cased || rank < 3) {
      yield* draw(rank, `${ROADS[rank].colour}-edge`, cased ? 1.6 : 1.2);
    }
  }
  for (let rank = PATH_RANK - 1; rank >= 0; rank -= 1) {
    // From afar small streets are a texture, not lines.
    pen.globalAlpha = cased || rank < 4 ? 1 : FAINT;
    yield* draw(rank, cased || rank < 3 ? ROADS[rank].colour : `${ROADS[rank].colour}-edge`, 0);
  }
}

/** Things of one layer of all tiles. */
export function all(tiles, layer) {
  return tiles.flatMap((tile) => tile[layer]);
}

function trace(pen, paths, { origin, scale }) {
  pen.beginPath();
  for (const path of paths) {
    pen.moveTo(path[0] * scale - origin.x, path[1] * scale - origin.y);
    for (let at = 2; at < path.length; at += 2) {
      pen.lineTo(path[at] * scale - origin.x, path[at + 1] * scale - origin.y);
    }
  }
}
