/** What scripts say: a page brings the sentences in the reader's language as `data-` values of an element. */

import { fill } from "./words.js";

/**
 * Read the sentences of an element.
 * @param {HTMLElement} element
 * @returns {(key: string, values?: Record<string, string | number>) => string}
 */
export function phrasesOf(element) {
  return (key, values = {}) => fill(element.dataset[key] ?? "", values);
}

/**
 * Say a distance as people do.
 * @param {number} metres
 * @returns {string}
 */
export function distance(metres) {
  if (metres < 1000) return `${Math.max(10, Math.round(metres / 10) * 10)} m`;
  return `${Math.round(metres / 1000)} km`;
}
