/** The address bar and the filters: `?layer=belum,respon&category=lpju&…` and `#zoom/lat/lon/heat`. Pure. */

/**
 * What is asked for. Empty means everything.
 * @typedef {object} Filters
 * @property {string[]} layer Slugs of public layers.
 * @property {string} category Service code; a parent stands for its children.
 * @property {string} department Code.
 * @property {string} area Code of a village or a district.
 * @property {string} from First day, ISO.
 * @property {string} to Last day, ISO.
 * @property {boolean} overdue Only what is beyond its due date.
 */

/**
 * Where the map looks.
 * @typedef {object} View
 * @property {number} zoom
 * @property {number} lat
 * @property {number} lon
 * @property {boolean} heat
 */

const SINGLE = ["category", "department", "area", "from", "to"];

/**
 * Read filters from a query string or a form's data.
 * @param {string | URLSearchParams | FormData} source
 * @returns {Filters}
 */
export function parse(source) {
  const values = typeof source === "string" ? new URLSearchParams(source) : source;
  const layer = values
    .getAll("layer")
    .flatMap((value) => value.split(","))
    .filter(Boolean);
  const filters = { layer: [...new Set(layer)].sort(), overdue: values.get("overdue") === "true" };
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
  if (filters.layer.length) parts.push(`layer=${[...filters.layer].sort().join(",")}`);
  for (const name of SINGLE) {
    if (filters[name]) parts.push(`${name}=${encodeURIComponent(filters[name])}`);
  }
  if (filters.overdue) parts.push("overdue=true");
  return parts.join("&");
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
 * Count the filters that narrow the view.
 * @param {Filters} filters
 * @returns {number}
 */
export function count(filters) {
  const singles = SINGLE.filter((name) => filters[name]).length;
  return singles + (filters.layer.length ? 1 : 0) + (filters.overdue ? 1 : 0);
}

/**
 * Read the view from the address's fragment.
 * @param {string} hash As `location.hash` gives it.
 * @returns {View | null} null when it names no view.
 */
export function parseView(hash) {
  const [zoom, lat, lon, heat] = hash.replace(/^#/, "").split("/");
  const numbers = [zoom, lat, lon].map((text) => (text ? Number(text) : Number.NaN));
  if (!numbers.every(Number.isFinite)) return null;
  if (Math.abs(numbers[1]) > 85 || Math.abs(numbers[2]) > 180) return null;
  const clamped = Math.min(19, Math.max(0, Math.round(numbers[0])));
  return { zoom: clamped, lat: numbers[1], lon: numbers[2], heat: heat === "heat" };
}

/**
 * Write the view as a fragment; five decimals are a metre.
 * @param {View} view
 * @returns {string}
 */
export function formatView(view) {
  const place = `#${view.zoom}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}`;
  return view.heat ? `${place}/heat` : place;
}
