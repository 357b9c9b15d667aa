import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bars,
  dayAfter,
  daysFrom,
  filtersOf,
  handsOf,
  moved,
  preset,
} from "../../static/js/span.js";
import { day } from "../../static/js/words.js";

const history = {
  first: "2025-11-20",
  last: "2026-03-03",
  months: [
    ["2025-11", 5],
    ["2026-01", 10],
    ["2026-03", 1],
  ],
};
const end = daysFrom(history.first, history.last);
const nothing = { from: "", to: "", as_of: "" };

test("days are counted over months and leap days", () => {
  assert.equal(daysFrom("2024-02-28", "2024-03-01"), 2);
  assert.equal(dayAfter("2024-02-28", 2), "2024-03-01");
});

for (const filters of [
  nothing,
  { ...nothing, from: "2025-12-24" },
  { ...nothing, from: "2025-12-24", to: "2026-01-05" },
  { ...nothing, as_of: "2026-01-05" },
]) {
  test(`hands stand where ${JSON.stringify(filters)} says, and say the same`, () => {
    assert.deepEqual(filtersOf(handsOf(filters, history, "period"), history), filters);
  });
}

test("a day before the history stands at its beginning", () => {
  assert.equal(handsOf({ ...nothing, as_of: "2001-01-01" }, history, "day").to, 0);
});

test("a period moves by its own length and keeps it to the end", () => {
  const on = moved({ mode: "period", from: 10, to: 19 }, 35, 1);

  assert.deepEqual([on.from, on.to], [20, 29]);
  assert.deepEqual([moved(on, 35, 1).from, moved(on, 35, 1).to], [26, 35]);
  assert.deepEqual(moved(on, 35, -1).from, 10);
});

test("the whole history is played month by month, from its beginning", () => {
  const first = moved({ mode: "period", from: 0, to: 400 }, 400, 1);

  assert.deepEqual([first.from, first.to], [0, 29]);
});

test("a day moves on to the end of the history and not beyond", () => {
  let hands = { mode: "day", from: 0, to: 0 };
  let frames = 0;
  for (; hands.to < 4000; frames += 1) hands = moved(hands, 4000, 1);

  assert.equal(hands.to, 4000);
  assert.ok(frames >= 55 && frames <= 65);
});

test("the last seven days are seven", () => {
  const { from, to } = preset("period", 7, end);

  assert.equal(to - from + 1, 7);
  assert.deepEqual(filtersOf(preset("period", 0, end), history), nothing);
  assert.equal(filtersOf(preset("day", 7, end), history).as_of, "2026-02-24");
});

test("every month of the history has its bar, and they are as long as the history", () => {
  const found = bars(history);

  assert.deepEqual(
    found.map(({ month, count }) => [month, count]),
    [
      ["2025-11", 5],
      ["2025-12", 0],
      ["2026-01", 10],
      ["2026-02", 0],
      ["2026-03", 1],
    ],
  );
  assert.equal(
    found.reduce((sum, { days }) => sum + days, 0),
    end + 1,
  );
  assert.equal(found[2].share, 1);
});

test("a day is said as people do", () => {
  assert.equal(day("2026-03-03"), "3 Mar 2026");
  assert.equal(day("soon"), "soon");
});
