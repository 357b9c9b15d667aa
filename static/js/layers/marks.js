/** From the bytes of a tile to the marks on it: single issues and clusters. Pure; positions are pixels in the tile. */

/** Side of a tile on the screen. */
export const TILE = 512;

/** Clusters are merged on 8 x 8 cells of 64 px. */
export const GROUPS = 8;

/** Up to this zoom of the map whole districts are shaded; no tile is asked for. */
export const DISTRICTS_ZOOM = 11;

/** From this zoom of the map on, every issue stands alone. */
export const SINGLE_ZOOM = 17;

const EXTENT = 4096;
const LAYERS = 5;
const CODES = 2 * LAYERS;
const OPEN_LAYERS = 3;
const FAN_RADIUS = 15;

/**
 * One thing on the map: an issue (with `number`) or several.
 * @typedef {object} Mark
 * @property {string} id Stable while the tile's content is.
 * @property {number} x
 * @property {number} y
 * @property {number} count
 * @property {number} open
 * @property {number[]} layers Count of each public layer, in their order.
 * @property {number} overdue
 * @property {string} [number] Of a single issue.
 * @property {number} [category] Id of its kind.
 */

/**
 * A tile as sent, unpacked.
 * @typedef {object} Tile
 * @property {number} n
 * @property {{number: string, layer: number, category: number, overdue: boolean, x: number, y: number}[] | null} points
 * @property {number} side
 * @property {{column: number, row: number, count: number}[]} cells
 * @property {{column: number, row: number, layer: number, overdue: boolean, count: number}[]} groups
 */

/**
 * Unpack the flat arrays of a tile; `geodata.tiles.encode` describes them.
 * @param {any} body What the server sent; null for an empty tile.
 * @returns {Tile}
 */
export function decode(body) {
  if (!body) return { n: 0, points: null, side: 32, cells: [], groups: [] };
  const side = body.side ?? 32;
  const across = Math.min(side, GROUPS);
  return {
    n: body.n,
    points: body.points ? [...points(body)] : null,
    side,
    cells: [...runs(body.cells ?? [])].map(([at, count]) => ({ ...place(at, side), count })),
    groups: [...runs(body.groups ?? [])].map(([at, count]) => ({
      ...place(Math.floor(at / CODES), across),
      ...said(at % CODES),
      count,
    })),
  };
}

/** Each issue's number is how its series begins, and as many digits as the series has. */
function* points({ series, points: flat }) {
  const begins = series.flatMap(([begin, digits, count]) => new Array(count).fill([begin, digits]));
  for (const [at, [rest, code, category, x, y]] of chunks(flat, 5).entries()) {
    const [begin, digits] = begins[at];
    const number = begin + (digits ? String(rest).padStart(digits, "0") : "");
    const where = { x: ((x + 0.5) * TILE) / EXTENT, y: ((y + 0.5) * TILE) / EXTENT };
    yield { number, category, ...said(code), ...where };
  }
}

/** Counts with their places; a negative number stands for so many zeros. */
function* runs(flat) {
  let at = 0;
  for (const number of flat) {
    if (number < 0) at -= number;
    else yield [at++, number];
  }
}

/** Take layer and overdue out of their common code. */
function said(code) {
  return { layer: code >> 1, overdue: code % 2 === 1 };
}

function chunks(flat, size) {
  const found = [];
  for (let at = 0; at < flat.length; at += size) found.push(flat.slice(at, at + size));
  return found;
}

function place(at, side) {
  return { column: at % side, row: Math.floor(at / side) };
}

/**
 * Say what stands on a tile at a zoom: clusters, and issues that stand alone.
 * @param {Tile} tile
 * @param {number} zoom Zoom of the map.
 * @returns {Mark[]}
 */
export function marks(tile, zoom) {
  if (tile.points) {
    return zoom >= SINGLE_ZOOM ? fanned(tile.points.map(single)) : merged(tile.points);
  }
  return clustered(tile);
}

/**
 * How large a mark is drawn, by the logarithm of what it holds.
 * @param {Mark} mark
 * @returns {number} Pixels.
 */
export function radius(mark) {
  if (mark.count === 1) return 9;
  return Math.min(27, 10 + 2.5 * Math.log(mark.count));
}

/**
 * The room that a mark takes: west, north, east, south, in its own pixels.
 * @param {Mark} mark
 * @returns {[number, number, number, number]}
 */
export function boxOf(mark) {
  const reach = radius(mark) + 3;
  return [mark.x - reach, mark.y - reach, mark.x + reach, mark.y + reach];
}

function single({ number, layer, category, overdue, x, y }) {
  const mark = empty(number, x, y);
  add(mark, layer, overdue, 1);
  return { ...mark, number, category };
}

function empty(id, x, y) {
  return { id, x, y, count: 0, open: 0, layers: new Array(LAYERS).fill(0), overdue: 0 };
}

function add(mark, layer, overdue, count) {
  mark.count += count;
  mark.layers[layer] += count;
  if (layer < OPEN_LAYERS) mark.open += count;
  if (overdue) mark.overdue += count;
}

/** Issues at the very same place would hide each other: they stand around it. */
function fanned(found) {
  const byPlace = groupBy(found, ({ x, y }) => `${x}/${y}`);
  return [...byPlace.values()].flatMap((together) =>
    together.length === 1 ? together : together.map((mark, at) => fan(mark, at, together.length)),
  );
}

function fan(mark, at, count) {
  const angle = (2 * Math.PI * at) / count - Math.PI / 2;
  const reach = Math.max(FAN_RADIUS, (count * 24) / (2 * Math.PI));
  return { ...mark, x: mark.x + reach * Math.cos(angle), y: mark.y + reach * Math.sin(angle) };
}

function merged(found) {
  const size = TILE / GROUPS;
  const cells = groupBy(found, ({ x, y }) => Math.floor(y / size) * GROUPS + Math.floor(x / size));
  return [...cells].map(([cell, together]) => {
    if (together.length === 1) return single(together[0]);
    const mark = empty(`${cell}`, mean(together, "x"), mean(together, "y"));
    for (const { layer, overdue } of together) add(mark, layer, overdue, 1);
    return kept(mark, place(cell, GROUPS));
  });
}

function clustered(tile) {
  const across = Math.min(tile.side, GROUPS);
  const found = new Map();
  for (const { column, row, layer, overdue, count } of tile.groups) {
    const cell = row * across + column;
    if (!found.has(cell)) found.set(cell, empty(`${cell}`, 0, 0));
    add(found.get(cell), layer, overdue, count);
  }
  const size = TILE / tile.side;
  const shrink = tile.side / across;
  for (const { column, row, count } of tile.cells) {
    const mark = found.get(Math.floor(row / shrink) * across + Math.floor(column / shrink));
    mark.x += ((column + 0.5) * size * count) / mark.count;
    mark.y += ((row + 0.5) * size * count) / mark.count;
  }
  return [...found].map(([cell, mark]) => kept(mark, place(cell, across), TILE / across));
}

/** Keep a cluster's circle near its cell, so that neighbours stay apart and no tile's edge cuts it. */
function kept(mark, { column, row }, size = TILE / GROUPS) {
  const inset = Math.min(size / 2, radius(mark) + 1);
  const hold = (value, at) =>
    Math.min(at * size + size - inset, Math.max(at * size + inset, value));
  return { ...mark, x: hold(mark.x, column), y: hold(mark.y, row) };
}

function mean(list, name) {
  return list.reduce((sum, one) => sum + one[name], 0) / list.length;
}

function groupBy(list, key) {
  const found = new Map();
  for (const one of list) {
    const name = key(one);
    if (found.has(name)) found.get(name).push(one);
    else found.set(name, [one]);
  }
  return found;
}
