/** Places on the plane of the tiles, 0 to 1 in both directions; shapes ready to be drawn. Pure. */

/** Depth of an area in the hierarchy, as `geodata.models.Level` numbers it. */

export const NEIGHBOUR = 0;
export const DISTRICT = 2;
export const VILLAGE = 3;

const KM_AROUND = 40_075.016686;

/**
 * Put a place on the plane.
 * @param {number} lon Degrees.
 * @param {number} lat Degrees.
 * @returns {{x: number, y: number}}
 */
export function plane(lon, lat) {
  const phi = (lat * Math.PI) / 180;
  return { x: (lon + 180) / 360, y: (1 - Math.asinh(Math.tan(phi)) / Math.PI) / 2 };
}

/**
 * Take a place from the plane.
 * @param {number} x
 * @param {number} y
 * @returns {[number, number]} Latitude and longitude, as Leaflet has them.
 */
export function place(x, y) {
  return [(Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI, x * 360 - 180];
}

/**
 * How many kilometres of ground the plane's whole width would be at a row.
 * @param {number} y Row on the plane, 0 to 1.
 * @returns {number}
 */
export function kmAcross(y) {
  const phi = Math.atan(Math.sinh(Math.PI * (1 - 2 * y)));
  return KM_AROUND * Math.cos(phi);
}

/**
 * Flatten the rings or lines of a GeoJSON geometry, projected once.
 * @param {{type: string, coordinates: any}} geometry Polygon, MultiPolygon, LineString or MultiLineString.
 * @returns {{paths: Float64Array[], box: [number, number, number, number]}} Box: west, north, east, south.
 */
export function shape({ type, coordinates }) {
  const depth = { LineString: 0, MultiLineString: 1, Polygon: 1, MultiPolygon: 2 }[type];
  const lines = depth === 0 ? [coordinates] : coordinates.flat(depth - 1);
  const paths = lines.map(project);
  return { paths, box: boxOf(paths) };
}

function project(line) {
  const path = new Float64Array(2 * line.length);
  line.forEach(([lon, lat], at) => {
    const { x, y } = plane(lon, lat);
    path[2 * at] = x;
    path[2 * at + 1] = y;
  });
  return path;
}

function boxOf(paths) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const path of paths) {
    for (let at = 0; at < path.length; at += 2) {
      box[0] = Math.min(box[0], path[at]);
      box[1] = Math.min(box[1], path[at + 1]);
      box[2] = Math.max(box[2], path[at]);
      box[3] = Math.max(box[3], path[at + 1]);
    }
  }
  return box;
}

/**
 * Tell whether a place lies in a shape (even-odd rule, so holes are outside).
 * @param {Float64Array[]} paths Closed rings.
 * @param {{x: number, y: number}} place On the plane.
 * @returns {boolean}
 */
export function covers(paths, { x, y }) {
  let inside = false;
  for (const path of paths) {
    for (let at = 0, before = path.length - 2; at < path.length; before = at, at += 2) {
      const crosses = path[at + 1] > y !== path[before + 1] > y;
      if (!crosses) continue;
      const share = (y - path[at + 1]) / (path[before + 1] - path[at + 1]);
      if (x < path[at] + share * (path[before] - path[at])) inside = !inside;
    }
  }
  return inside;
}

/**
 * Find where a word fits along a line: the straightest run that is long enough, nearest to the line's middle.
 * @param {number[]} line Pixels: x, y, x, y …
 * @param {number} length Of the word, in pixels.
 * @param {number} [bend] How much the run may turn, radians.
 * @returns {{x: number, y: number, angle: number} | null} Middle of the run; the angle never puts a word on its head.
 */
export function fit(line, length, bend = 0.45) {
  let best = null;
  const middle = line.length / 2;
  for (let from = 0; from < line.length - 2; from += 2) {
    const run = runFrom(line, from, length, bend);
    if (!run) continue;
    const away = Math.abs((run.from + run.to) / 2 - middle);
    if (!best || away < best.away) best = { ...run, away };
  }
  return best && { x: best.x, y: best.y, angle: best.angle };
}

function runFrom(line, from, length, bend) {
  const start = Math.atan2(line[from + 3] - line[from + 1], line[from + 2] - line[from]);
  for (let to = from + 2; to < line.length; to += 2) {
    const turn = Math.atan2(line[to + 1] - line[to - 1], line[to] - line[to - 2]) - start;
    if (Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn))) > bend) return null;
    const dx = line[to] - line[from];
    const dy = line[to + 1] - line[from + 1];
    if (Math.hypot(dx, dy) < length) continue;
    const angle = Math.atan(dy / (dx || 1e-9));
    return { from, to, x: line[from] + dx / 2, y: line[from + 1] + dy / 2, angle };
  }
  return null;
}
