/** Everyday words find the kinds of the city that we serve first. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { found, isSlip, normal, slips } from "../../static/js/spelling.js";

const pothole = { words: "jalan rusak atau berlubang damaged road jalan bolong lubang jalan" };
const FILE = new URL("../../issues/cities/denpasar/categories.toml", import.meta.url);
const CITY = readFileSync(FILE, "utf8")
  .split("[[category]]")
  .slice(1)
  .map((block) => ({
    code: /service_code = "(.*)"/.exec(block)[1],
    words: [...block.matchAll(/^(?:name|name_en|keywords) = (.*)$/gm)].join(" "),
  }))
  .filter(({ code }) => code.includes("-") || code === "lainnya");
const first = (typed) => found(CITY, typed)[0]?.code;

test("the beginning of a word is enough, letters inside it are not", () => {
  assert.deepEqual(found([pothole], "bol"), [pothole]);
  assert.deepEqual(found([pothole], "olong"), []);
});

test("accents, case and signs make no difference", () => {
  assert.equal(normal("  Jalan, BOLÓNG!"), "jalan bolong");
});

test("words of another kind find nothing", () => {
  assert.deepEqual(found([pothole], "air mati"), []);
});

for (const [typed, code] of [
  ["lampu mati", "lpju-mati"],
  ["lampu jalan mati", "lpju-mati"],
  ["lmapu mati", "lpju-mati"],
  ["jalan bolong", "jalan-rusak"],
  ["jaln bolng", "jalan-rusak"],
  ["jalan berlubang", "jalan-rusak"],
  ["got mampet", "drainase-mampet"],
  ["got mampat", "drainase-mampet"],
  ["air pdam mati", "pdam-mati"],
  ["tolong air PDAM mati", "pdam-mati"],
]) {
  test(`"${typed}" leads to ${code}`, () => assert.equal(first(typed), code));
}

test("a slip is a letter; a long word may hold two; the first letter stands", () => {
  assert.ok(isSlip("lampu", "lmapu") && isSlip("tersumbat", "tersumbhta"));
  assert.ok(!isSlip("mati", "hati") && !isSlip("air", "aie") && !isSlip("jalan", "jualn"));
});

test("slips are counted", () => {
  assert.deepEqual(
    [slips("got", "got"), slips("lampu", "lampo"), slips("", "abc"), slips("ab", "ba")],
    [0, 1, 3, 1],
  );
});
