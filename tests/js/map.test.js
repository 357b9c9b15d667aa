import assert from "node:assert/strict";
import { test } from "node:test";
import { blur, densest, nice } from "../../static/js/layers/density.js";
import { decode, marks, radius, SINGLE_ZOOM, TILE, weights } from "../../static/js/layers/marks.js";
import { covers, fit, kmAcross, plane, shape } from "../../static/js/layers/world.js";
import { count, format, formatView, parse, parseView, withFilters } from "../../static/js/query.js";
import { LAYERS, SHAPES } from "../../static/js/symbols.js";
import { fill } from "../../static/js/words.js";

const sum = (list, name) => list.reduce((total, one) => total + one[name], 0);
const point = (number, layer, overdue, x, y) => [number, layer, 7, overdue, x, y];

test("filters survive the way through the address", () => {
  const address =
    "layer=belum,respon&category=lpju&department=DISHUB&area=51.71.01&from=2026-01-01&overdue=true";

  assert.equal(format(parse(address)), address);
});

test("a plain form repeats the layer, and means the same", () => {
  assert.deepEqual(parse("layer=respon&layer=belum"), parse("layer=belum,respon"));
});

test("nothing asked is nothing in the address", () => {
  assert.equal(format(parse("category=&department=&from=")), "");
  assert.equal(withFilters("/laporan", parse("")), "/laporan");
  assert.equal(count(parse("")), 0);
});

test("several layers count as one filter", () => {
  assert.equal(count(parse("layer=belum,respon&overdue=true")), 2);
});

test("the view survives the way through the address", () => {
  const view = { zoom: 15, lat: -8.67051, lon: 115.21674, heat: true };

  assert.deepEqual(parseView(formatView(view)), view);
});

for (const hash of ["", "#", "#main", "#12/x/115", "#12/95/115", "#12//115", "#12/-8.6/181"]) {
  test(`"${hash}" names no view`, () => assert.equal(parseView(hash), null));
}

test("a zoom out of range is brought in", () => {
  assert.equal(parseView("#99/-8/115").zoom, 19);
});

test("an empty tile has no marks", () => {
  assert.deepEqual(marks(decode(null), 14), []);
});

test("from near, every issue stands alone with its number", () => {
  const tile = decode({
    n: 2,
    prefix: "DPS-26-0000",
    points: [...point("07", 0, 1, 0, 0), ...point("12", 3, 0, 4095, 4095)],
  });

  const [first, second] = marks(tile, SINGLE_ZOOM);

  assert.equal(first.number, "DPS-26-000007");
  assert.deepEqual([first.overdue, first.open, second.overdue, second.open], [1, 1, 0, 0]);
  assert.ok(second.x > TILE - 1 && second.x < TILE);
});

test("issues at one place are fanned out and none is lost", () => {
  const flat = Array.from({ length: 9 }, (_, at) => point(`${at}`, 0, 0, 2048, 2048)).flat();

  const found = marks(decode({ n: 9, prefix: "A-", points: flat }), SINGLE_ZOOM);

  assert.equal(new Set(found.map(({ x, y }) => `${x.toFixed(3)}/${y.toFixed(3)}`)).size, 9);
});

test("from afar, points of one cell become one cluster; a lonely one keeps its number", () => {
  const flat = [
    ...point("1", 0, 1, 100, 100),
    ...point("2", 3, 0, 110, 90),
    ...point("3", 4, 0, 4000, 10),
  ];

  const found = marks(decode({ n: 3, prefix: "A-", points: flat }), 13);

  assert.deepEqual(
    found.map(({ count: n, number }) => [n, number]),
    [
      [2, undefined],
      [1, "A-3"],
    ],
  );
  assert.deepEqual([found[0].open, found[0].overdue, found[0].layers], [1, 1, [1, 0, 0, 1, 0]]);
});

const counted = {
  n: 615,
  side: 32,
  cells: [0, 410, 99, 5, 1023, 200],
  groups: [0, 0, 400, 0, 1, 5, 0, 6, 10, 63, 8, 200],
};

test("clusters of a counted tile sum to its total", () => {
  const found = marks(decode(counted), 13);

  assert.equal(sum(found, "count"), 615);
  assert.deepEqual(
    found.map(({ open, overdue }) => [open, overdue]),
    [
      [405, 5],
      [0, 0],
    ],
  );
});

test("a cluster's disc stays in its tile", () => {
  for (const mark of marks(decode(counted), 13)) {
    assert.ok(mark.x >= radius(mark) - 5 && mark.x <= TILE - radius(mark) + 5);
    assert.ok(mark.y >= radius(mark) - 5 && mark.y <= TILE - radius(mark) + 5);
  }
});

test("a deep tile of four by four cells is read too", () => {
  const tile = decode({
    n: 600,
    side: 4,
    cells: [0, 300, 15, 300],
    groups: [0, 0, 300, 15, 4, 300],
  });

  assert.deepEqual(
    marks(tile, 22).map(({ count: n }) => n),
    [300, 300],
  );
});

test("the heat weighs what the tile holds", () => {
  assert.equal(sum(weights(decode(counted)), "count"), 615);
});

test("a larger cluster is never drawn smaller", () => {
  const sizes = [1, 2, 10, 100, 1e4, 1e7].map((n) => radius({ count: n }));

  assert.deepEqual(
    sizes,
    [...sizes].sort((one, two) => one - two),
  );
});

test("every layer has a shape of its own", () => {
  assert.equal(new Set(SHAPES.map((ring) => JSON.stringify(ring))).size, LAYERS.length);
});

test("blurring moves weight, it makes none", () => {
  const grid = new Float32Array(60 * 60);
  grid[30 * 60 + 30] = 100;

  const spread = blur(grid, 60, 60, 3);

  assert.ok(Math.abs(spread.reduce((total, value) => total + value, 0) - 100) < 0.01);
  assert.equal(spread.indexOf(Math.max(...spread)), 30 * 60 + 30);
});

test("a scale ends at a number that people can read", () => {
  assert.deepEqual([0, 0.3, 1, 37, 99, 101].map(nice), [0, 0.5, 1, 50, 100, 200]);
});

test("the densest area comes first, empty ones not at all", () => {
  const areas = [
    { code: "a", name: "A", km2: 10 },
    { code: "b", name: "B", km2: 1 },
    { code: "c", name: "C", km2: 1 },
  ];
  const counts = new Map([
    ["a", { count: 20 }],
    ["b", { count: 5 }],
  ]);

  assert.deepEqual(
    densest(areas, counts, 10).map(({ code, density }) => [code, density]),
    [
      ["b", 5],
      ["a", 2],
    ],
  );
});

test("the equator is forty thousand kilometres long, and shorter to the poles", () => {
  assert.ok(Math.abs(kmAcross(0.5) - 40_075) < 1);
  assert.ok(Math.abs(kmAcross(plane(0, 60).y) - 40_075 / 2) < 1);
});

const ring = [
  [0, 0],
  [2, 0],
  [2, 2],
  [0, 2],
  [0, 0],
];
const hole = [
  [0.5, 0.5],
  [1.5, 0.5],
  [1.5, 1.5],
  [0.5, 1.5],
  [0.5, 0.5],
];

test("a place in the hole of an area is outside", () => {
  const { paths } = shape({ type: "MultiPolygon", coordinates: [[ring, hole]] });

  assert.equal(covers(paths, plane(0.2, 0.2)), true);
  assert.equal(covers(paths, plane(1, 1)), false);
  assert.equal(covers(paths, plane(3, 1)), false);
});

for (const [type, coordinates, paths] of [
  [
    "LineString",
    [
      [0, 0],
      [1, 1],
    ],
    1,
  ],
  [
    "MultiLineString",
    [
      [
        [0, 0],
        [1, 1],
      ],
      [
        [2, 2],
        [3, 3],
      ],
    ],
    2,
  ],
  ["Polygon", [ring, hole], 2],
  ["MultiPolygon", [[ring], [ring, hole]], 3],
]) {
  test(`a ${type} has ${paths} paths`, () => {
    assert.equal(shape({ type, coordinates }).paths.length, paths);
  });
}

test("a name lies along the straight part and never on its head", () => {
  const spot = fit([200, 0, 150, 0, 100, 0, 50, 0, 0, 0, 0, 20], 90);

  assert.ok(Math.abs(spot.angle) < 0.01);
  assert.equal(fit([0, 0, 10, 0, 10, 10], 90), null);
});

test("words are filled in, and what is unknown stays to be seen", () => {
  assert.equal(
    fill("{n} laporan, {open} terbuka", { n: 2576, open: 80 }),
    "2.576 laporan, 80 terbuka",
  );
  assert.equal(fill("{lost}", {}), "{lost}");
});
