/** Who would be responsible, said before anything is sent; and whether the place is in the city at all. */

import { getJSON } from "../http.js";
import { distance } from "../phrases.js";

const PAUSE_MS = 250;
const UNSURE = "lainnya";

/**
 * Watch point and kind, and say who is responsible.
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {(key: string, values?: object) => string} options.say
 * @param {(text: string) => void} options.onOutside Called with "" once the point is inside again.
 * @param {(route: {street?: string, area?: {name: string}}) => void} options.onPlace Street and area of the point.
 * @param {() => void} options.onSaid
 * @returns {{ask(): void, said(): string}}
 */
export function owner(form, { say, onOutside, onPlace, onSaid }) {
  const line = form.querySelector("#owner");
  let timer = 0;
  let asking = null;
  let sentence = "";

  const show = (text) => {
    sentence = text;
    line.textContent = text;
    line.hidden = !text;
    onSaid();
  };
  const ask = async () => {
    asking?.abort();
    const { lat, lon, service_code: kind } = form.elements;
    if (lat.value === "" || lon.value === "") return show("");
    asking = new AbortController();
    const query = new URLSearchParams({ lat: lat.value, lon: lon.value });
    query.set("service_code", kind.value || UNSURE);
    // No answer is no reason to stop anybody: the server decides again when the report arrives.
    const route = await getJSON(`${form.dataset.route}?${query}`, { signal: asking.signal }).catch(
      () => null,
    );
    if (!route) return undefined;
    onPlace(route);
    onOutside(route.covered ? "" : outside(route, form.dataset.cityName, say));
    return show(route.covered && kind.value ? `${route.sentence}.` : "");
  };
  return {
    ask() {
      clearTimeout(timer);
      asking?.abort();
      timer = setTimeout(ask, PAUSE_MS);
    },
    said: () => sentence,
  };
}

function outside({ neighbour, border_m: border }, city, say) {
  if (border === null) return say("outside", { city });
  const values = { city, neighbour, distance: distance(border) };
  return say(neighbour ? "outsideAt" : "outsideBy", values);
}
