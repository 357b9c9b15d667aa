/** The pure rules of the report page: distances, and what a kind's questions ask. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, clean, lacking, numbersIn } from "../../static/js/ui/questions.js";
import { distance } from "../../static/js/words.js";

const question = (code, rest = {}) => ({ code, kind: "choice", condition: {}, ...rest });
const KINDS = [
  question("parah", { required: true }),
  question("sebab", { kind: "text", condition: { parah: "berat" } }),
  question("nyala", { condition: { sebab: ["petir", "angin"] } }),
  question("awas", { kind: "notice", stops: true, condition: { parah: ["kabel", "api"] } }),
];
const codes = (answers) => asked(KINDS, answers).map(({ code }) => code);

test("distances are said as people say them", () => {
  assert.deepEqual([3, 344, 1900].map(distance), ["10 m", "340 m", "2 km"]);
});

test("a condition waits for its answer", () => {
  assert.deepEqual(codes({}), ["parah"]);
  assert.deepEqual(codes({ parah: "berat" }), ["parah", "sebab"]);
  assert.deepEqual(codes({ parah: "api" }), ["parah", "awas"]);
});

test("an answer of several is met by one of them", () => {
  assert.deepEqual(codes({ parah: ["ringan", "api"] }), ["parah", "awas"]);
});

test("a hidden answer opens nothing and is not sent", () => {
  const answers = { parah: "ringan", sebab: "petir", nyala: "ya" };
  assert.deepEqual(codes(answers), ["parah"]);
  assert.deepEqual(clean(KINDS, answers), { parah: "ringan" });
});

test("what is empty is no answer", () => {
  assert.deepEqual(clean(KINDS, { parah: "" }), {});
  assert.deepEqual(
    lacking(KINDS, {}).map(({ code }) => code),
    ["parah"],
  );
});

test("a number must lie between its ends", () => {
  const width = [question("lebar", { kind: "number", least: 1, most: 10 })];
  assert.deepEqual(
    [0, 1, 10, 11, "x"].map((lebar) => lacking(width, { lebar }).length),
    [1, 0, 0, 1, 1],
  );
});

test("telephone numbers in a notice are found", () => {
  assert.deepEqual(numbersIn("Kabel jatuh: hubungi PLN 123 atau 112 sekarang, (0361) 223333."), [
    "123",
    "112",
    "(0361) 223333",
  ]);
  assert.deepEqual(numbersIn("Menjauh 10 m, tunggu 2 jam."), []);
});
