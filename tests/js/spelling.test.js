/** Everyday words find the kinds of the city that we serve first. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { found, isShort, isSlip, normal, slips } from "../../static/js/spelling.js";

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
  ["lampu mti", "lpju-mati"],
  ["lmpu mati", "lpju-mati"],
  ["air pdm mati", "pdam-mati"],
  ["air gak ngalir", "pdam-mati"],
  ["jln rusak", "jalan-rusak"],
  ["jl rusak", "jalan-rusak"],
  ["jl. bolong", "jalan-rusak"],
  ["got mmpet", "drainase-mampet"],
  ["smph numpuk", "sampah-tumpuk"],
  ["lampu penerangan jalan tidak menyala", "lpju-mati"],
  ["lampu jalan tdk nyala", "lpju-mati"],
  ["lampu nyala siang", "lpju-siang"],
  ["lampu tidak mati siang hari", "lpju-siang"],
  ["tidak tahu", "lainnya"],
]) {
  test(`"${typed}" leads to ${code}`, () => assert.equal(first(typed), code));
}

test("only vowels are left out of a word, and never its first letter", () => {
  assert.ok(isShort("jalan", "jln") && isShort("mati", "mti") && isShort("pdam", "pdm"));
  assert.ok(!isShort("mati", "mi") && !isShort("air", "r") && !isShort("mati", "ati"));
  assert.ok(!isShort("mati", "mt") && !isShort("mati", "mati"));
});

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
