/** The place and the time of a photo, from real cameras and from bytes that mean harm. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { facts, factsOf } from "../../static/js/exif.js";

const SHARED =
  process.env.CIVICMAP_TEST_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const skip = existsSync(`${SHARED}/photos`) ? false : "the shared photos are not here";
const bytes = (name) => new Uint8Array(readFileSync(`${SHARED}/photos/${name}`)).buffer;
const near = (place, lat, lon) =>
  assert.ok(
    Math.abs(place.lat - lat) < 0.001 && Math.abs(place.lon - lon) < 0.001,
    JSON.stringify(place),
  );

/** Make a JPEG that holds only where it was taken: -8.67, 115.22. */
function small({ little = true, parts = [8, 40, 12, 115, 13, 12], refs = "SE", at = 8 } = {}) {
  const view = new DataView(new ArrayBuffer(200));
  const short = (where, value) => view.setUint16(12 + where, value, little);
  const long = (where, value) => view.setUint32(12 + where, value, little);
  const entry = (where, tag, type, count) => {
    short(where, tag);
    short(where + 2, type);
    long(where + 4, count);
  };
  view.setUint16(0, 0xffd8);
  view.setUint16(2, 0xffe1);
  view.setUint16(4, 190);
  view.setUint32(6, 0x45786966);
  view.setUint16(12, little ? 0x4949 : 0x4d4d);
  short(2, 42);
  long(4, at);
  short(8, 1);
  entry(10, 0x8825, 4, 1);
  long(18, 26);
  short(26, 4);
  entry(28, 1, 2, 2);
  view.setUint8(12 + 36, refs.charCodeAt(0));
  entry(40, 2, 5, 3);
  long(48, 80);
  entry(52, 3, 2, 2);
  view.setUint8(12 + 60, refs.charCodeAt(1));
  entry(64, 4, 5, 3);
  long(72, 104);
  parts.forEach((part, index) => {
    long(80 + index * 8, part);
    long(84 + index * 8, 1);
  });
  return view.buffer;
}

for (const little of [true, false]) {
  test(`both orders of bytes are read (little: ${little})`, () => {
    near(facts(small({ little })).place, -8.67, 115.22);
  });
}

test("north and west turn the signs", () => {
  near(facts(small({ refs: "NW" })).place, 8.67, -115.22);
});

for (const [why, how] of [
  ["no fix", { parts: [0, 0, 0, 0, 0, 0] }],
  ["beyond the pole", { parts: [91, 0, 0, 115, 0, 0] }],
  ["sixty-one minutes", { parts: [8, 61, 0, 115, 0, 0] }],
  ["a direction that is none", { refs: "XE" }],
  ["a directory behind the end", { at: 0xfffffff0 }],
]) {
  test(`${why} is no place`, () => assert.equal(facts(small(how)).place, null));
}

test("a cut file is never read beyond its end", () => {
  const whole = small();
  for (let length = 0; length < whole.byteLength; length += 1) facts(whole.slice(0, length));
});

test("no byte makes it fail or wait", () => {
  const whole = new Uint8Array(small());
  for (let at = 0; at < whole.length; at += 1) {
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
      const bad = whole.slice();
      bad[at] = value;
      facts(bad.buffer);
    }
  }
});

/** Put the same block into the other kinds of files. */
const tiff = new Uint8Array(small()).slice(12);
const word = (number) => [24, 16, 8, 0].map((by) => (number >>> by) & 255);
const letters = (text) => [...text].map((one) => one.charCodeAt(0));
const boxed = (type, ...parts) => {
  const inside = parts.flat();
  return [...word(inside.length + 8), ...letters(type), ...inside];
};
const chunk = (type, data) => [...word(data.length), ...letters(type), ...data, 0, 0, 0, 0];
const piece = (type, data) => [
  ...letters(type),
  ...word(data.length).reverse(),
  ...data,
  ...(data.length % 2 ? [0] : []),
];
const item = [...word(0), ...tiff];

function heic({ isInside = false } = {}) {
  const infe = boxed("infe", [2, 0, 0, 0, 0, 7, 0, 0], letters("Exif"), [0]);
  const iinf = boxed("iinf", [0, 0, 0, 0, 0, 1], infe);
  const ftyp = boxed("ftyp", letters("heic"), word(0));
  const iloc = (offset) =>
    boxed(
      "iloc",
      [1, 0, 0, 0, 0x44, 0, 0, 1, 0, 7, 0, isInside ? 1 : 0, 0, 0, 0, 1],
      [...word(offset), ...word(item.length)],
    );
  const meta = (offset) =>
    boxed("meta", word(0), iinf, iloc(offset), isInside ? boxed("idat", item) : []);
  const data = isInside ? [] : boxed("mdat", item);
  const before = ftyp.length + meta(0).length + 8;
  return [...ftyp, ...meta(isInside ? 0 : before), ...data];
}

const KINDS = {
  "a PNG": [0x89, ...letters("PNG\r\n\x1a\n"), ...chunk("IHDR", [0]), ...chunk("eXIf", [...tiff])],
  "a WebP": [
    ...piece("RIFF", [
      ...letters("WEBP"),
      ...piece("VP8 ", [1, 2, 3]),
      ...piece("EXIF", [...tiff]),
    ]),
  ],
  "a WebP with the lead of a JPEG": piece("RIFF", [
    ...letters("WEBP"),
    ...piece("EXIF", [...letters("Exif\0\0"), ...tiff]),
  ]),
  "a HEIC": heic(),
  "a HEIC whose items lie in its table": heic({ isInside: true }),
};

for (const [kind, made] of Object.entries(KINDS)) {
  test(`${kind} tells its place`, () =>
    near(facts(Uint8Array.from(made).buffer).place, -8.67, 115.22));

  test(`${kind} does no harm, cut or with any byte turned`, () => {
    const whole = Uint8Array.from(made);
    for (let at = 0; at < whole.length; at += 1) {
      facts(whole.slice(0, at).buffer);
      for (const value of [0, 1, 0x7f, 0xff]) {
        const bad = whole.slice();
        bad[at] = value;
        facts(bad.buffer);
      }
    }
  });
}

test("of a JPEG only the beginning is read, of other kinds all of it", async () => {
  const long = (bytes) => new Blob([Uint8Array.from(bytes), new Uint8Array(400_000)]);
  const behind = [0x89, ...letters("PNG\r\n\x1a\n"), ...chunk("IDAT", new Array(300_000).fill(0))];

  near((await factsOf(long(new Uint8Array(small())))).place, -8.67, 115.22);
  near((await factsOf(long([...behind, ...chunk("eXIf", [...tiff])]))).place, -8.67, 115.22);
});

test("empty segments without end are given up", () => {
  const bad = new Uint8Array(300_000).map((_, at) => (at % 4 < 1 ? 0xff : [0, 0xe0, 0, 2][at % 4]));
  bad.set([0xff, 0xd8]);
  assert.deepEqual(facts(bad.buffer), { place: null, taken: null });
});

for (const [name, lat, lon] of [
  ["denpasar-synthetic-gps/renon_lapangan_ori1.jpg", -8.6718, 115.2338],
  ["denpasar-synthetic-gps/sanur_pantai_ori6.jpg", -8.6785, 115.2625],
  ["denpasar-synthetic-gps/luar_kota_kuta_ori6.jpg", -8.718, 115.1686],
  ["gps/iphone4_gps_rome.jpg", 41.853, 12.4888],
  ["gps/exif_at_eof.heic", 47.2071, 106.2431],
]) {
  test(`the place of ${name}`, { skip }, () => near(facts(bytes(name)).place, lat, lon));
}

for (const name of [
  "gps/samsung_gps_zero_zero.jpg",
  "gps/nikon_empty_gps.jpg",
  "gps/gps_altitude_only.jpg",
  "gps/nikon_gps_nan_seconds.jpg",
  "gps/cheers.heic",
  "heif/arrow.heic",
  "pillow/flower.webp",
]) {
  test(`${name} holds no place`, { skip }, () => assert.equal(facts(bytes(name)).place, null));
}

test("every shared photo is read without harm, and cut anywhere", { skip }, () => {
  for (const folder of ["gps", "orientation", "pillow", "heif"]) {
    for (const name of readdirSync(`${SHARED}/photos/${folder}`)) {
      const whole = bytes(`${folder}/${name}`);
      for (const length of [whole.byteLength, 3, 20, 100, 333, 1000]) {
        facts(whole.slice(0, length));
      }
    }
  }
});

for (const [name, day] of [
  ["heif/arrow.heic", "2018-07-31"],
  ["pillow/flower.webp", "2003-12-14"],
]) {
  test(`the day of ${name}`, { skip }, () => {
    const { taken } = facts(bytes(name));
    assert.equal(
      new Date(taken - taken.getTimezoneOffset() * 60_000).toISOString().slice(0, 10),
      day,
    );
  });
}

test("the time of a photo is told", { skip }, () => {
  const { taken } = facts(bytes("gps/iphone4_gps_rome.jpg"));
  assert.equal(taken.getFullYear() > 2009 && taken.getFullYear() < 2013, true);
});
