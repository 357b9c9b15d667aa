import assert from "node:assert/strict";
import { test } from "node:test";

import { cover, unpack } from "../../static/js/layers/basemap.js";

const SCALE = 256 * 2 ** 14;

function frame(tile, size) {
  const side = SCALE / 2 ** 13;
  return { zoom: 14, scale: SCALE, origin: { x: tile.x * side, y: tile.y * side }, size };
}

test("a view asks for the tiles that cover it, those in its middle first", () => {
  const found = cover(frame({ x: 6716, y: 4293 }, { x: 1000, y: 400 }), [6, 16]);

  assert.deepEqual(found.map(({ z, x, y }) => [z, x, y]).sort(), [
    [13, 6716, 4293],
    [13, 6717, 4293],
  ]);
});

test("closer than the last zoom the tiles of that zoom are drawn larger", () => {
  const scale = 256 * 2 ** 19;
  const at = { x: scale * 0.82, y: scale * 0.52 };
  const found = cover({ zoom: 19, scale, origin: at, size: { x: 300, y: 300 } }, [6, 16]);

  assert.ok(found.length <= 4);
  assert.ok(found.every(({ z }) => z === 16));
});

test("steps become corners on the plane, the main streets last", () => {
  const data = {
    extent: 2048,
    names: ["Jalan Gajah Mada"],
    roads: [
      [1, 0, [0, 0, 1024, 512]],
      [4, -1, [10, 10, 5, 5]],
    ],
    labels: [[0, 0, 1024, 1024]],
  };

  const { roads, labels, water } = unpack(data, { z: 1, x: 1, y: 0 });

  assert.deepEqual(
    roads.map(({ rank, name }) => [rank, name]),
    [
      [4, ""],
      [1, "Jl. Gajah Mada"],
    ],
  );
  assert.deepEqual([...roads[1].paths[0]], [0.5, 0, 0.75, 0.125]);
  assert.deepEqual([labels[0].x, labels[0].y], [0.75, 0.25]);
  assert.deepEqual(water, []);
});
