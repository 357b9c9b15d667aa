import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BANDWIDTH_M,
  nice,
  place,
  SIDE,
  spread,
  squareM,
  tilesOver,
  ZOOM,
} from "../../static/js/layers/density.js";
import { plane } from "../../static/js/layers/world.js";

const CITY = [115.17, -8.75, 115.28, -8.59];
const sum = (grid) => grid.reduce((total, value) => total + value, 0);
const grid = (columns, rows, at) => {
  const made = new Float32Array(columns * rows);
  for (const [column, row, count] of at) made[row * columns + column] = count;
  return made;
};

test("the tiles of the heat cover the city, whatever the map looks at", () => {
  const { x, y, columns, rows } = tilesOver(CITY, plane);
  const scale = 2 ** ZOOM;
  const [first, last] = [plane(CITY[0], CITY[3]), plane(CITY[2], CITY[1])];

  assert.ok(x <= first.x * scale && y <= first.y * scale);
  assert.ok(x + columns >= last.x * scale && y + rows >= last.y * scale);
  assert.ok(columns * rows <= 9);
});

test("a square of the heat is about 300 m of ground in Denpasar", () => {
  const { y } = tilesOver(CITY, plane);

  assert.ok(Math.abs(squareM(y) - 302) < 1);
});

test("points and cells of a tile come to the same squares", () => {
  const points = grid(2 * SIDE, SIDE, []);
  const cells = grid(2 * SIDE, SIDE, []);
  const at = { left: SIDE, top: 0, pixels: 512 };

  place(
    points,
    2 * SIDE,
    {
      points: [
        { x: 0, y: 15 },
        { x: 500, y: 511 },
      ],
      cells: [],
    },
    at,
  );
  const counted = [
    { column: 0, row: 0, count: 1 },
    { column: 31, row: 31, count: 1 },
  ];
  place(cells, 2 * SIDE, { points: null, cells: counted }, at);

  assert.deepEqual(points, cells);
});

test("spreading keeps the sum and is alike on all sides", () => {
  const found = spread(grid(21, 21, [[10, 10, 40]]), 21, 21, 1.3);

  assert.ok(Math.abs(sum(found) - 40) < 1e-4);
  for (const at of [10 * 21 + 8, 10 * 21 + 12, 8 * 21 + 10, 12 * 21 + 10])
    assert.ok(Math.abs(found[at] - found[10 * 21 + 8]) < 1e-6);
});

test("the kernel is a Gaussian of the stated bandwidth", () => {
  const side = squareM(tilesOver(CITY, plane).y);
  const deviation = BANDWIDTH_M / side;

  const found = spread(grid(31, 31, [[15, 15, 1]]), 31, 31, deviation);

  const variance = [...found].reduce((total, n, at) => total + n * ((at % 31) - 15) ** 2, 0);
  assert.ok(Math.abs(Math.sqrt(variance) * side - BANDWIDTH_M) < 0.02 * BANDWIDTH_M);
});

test("no edge of a tile shows: what lies across it is spread as one", () => {
  const whole = spread(grid(2 * SIDE, 9, [[SIDE, 4, 8]]), 2 * SIDE, 9, 1.3);

  assert.ok(Math.abs(whole[4 * 2 * SIDE + SIDE - 1] - whole[4 * 2 * SIDE + SIDE + 1]) < 1e-6);
});

for (const [value, end] of [
  [0, 0],
  [0.03, 0.05],
  [1, 1],
  [43, 50],
  [51, 100],
  [1200, 2000],
]) {
  test(`a scale up to ${value} ends at ${end}`, () =>
    assert.ok(Math.abs(nice(value) - end) < 1e-9));
}
