/** Where it is: a map with one pin, "use my location", a search by name, and the way without a map. */

import { finder } from "./finder.js";
import { land } from "./land.js";
import { insideBox, locate } from "./locate.js";
import { pin } from "./pin.js";

const CLOSE = 17;
const FINE = 0.25;
const DECIMALS = 6;

/**
 * Wire the section "Di mana?".
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {(key: string, values?: object) => string} options.say
 * @param {object} options.config The map's addresses, and its `extent` (W, S, E, N in degrees).
 * @returns {{attach(map: L.Map): void, sync(): void, fit(): void,
 *   said(): {words: string, exact: string}, lies(where: {street?: string, area?: {name: string}}): void}}
 */
export function place(form, { say, config }) {
  const withMap = form.querySelector("[data-with-map]");
  const area = form.querySelector("[data-without-map]");
  const noMap = form.querySelector("[data-no-map]");
  const status = form.querySelector("#point-said");
  const fields = form.elements;
  let map = null;
  let handle = null;
  let areaAt = () => "";
  let known = {};
  let lead = "";

  const value = () => {
    if (fields.lat.value === "" || fields.lon.value === "") return null;
    return { lat: Number(fields.lat.value), lon: Number(fields.lon.value) };
  };
  const exact = ({ lat, lon }) => `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  const name = ({ lat, lon }) =>
    [known.street, known.area?.name ?? areaAt(lat, lon)].filter(Boolean).join(", ");
  const tell = () => {
    const point = value();
    const missing = handle?.crosshair === false ? "noPointPointer" : "noPoint";
    const words = point ? say("point", { place: name(point) || exact(point) }) : say(missing);
    const small = point && name(point) ? exact(point) : "";
    put(status, [lead, words].filter(Boolean).join(" "), small);
  };
  const keep = ({ lat, lon, accuracy }, words = "") => {
    known = {};
    lead = words;
    fields.lat.value = lat.toFixed(DECIMALS);
    fields.lon.value = lon.toFixed(DECIMALS);
    fields.accuracy_m.value = accuracy ? Math.round(accuracy) : "";
    tell();
    fields.lat.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const go = (where) => {
    handle?.set(where.lat, where.lon, { zoom: Math.max(map.getZoom(), CLOSE) });
    keep(where);
  };
  const showArea = (isShown) => {
    area.hidden = !isShown;
    noMap.setAttribute("aria-expanded", String(isShown));
  };

  withMap.hidden = false;
  showArea(Boolean(fields.area_code.value) && !value());
  noMap.addEventListener("click", () => {
    showArea(area.hidden);
    if (!area.hidden) fields.area_code.focus();
  });
  // A village is chosen instead of a point, never besides.
  fields.area_code.addEventListener("change", () => {
    if (!fields.area_code.value) return;
    handle?.clear();
    fields.lat.value = fields.lon.value = fields.accuracy_m.value = "";
    known = {};
    lead = "";
    tell();
  });
  locate(form.querySelector("#locate"), {
    status: form.querySelector("#locate-status"),
    inside: insideBox(config.extent),
    onFound: go,
  });
  finder(form.querySelector("[data-search]"), { url: config.urls.search, say, onChoose: go });
  form.querySelector("[data-use-point]").addEventListener("click", () => {
    if (!map) return;
    const centre = map.getCenter();
    handle.set(centre.lat, centre.lng);
    keep({ lat: centre.lat, lon: centre.lng }, say("used"));
  });
  tell();
  const sync = () => {
    const point = value();
    if (point && handle) handle.set(point.lat, point.lon, { zoom: Math.max(map.getZoom(), CLOSE) });
    showArea(Boolean(fields.area_code.value) && !point);
    tell();
  };
  return {
    attach(given) {
      map = given;
      frame(map, config.extent);
      handle = pin(map, { label: say("pin"), onChange: (where) => keep(where) });
      sync();
      // Without the land the pin still works; only the ground stays empty.
      land(map, config).then(
        (laid) => {
          areaAt = laid.areaAt;
          tell();
        },
        () => {},
      );
    },
    sync,
    said() {
      const point = value();
      const words = fields.address.value.trim();
      const village = fields.area_code.value && fields.area_code.selectedOptions[0].textContent;
      const spot = point ? name(point) : village;
      return {
        words: [words, spot].filter(Boolean).join(" · "),
        exact: point ? exact(point) : "",
      };
    },
    lies(where) {
      known = where;
      tell();
    },
    fit: () => map?.invalidateSize(),
  };
}

/** Show the city and as little else as may be; a step that is still moving would swallow the next one. */
function frame(map, [west, south, east, north]) {
  const whole = map.options.zoomSnap;
  map.options.zoomSnap = FINE;
  map.fitBounds(
    [
      [south, west],
      [north, east],
    ],
    { animate: false },
  );
  map.options.zoomSnap = whole;
}

/**
 * Write words and, small behind them, the coordinates.
 * @param {HTMLElement} element
 * @param {string} words
 * @param {string} exact
 */
export function put(element, words, exact) {
  const small = document.createElement("small");
  small.className = "report__exact";
  small.textContent = exact;
  element.replaceChildren(words, ...(exact ? [" ", small] : []));
}
