/** The pure rules of the report page: words that find a kind, and distances. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { distance } from "../../static/js/phrases.js";
import { fits, normal } from "../../static/js/ui/categories.js";

const pothole = { words: "jalan rusak atau berlubang damaged road jalan bolong lubang jalan" };

test("everyday words find a kind", () => {
  assert.ok(fits(pothole, normal("Jalan  BOLONG")));
});

test("the beginning of a word is enough", () => {
  assert.ok(fits(pothole, normal("bol")));
});

test("every word must belong to the kind", () => {
  assert.ok(!fits(pothole, normal("jalan air")));
});

test("letters inside a word find nothing", () => {
  assert.ok(!fits(pothole, normal("olong")));
});

test("distances are said as people say them", () => {
  assert.deepEqual([3, 344, 1900].map(distance), ["10 m", "340 m", "2 km"]);
});
