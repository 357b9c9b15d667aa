/** SHA-256 of short texts, one after the other: the browser's own takes longer to be asked than to answer. */

const WORDS = 64;
const BLOCK = 64;
const ROUNDS = new Uint32Array(WORDS);
const START = new Uint32Array(8);

/** The constants of the standard are roots of the first primes. Source: FIPS 180-4, sections 4.2.2 and 5.3.3. */
function prepare() {
  const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) >>> 0;
  for (let prime = 2, found = 0; found < WORDS; prime += 1) {
    let isPrime = true;
    for (let low = 2; low * low <= prime; low += 1) isPrime &&= prime % low !== 0;
    if (!isPrime) continue;
    if (found < START.length) START[found] = fraction(Math.sqrt(prime));
    ROUNDS[found] = fraction(Math.cbrt(prime));
    found += 1;
  }
}
prepare();

const schedule = new Uint32Array(WORDS);
const turn = (word, bits) => (word >>> bits) | (word << (32 - bits));

/** Mix one block of 64 bytes into the state. */
function mix(state, view, offset) {
  const w = schedule;
  for (let at = 0; at < 16; at += 1) w[at] = view.getUint32(offset + 4 * at);
  for (let at = 16; at < WORDS; at += 1) {
    const s0 = turn(w[at - 15], 7) ^ turn(w[at - 15], 18) ^ (w[at - 15] >>> 3);
    const s1 = turn(w[at - 2], 17) ^ turn(w[at - 2], 19) ^ (w[at - 2] >>> 10);
    w[at] = w[at - 16] + s0 + w[at - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let at = 0; at < WORDS; at += 1) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[at] + w[at]) | 0;
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  const mixed = [a, b, c, d, e, f, g, h];
  for (let at = 0; at < mixed.length; at += 1) state[at] += mixed[at];
}

/**
 * Hash a short ASCII text.
 * @param {string} text
 * @returns {string} Hexadecimal.
 */
export function sha256(text) {
  const size = Math.ceil((text.length + 9) / BLOCK) * BLOCK;
  const bytes = new Uint8Array(size);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  bytes[text.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(size - 4, text.length * 8);
  const state = START.slice();
  for (let offset = 0; offset < size; offset += BLOCK) mix(state, view, offset);
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}
