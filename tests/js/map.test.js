import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, marks, radius, SINGLE_ZOOM, TILE } from "../../static/js/layers/marks.js";
import { covers, fit, kmAcross, plane, shape } from "../../static/js/layers/world.js";
import {
  changed,
  count,
  format,
  formatView,
  parse,
  parseView,
  withFilters,
} from "../../static/js/query.js";
import { LAYERS, SHAPES } from "../../static/js/symbols.js";
import { escaped, fill } from "../../static/js/words.js";

const sum = (list, name) => list.reduce((total, one) => total + one[name], 0);
const point = (number, layer, overdue, x, y) => [number, layer * 2 + overdue, 7, x, y];

test("a text in HTML stays a text", () => {
  assert.equal(escaped(`<b a="1">'&`), "&#60;b a=&#34;1&#34;&#62;&#39;&#38;");
  assert.equal(escaped("© OpenStreetMap contributors"), "© OpenStreetMap contributors");
});

test("filters survive the way through the address", () => {
  const address =
    "layer=belum,respon&category=lpju,pohon&department=DISHUB,DLHK&area=51.71.01&from=2026-01-01&overdue=true";

  assert.equal(format(parse(address)), address);
});

test("a plain form repeats the layer, and means the same", () => {
  assert.deepEqual(parse("layer=respon&layer=belum"), parse("layer=belum,respon"));
});

test("the end of a day knows no period: whichever is set last stays", () => {
  const period = parse("from=2026-01-01&overdue=true&layer=belum");

  const then = changed(period, { as_of: "2025-12-31" });

  assert.equal(format(then), "layer=belum&as_of=2025-12-31");
  assert.equal(format(changed(then, { to: "2026-02-01" })), "layer=belum&to=2026-02-01");
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
  for (const drawing of ["", "heat", "hotspots", "areas"]) {
    const view = { zoom: 15, lat: -8.67051, lon: 115.21674, drawing, detail: "" };

    assert.deepEqual(parseView(formatView(view)), view);
  }
});

test("what was chosen of a drawing stands behind it in the address", () => {
  const at = { zoom: 13, lat: -8.65, lon: 115.21 };
  const view = { ...at, drawing: "hotspots", detail: "share-600-90" };

  assert.equal(formatView(view), "#13/-8.65000/115.21000/hotspots/share-600-90");
  assert.deepEqual(parseView(formatView(view)), view);
  assert.equal(formatView({ ...at, drawing: "", detail: "share-600-90" }), formatView(at));
  assert.equal(parseView("#13/-8.65/115.21/hotspots/<b>").detail, "");
});

test("a drawing that nobody knows is none", () => {
  assert.equal(parseView("#15/-8.67/115.21/proto").drawing, "");
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
    series: [
      ["DPS-25-", 6, 1],
      ["A", 0, 1],
    ],
    points: [...point(7, 0, 1, 0, 0), ...point(0, 3, 0, 4095, 4095)],
  });

  const [first, second] = marks(tile, SINGLE_ZOOM);

  assert.deepEqual([first.number, second.number], ["DPS-25-000007", "A"]);
  assert.deepEqual([first.overdue, first.open, second.overdue, second.open], [1, 1, 0, 0]);
  assert.ok(second.x > TILE - 1 && second.x < TILE);
});

test("issues at one place are fanned out and none is lost", () => {
  const flat = Array.from({ length: 9 }, (_, at) => point(at, 0, 0, 2048, 2048)).flat();

  const found = marks(decode({ n: 9, series: [["A-", 1, 9]], points: flat }), SINGLE_ZOOM);

  assert.equal(new Set(found.map(({ x, y }) => `${x.toFixed(3)}/${y.toFixed(3)}`)).size, 9);
});

test("from afar, points of one cell become one cluster; a lonely one keeps its number", () => {
  const flat = [
    ...point(1, 0, 1, 100, 100),
    ...point(2, 3, 0, 110, 90),
    ...point(3, 4, 0, 4000, 10),
  ];

  const found = marks(decode({ n: 3, series: [["A-", 1, 3]], points: flat }), 13);

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
  cells: [410, -98, 5, -923, 200],
  groups: [400, 5, -4, 10, -631, 200],
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
    assert.ok(mark.x >= radius(mark) && mark.x <= TILE - radius(mark));
    assert.ok(mark.y >= radius(mark) && mark.y <= TILE - radius(mark));
  }
});

test("a deep tile of four by four cells is read too", () => {
  const tile = decode({
    n: 600,
    side: 4,
    cells: [300, -14, 300],
    groups: [300, -153, 300],
  });

  assert.deepEqual(
    marks(tile, 22).map(({ count: n }) => n),
    [300, 300],
  );
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
