/** Who would be responsible, said before anything is sent; and whether the place is in the city at all. */

import { getJSON } from "../http.js";
import { distance } from "../words.js";

const PAUSE_MS = 250;
const UNSURE = "lainnya";

/**
 * Watch place and kind, and say who is responsible.
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {(key: string, values?: object) => string} options.say
 * @param {(text: string) => void} options.onOutside Called with "" once the point is inside again.
 * @param {(route: {street?: string, area?: {name: string}}) => void} options.onPlace Street and area of the point.
 * @param {(edge: import("./edge.js").Edge | null) => void} options.onEdge A border that changes who is responsible.
 * @param {() => void} options.onSaid
 * @returns {{ask(): void, said(): string, side(department: {name: string} | null): void}}
 */
export function owner(form, { say, onOutside, onPlace, onEdge, onSaid }) {
  const line = form.querySelector("#owner");
  let timer = 0;
  let asking = null;
  let sentence = "";
  let routed = "";

  const show = (text) => {
    sentence = text;
    line.textContent = text;
    line.hidden = !text;
    onSaid();
  };
  const ask = async () => {
    asking?.abort();
    const { service_code: kind } = form.elements;
    const where = placeOf(form.elements);
    if (!where) {
      onEdge(null);
      return show("");
    }
    asking = new AbortController();
    const route = await routeOf(form, where, asking.signal);
    // No answer is no reason to stop anybody: the server decides again when the report arrives.
    if (!route) return undefined;
    if (where.lat) {
      onPlace(route);
      onOutside(route.covered ? "" : outsideSaid(route, form.dataset.cityName, say));
    }
    routed = route.covered && kind.value ? `${route.sentence}.` : "";
    show(routed);
    return onEdge(kind.value ? (route.edge ?? null) : null);
  };
  return {
    ask() {
      clearTimeout(timer);
      asking?.abort();
      timer = setTimeout(ask, PAUSE_MS);
    },
    said: () => sentence,
    side: (department) => show(department ? say("ownerSide", { name: department.name }) : routed),
  };
}

/** A point, or else a whole street, or an area; null where no place is named. */
function placeOf({ lat, lon, accuracy_m: accuracy, street, area_code: area }) {
  if (lat.value && lon.value) {
    const { value } = accuracy;
    return { lat: lat.value, lon: lon.value, ...(value && { accuracy_m: value }) };
  }
  if (street?.value.trim()) return { street: street.value.trim() };
  return area.value ? { area_code: area.value } : null;
}

/** Ask for the route of the form's place; null where nobody answers. */
async function routeOf(form, where, signal) {
  const service = form.elements.service_code.value || UNSURE;
  const query = new URLSearchParams({ ...where, service_code: service });
  return getJSON(`${form.dataset.route}?${query}`, { signal }).catch(() => null);
}

/**
 * Say that a place is outside, and whose it is.
 * @param {{neighbour: string, border_m: number | null}} route
 * @param {string} city
 * @param {(key: string, values?: object) => string} say
 */
export function outsideSaid({ neighbour, border_m: border }, city, say) {
  if (border === null) return say("outside", { city });
  const values = { city, neighbour, distance: distance(border) };
  return say(neighbour ? "outsideAt" : "outsideBy", values);
}
