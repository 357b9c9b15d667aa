/** Numbers behind the heat: a grid of squares of fixed ground size, and a kernel in metres. Pure. */

/** Tiles of this zoom of the address have squares of about 300 m; the map's own zoom plays no part. */
export const ZOOM = 12;

/** Squares along the side of such a tile. */
export const SIDE = 32;

/** Standard deviation of the Gaussian kernel, on the ground. */
export const BANDWIDTH_M = 400;

const EARTH_M = 40_075_016.686;
const REACH = 3;

/**
 * The tiles over a box, with room for what the kernel carries out of it.
 * @param {[number, number, number, number]} box W, S, E, N in degrees.
 * @param {(lon: number, lat: number) => {x: number, y: number}} plane
 * @returns {{x: number, y: number, columns: number, rows: number}} First tile; how many of them.
 */
export function tilesOver([west, south, east, north], plane) {
  const scale = 2 ** ZOOM;
  const [first, last] = [plane(west, north), plane(east, south)];
  const [x, y] = [Math.floor(first.x * scale), Math.floor(first.y * scale)];
  return {
    x,
    y,
    columns: Math.floor(last.x * scale) - x + 1,
    rows: Math.floor(last.y * scale) - y + 1,
  };
}

/**
 * Put what a tile holds on the grid, points into the squares they lie in.
 * @param {Float32Array} grid Row by row.
 * @param {number} width Columns of the grid.
 * @param {import("./marks.js").Tile} tile
 * @param {{left: number, top: number, pixels: number}} at Where the tile begins on the grid; `pixels` is the side
 *   that the tile's points are measured by.
 */
export function place(grid, width, tile, { left, top, pixels }) {
  const add = (column, row, count) => {
    grid[(top + row) * width + left + column] += count;
  };
  if (tile.points) {
    const square = pixels / SIDE;
    for (const { x, y } of tile.points) add(Math.floor(x / square), Math.floor(y / square), 1);
    return;
  }
  for (const { column, row, count } of tile.cells) add(column, row, count);
}

/**
 * Side of a square of the grid on the ground.
 * @param {number} row Row of the tile, from the north.
 * @returns {number} Metres in the middle of that tile.
 */
export function squareM(row) {
  const middle = Math.PI * (1 - (2 * (row + 0.5)) / 2 ** ZOOM);
  return EARTH_M / Math.cosh(middle) / (2 ** ZOOM * SIDE);
}

/**
 * Spread counts by a Gaussian kernel, cut at three deviations; the sum stays, but for what leaves the grid.
 * @param {Float32Array} grid Row by row.
 * @param {number} columns
 * @param {number} rows
 * @param {number} deviation In squares.
 * @returns {Float32Array}
 * Source: B. W. Silverman, "Density Estimation for Statistics and Data Analysis", 1986, 4.2.
 */
export function spread(grid, columns, rows, deviation) {
  const kernel = gaussian(deviation);
  const across = sweep(grid, { lines: rows, length: columns, stride: columns, step: 1 }, kernel);
  return sweep(across, { lines: columns, length: rows, stride: 1, step: columns }, kernel);
}

function gaussian(deviation) {
  const reach = Math.ceil(REACH * deviation);
  const half = Array.from({ length: 2 * reach + 1 }, (_, at) =>
    Math.exp(-((at - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = half.reduce((total, weight) => total + weight, 0);
  return half.map((weight) => weight / sum);
}

function sweep(grid, { lines, length, stride, step }, kernel) {
  const found = new Float32Array(grid.length);
  const reach = (kernel.length - 1) / 2;
  for (let line = 0; line < lines; line += 1) {
    for (let from = 0; from < length; from += 1) {
      const count = grid[line * stride + from * step];
      if (!count) continue;
      const first = Math.max(0, from - reach);
      const last = Math.min(length - 1, from + reach);
      for (let to = first; to <= last; to += 1) {
        found[line * stride + to * step] += count * kernel[to - from + reach];
      }
    }
  }
  return found;
}

/**
 * Round up to one, two or five times a power of ten: the end of a scale that people can read.
 * @param {number} value Not negative.
 * @returns {number}
 */
export function nice(value) {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
}
