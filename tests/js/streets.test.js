import assert from "node:assert/strict";
import { test } from "node:test";

import { ways } from "../../static/js/layers/streets.js";

test("a name lies in the middle of a straight line, from left to right", () => {
  const [way] = ways([400, 50, 0, 50], 90);

  assert.ok(way[0].x < way.at(-1).x);
  assert.ok(Math.abs((way[0].x + way.at(-1).x) / 2 - 200) < 15);
  assert.ok(way.every(({ y }) => y === 50));
});

test("a name bends with a gentle bow, and not around a corner", () => {
  const bow = [];
  for (let at = 0; at <= 20; at += 1) {
    bow.push(300 * Math.cos(Math.PI - at / 20), 300 * Math.sin(Math.PI - at / 20));
  }
  assert.ok(ways(bow, 100).length > 0);

  assert.equal(ways([0, 0, 60, 0, 60, 60], 90).length, 0);
});

test("a line that is too short has no place for a name", () => {
  assert.deepEqual(ways([0, 0, 50, 0], 90), []);
});
