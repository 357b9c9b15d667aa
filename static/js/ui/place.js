/** Where it is: a map with one pin, "use my location", a search by name, and the way without a map. */

import { finder } from "./finder.js";
import { land } from "./land.js";
import { insideBox, locate } from "./locate.js";
import { pin } from "./pin.js";

const CLOSE = 17;
const DECIMALS = 6;

/**
 * Wire the section "Di mana?".
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {(key: string, values?: object) => string} options.say
 * @param {object} options.config The map's addresses, and its `extent` (W, S, E, N in degrees).
 * @returns {{attach(map: L.Map): void, sync(): void, said(): string, fit(): void}}
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

  const value = () => {
    if (fields.lat.value === "" || fields.lon.value === "") return null;
    return { lat: Number(fields.lat.value), lon: Number(fields.lon.value) };
  };
  const name = ({ lat, lon }) =>
    [areaAt(lat, lon), `${lat.toFixed(5)}, ${lon.toFixed(5)}`].filter(Boolean).join(" · ");
  const tell = (lead = "") => {
    const point = value();
    const words = point && say("point", { place: name(point) });
    const missing = handle?.crosshair === false ? "noPointPointer" : "noPoint";
    status.textContent = [lead, words ?? say(missing)].filter(Boolean).join(" ");
  };
  const keep = ({ lat, lon, accuracy }, lead) => {
    fields.lat.value = lat.toFixed(DECIMALS);
    fields.lon.value = lon.toFixed(DECIMALS);
    fields.accuracy_m.value = accuracy ? Math.round(accuracy) : "";
    tell(lead);
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
      const [west, south, east, north] = config.extent;
      map.fitBounds([
        [south, west],
        [north, east],
      ]);
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
      return [words, spot].filter(Boolean).join(" · ");
    },
    fit: () => map?.invalidateSize(),
  };
}
