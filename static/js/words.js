/** Words with places in braces, numbers and distances as the reader writes them. Pure but for the page's language. A page
   brings the sentences of its scripts, in the reader's language, as `data-` values of an element. */

/** Making one costs more than a hundred numbers written by it. */
const writers = new Map();

/**
 * Fill `{name}` places of a sentence; numbers get their separators.
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 * @returns {string}
 */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (place, name) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === "number" ? number(value) : value;
  });
}

/**
 * Write a text for a place that takes HTML, as Leaflet's attributions do.
 * @param {string} text
 * @returns {string}
 */
export function escaped(text) {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/**
 * Write a number in the language of the page: 2.576 or 2,576.
 * @param {number} value
 * @param {number} [decimals]
 * @returns {string}
 */
export function number(value, decimals = 0) {
  const language = written();
  const key = `${language}/${decimals}`;
  if (!writers.has(key)) {
    writers.set(key, new Intl.NumberFormat(language, { maximumFractionDigits: decimals }));
  }
  return writers.get(key).format(value);
}

/** How the page's language is written here: English as the British do, 21 Nov 2026; what no browser knows, as Indonesian. */
function written() {
  const language = globalThis.document?.documentElement.lang || "id";
  return language === "en" ? ["en-GB"] : [language, "id"];
}

/**
 * Say a day as people do: 3 Mar 2026.
 * @param {string} iso
 * @returns {string} What is no day is said as it stands.
 */
export function day(iso) {
  const date = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return iso;
  const language = written();
  const how = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
  return new Intl.DateTimeFormat(language, how).format(date);
}

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
