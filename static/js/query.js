/** The address bar: filters in the query, the view and what is drawn in the fragment. Pure. */

/**
 * What is asked for. Empty means everything.
 * @typedef {object} Filters
 * @property {string[]} layer Slugs of public layers.
 * @property {string[]} category Service codes; a parent stands for its children.
 * @property {string[]} department Codes.
 * @property {string} area Code of a village or a district.
 * @property {string} from First day, ISO.
 * @property {string} to Last day, ISO.
 * @property {string} as_of The end of this day instead of now, ISO; not with from, to or overdue.
 * @property {boolean} overdue Only what is beyond its due date.
 */

/**
 * Where the map looks, and what it draws.
 * @typedef {object} View
 * @property {number} zoom
 * @property {number} lat
 * @property {number} lon
 * @property {"" | "heat" | "hotspots" | "areas"} drawing Empty: the issues themselves.
 * @property {string} [detail] What was chosen of the drawing, in its own words; empty: as it is given.
 */

/** What the map can draw instead of the issues, as the fragment names it. */
export const DRAWINGS = ["heat", "hotspots", "areas"];

const DETAIL = /^[a-z0-9_-]*$/;

const LISTS = ["layer", "category", "department"];
const SINGLE = ["area", "from", "to", "as_of"];

/**
 * Read filters from a query string or a form's data.
 * @param {string | URLSearchParams | FormData} source
 * @returns {Filters}
 */
export function parse(source) {
  const values = typeof source === "string" ? new URLSearchParams(source) : source;
  const filters = { overdue: values.get("overdue") === "true" };
  for (const name of LISTS) {
    const codes = values.getAll(name).flatMap((value) => value.split(","));
    filters[name] = [...new Set(codes.filter(Boolean))].sort();
  }
  for (const name of SINGLE) filters[name] = values.get(name) ?? "";
  return filters;
}

/**
 * Write filters as a query string; equal filters give equal strings, so that caches hit.
 * @param {Filters} filters
 * @returns {string} Without the question mark; empty when nothing is filtered.
 */
export function format(filters) {
  const parts = [];
  for (const name of LISTS) {
    const codes = [...filters[name]].sort().map(encodeURIComponent);
    if (codes.length) parts.push(`${name}=${codes.join(",")}`);
  }
  for (const name of SINGLE) {
    if (filters[name]) parts.push(`${name}=${encodeURIComponent(filters[name])}`);
  }
  if (filters.overdue) parts.push("overdue=true");
  return parts.join("&");
}

/**
 * Change some filters. The end of a day knows no period and no "overdue": whichever is set last stays.
 * @param {Filters} filters
 * @param {Partial<Filters>} part
 * @returns {Filters}
 */
export function changed(filters, part) {
  const now = { ...filters, ...part };
  if (part.as_of) return { ...now, from: "", to: "", overdue: false };
  return part.from || part.to || part.overdue ? { ...now, as_of: "" } : now;
}

/**
 * Put filters behind an address.
 * @param {string} address
 * @param {Filters} filters
 * @returns {string}
 */
export function withFilters(address, filters) {
  const query = format(filters);
  return query ? `${address}?${query}` : address;
}

/**
 * Put a place behind an address: the nearest first.
 * @param {string} address
 * @param {{lat: number, lng: number}} place
 * @returns {string}
 */
export function withNear(address, { lat, lng }) {
  const glue = address.includes("?") ? "&" : "?";
  return `${address}${glue}near=${lat.toFixed(5)},${lng.toFixed(5)}`;
}

/**
 * Count the filters that narrow the view.
 * @param {Filters} filters
 * @returns {number}
 */
export function count(filters) {
  const singles = SINGLE.filter((name) => filters[name]).length;
  const lists = LISTS.filter((name) => filters[name].length).length;
  return singles + lists + (filters.overdue ? 1 : 0);
}

/**
 * Read the view from the address's fragment.
 * @param {string} hash As `location.hash` gives it.
 * @returns {View | null} null when it names no view.
 */
export function parseView(hash) {
  const [zoom, lat, lon, drawing, detail = ""] = hash.replace(/^#/, "").split("/");
  const numbers = [zoom, lat, lon].map((text) => (text ? Number(text) : Number.NaN));
  if (!numbers.every(Number.isFinite)) return null;
  if (Math.abs(numbers[1]) > 85 || Math.abs(numbers[2]) > 180) return null;
  const clamped = Math.min(19, Math.max(0, Math.round(numbers[0])));
  return {
    zoom: clamped,
    lat: numbers[1],
    lon: numbers[2],
    drawing: DRAWINGS.includes(drawing) ? drawing : "",
    detail: DRAWINGS.includes(drawing) && DETAIL.test(detail) ? detail : "",
  };
}

/**
 * Write the view as a fragment; five decimals are a metre.
 * @param {View} view
 * @returns {string}
 */
export function formatView(view) {
  const place = `#${view.zoom}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}`;
  return [place, view.drawing, view.drawing && view.detail].filter(Boolean).join("/");
}
