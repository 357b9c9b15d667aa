/** A stretch of days as a slider sees it: numbers from 0, the first day of the history. Pure. */

const DAY_MS = 86_400_000;
/** A play through the whole history takes about so many frames. */
const FRAMES = 60;
const WINDOW_DAYS = 30;

/**
 * Where the two hands of a slider stand.
 * @typedef {object} Hands
 * @property {"period" | "day"} mode What came in a period, or what the map showed at the end of one day (`to`).
 * @property {number} from
 * @property {number} to
 */

/**
 * Count days from one to another.
 * @param {string} first ISO.
 * @param {string} day ISO.
 * @returns {number}
 */
export function daysFrom(first, day) {
  return Math.round((Date.parse(day) - Date.parse(first)) / DAY_MS);
}

/**
 * Name the day so many days after another.
 * @param {string} first ISO.
 * @param {number} days
 * @returns {string} ISO.
 */
export function dayAfter(first, days) {
  return new Date(Date.parse(first) + days * DAY_MS).toISOString().slice(0, 10);
}

/**
 * Read where the hands stand from the filters.
 * @param {{from: string, to: string, as_of: string}} filters
 * @param {{first: string, last: string}} history
 * @param {"period" | "day"} mode Where the filters name neither.
 * @returns {Hands}
 */
export function handsOf(filters, { first, last }, mode) {
  const end = daysFrom(first, last);
  const at = (day, otherwise) =>
    day ? Math.min(end, Math.max(0, daysFrom(first, day))) : otherwise;
  if (filters.as_of) return { mode: "day", from: 0, to: at(filters.as_of, end) };
  return {
    mode: filters.from || filters.to ? "period" : mode,
    from: at(filters.from, 0),
    to: at(filters.to, end),
  };
}

/**
 * Write hands as filters; a hand at its end asks for nothing.
 * @param {Hands} hands
 * @param {{first: string, last: string}} history
 * @returns {{from: string, to: string, as_of: string}}
 */
export function filtersOf({ mode, from, to }, { first, last }) {
  const end = daysFrom(first, last);
  const until = to < end ? dayAfter(first, to) : "";
  if (mode === "day") return { from: "", to: "", as_of: until };
  return { from: from > 0 ? dayAfter(first, from) : "", to: until, as_of: "" };
}

/**
 * Move one frame on or back: a period by its own length, a day by a sixtieth of the history.
 * @param {Hands} hands
 * @param {number} end Number of the last day.
 * @param {1 | -1} way
 * @returns {Hands} The same hands where there is no more history.
 */
export function moved(hands, end, way) {
  if (hands.mode === "day") {
    const step = Math.max(1, Math.round(end / FRAMES));
    return { ...hands, to: Math.min(end, Math.max(0, hands.to + way * step)) };
  }
  if (hands.from === 0 && hands.to === end) return first(end, way);
  const length = hands.to - hands.from + 1;
  const from = Math.min(Math.max(0, hands.from + way * length), Math.max(0, end - length + 1));
  return { ...hands, from, to: Math.min(end, from + length - 1) };
}

/** Of the whole history, play makes windows of a month. */
function first(end, way) {
  const length = Math.min(end, WINDOW_DAYS);
  const from = way > 0 ? 0 : end - length;
  return { mode: "period", from, to: Math.min(end, from + length - 1) };
}

/**
 * How a preset puts the hands.
 * @param {"period" | "day"} mode
 * @param {number} days The last so many days, or so many days ago; 0: the whole, or now.
 * @param {number} end Number of the last day.
 * @returns {Hands}
 */
export function preset(mode, days, end) {
  if (mode === "day") return { mode, from: 0, to: Math.max(0, end - days) };
  return { mode, from: days ? Math.max(0, end - days + 1) : 0, to: end };
}

/**
 * Cut a history into the bars of its months.
 * @param {{first: string, last: string, months: [string, number][]}} history
 * @returns {{month: string, count: number, from: number, days: number, share: number}[]} Each month in turn, also empty
 *   ones; `from` and `days` on the slider's scale, `share` of the fullest month.
 */
export function bars({ first: start, last, months }) {
  const counts = new Map(months.map(([month, count]) => [month.slice(0, 7), count]));
  const most = Math.max(1, ...counts.values());
  const found = [];
  for (let day = start; day <= last; ) {
    const month = day.slice(0, 7);
    const [year, number] = month.split("-").map(Number);
    const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10);
    const until = next <= last ? next : dayAfter(last, 1);
    const count = counts.get(month) ?? 0;
    const from = daysFrom(start, day);
    found.push({ month, count, from, days: daysFrom(day, until), share: count / most });
    day = next;
  }
  return found;
}
