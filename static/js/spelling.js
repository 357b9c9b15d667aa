/** Everyday words against names of kinds: accents, beginnings, what is left out, slips of the finger. Pure. */

/** Words that stand in every complaint tell nothing of its kind. */
const COMMON = new Set(
  "di ke dari yang dan atau ada ini itu saya kami tolong mohon sudah belum sering terus depan dekat dengan pada nya".split(
    " ",
  ),
);
const [SHORT, LONG] = [4, 8];
const WORTH = { same: 1, beginning: 0.9, short: 0.8, slip: 0.7 };
/** Short for something that leaving out vowels does not explain. */
const MEANT = { jl: "jalan", gg: "gang", br: "banjar" };
const NOT = /\b(?:tidak|tdk|tak|gak|ga|gk|nggak|ngga|enggak|ndak) (?=\p{L})/gu;
const VOWELS = new Set("aeiou");
/** So much of what was typed must be found again. */
const ENOUGH = 0.6;
const PHRASE = 0.5;

/**
 * Make words comparable.
 * @param {string} text
 * @returns {string}
 */
export function normal(text) {
  return text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** A word that is denied is another word: "tidak menyala" is the opposite of "menyala". */
const joined = (text) =>
  normal(text)
    .split(" ")
    .map((word) => MEANT[word] ?? word)
    .join(" ")
    .replace(NOT, "tidak");

/**
 * Find the kinds that fit, best first.
 * @template {{words: string}} Kind
 * @param {Kind[]} kinds
 * @param {string} typed
 * @returns {Kind[]}
 */
export function found(kinds, typed) {
  const phrase = joined(typed);
  const words = telling(phrase);
  if (!words.length) return [];
  const books = kinds.map((kind) => ({ kind, own: joined(kind.words) }));
  const best = words.map((word) => books.map(({ own }) => likeness(own.split(" "), word)));
  const weights = best.map((row) => rarity(row));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return books
    .map(({ kind, own }, index) => {
      const sum = best.reduce((total, row, at) => total + row[index] * weights[at], 0);
      return { kind, part: sum / whole, isPhrase: ` ${own} `.includes(` ${phrase}`) };
    })
    .filter(({ part }) => part >= ENOUGH)
    .sort((one, two) => points(two) - points(one))
    .map(({ kind }) => kind);
}

const points = ({ part, isPhrase }) => part + (isPhrase ? PHRASE : 0);

function telling(phrase) {
  const all = phrase.split(" ").filter(Boolean);
  const some = all.filter((word) => !COMMON.has(word));
  return some.length ? some : all;
}

/** A word that many kinds share tells them apart less. */
function rarity(row) {
  return Math.log(1 + row.length / (1 + row.filter((worth) => worth > 0).length));
}

/** How well the best of a kind's words answers one that was typed: 0 to 1. */
function likeness(own, word) {
  let worth = 0;
  for (const one of own) {
    if (one === word) return WORTH.same;
    if (word.length > 1 && one.startsWith(word)) worth = Math.max(worth, WORTH.beginning);
    else if (isShort(one, word)) worth = Math.max(worth, WORTH.short);
    else if (worth < WORTH.slip && isSlip(one, word)) worth = WORTH.slip;
  }
  return worth;
}

/**
 * Tell whether a word was typed without some of its vowels, as in a message: "jln", "mti", "pdm".
 * @param {string} whole
 * @param {string} word At least three letters, the first one right.
 */
export function isShort(whole, word) {
  if (word.length < 3 || word.length >= whole.length || whole[0] !== word[0]) return false;
  let at = 0;
  for (const letter of whole) {
    if (letter === word[at]) at += 1;
    else if (!VOWELS.has(letter)) return false;
  }
  return at === word.length;
}

/**
 * Tell whether two words differ by a slip: one letter, or two in a long word; the first letter stands.
 * @param {string} one
 * @param {string} two
 */
export function isSlip(one, two) {
  const shorter = Math.min(one.length, two.length);
  const allowed = shorter >= LONG ? 2 : 1;
  if (shorter < SHORT || one[0] !== two[0] || Math.abs(one.length - two.length) > allowed) {
    return false;
  }
  return slips(one, two) <= allowed;
}

/**
 * Count the letters that are missing, added, wrong or swapped with their neighbour.
 * Source: optimal string alignment distance.
 * @param {string} one
 * @param {string} two
 */
export function slips(one, two) {
  let before = [];
  let last = Array.from({ length: two.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const line = [row];
    for (let at = 1; at <= two.length; at += 1) {
      const isSame = one[row - 1] === two[at - 1];
      line[at] = Math.min(last[at] + 1, line[at - 1] + 1, last[at - 1] + (isSame ? 0 : 1));
      const isSwap =
        row > 1 && at > 1 && one[row - 1] === two[at - 2] && one[row - 2] === two[at - 1];
      if (isSwap) line[at] = Math.min(line[at], before[at - 2] + 1);
    }
    before = last;
    last = line;
  }
  return last[two.length];
}
