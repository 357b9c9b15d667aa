/** The place and the time of a photo, from real cameras and from bytes that mean harm. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { facts } from "../../static/js/exif.js";

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
]) {
  test(`the place of ${name}`, { skip }, () => near(facts(bytes(name)).place, lat, lon));
}

for (const name of [
  "gps/samsung_gps_zero_zero.jpg",
  "gps/nikon_empty_gps.jpg",
  "gps/gps_altitude_only.jpg",
  "gps/nikon_gps_nan_seconds.jpg",
  "gps/cheers.heic",
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

test("the time of a photo is told", { skip }, () => {
  const { taken } = facts(bytes("gps/iphone4_gps_rome.jpg"));
  assert.equal(taken.getFullYear() > 2009 && taken.getFullYear() < 2013, true);
});
