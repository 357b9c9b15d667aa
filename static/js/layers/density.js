/** Numbers behind the heat. Pure. */

/**
 * Spread counts over their surroundings: three box blurs, which come close to a Gaussian. The sum stays.
 * @param {Float32Array} grid Row by row.
 * @param {number} columns
 * @param {number} rows
 * @param {number} reach Half the width of a box, in cells.
 * @returns {Float32Array}
 * Source: W. M. Wells, "Efficient synthesis of Gaussian filters by cascaded uniform filters", 1986.
 */
export function blur(grid, columns, rows, reach) {
  let now = grid;
  for (let pass = 0; pass < 3; pass += 1) {
    now = sweep(now, rows, columns, columns, 1, reach);
    now = sweep(now, columns, rows, 1, columns, reach);
  }
  return now;
}

function sweep(grid, lines, length, lineStep, step, reach) {
  const found = new Float32Array(grid.length);
  const width = 2 * reach + 1;
  for (let line = 0; line < lines; line += 1) {
    const start = line * lineStep;
    let sum = 0;
    for (let at = -reach; at < length; at += 1) {
      const enters = at + reach;
      const leaves = at - reach - 1;
      if (enters < length) sum += grid[start + enters * step];
      if (leaves >= 0) sum -= grid[start + leaves * step];
      if (at >= 0) found[start + at * step] = Math.max(0, sum) / width;
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

/**
 * Order areas by issues per square kilometre, the densest first.
 * @param {{code: string, name: string, km2: number}[]} areas
 * @param {Map<string, {count: number}>} counts By code.
 * @param {number} most
 * @returns {{code: string, name: string, count: number, density: number}[]} Without empty areas.
 */
export function densest(areas, counts, most) {
  return areas
    .map(({ code, name, km2 }) => {
      const count = counts.get(code)?.count ?? 0;
      return { code, name, count, density: count / km2 };
    })
    .filter(({ count }) => count)
    .sort((one, two) => two.density - one.density || one.name.localeCompare(two.name))
    .slice(0, most);
}
