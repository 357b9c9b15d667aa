/** Where it is: a map with one pin, "use my location", a search by name, a whole street, and the way without a map. */

import { L } from "../leaflet.js";
import { finder } from "./finder.js";
import { insideBox, locate } from "./locate.js";
import { pin } from "./pin.js";

const CLOSE = 17;
/** From here on what lies under the crosshair was meant. */
const CLOSE_ENOUGH = 15;
const MOVED_M = 30;
const FINE = 0.25;
const DECIMALS = 6;
/** Beyond the map's edge no pin can be seen, degrees. */
const MARGIN = 0.2;

/**
 * Wire the section "Di mana?".
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {(key: string, values?: object) => string} options.say
 * @param {object} options.config The map's addresses, and its `extent` (W, S, E, N in degrees).
 * @returns {{attach(map: L.Map): void, sync(): void, fit(): void, map(): L.Map | null,
 *   value(): {lat: number, lon: number} | null, inside(lat: number, lon: number): boolean,
 *   take(where: {lat: number, lon: number, accuracy?: number}, words?: string): void,
 *   said(): {words: string, exact: string}, lies(where: {street?: string, area?: {name: string}}): void}}
 */
export function place(form, { say, config }) {
  const withMap = form.querySelector("[data-with-map]");
  const status = form.querySelector("#point-said");
  const use = form.querySelector("[data-use-point]");
  const fields = form.elements;
  const inside = insideBox(config.extent);
  let map = null;
  let handle = null;
  let areaAt = () => "";
  let known = {};
  let lead = "";
  let pinned = null;

  const value = () => {
    if (fields.lat.value === "" || fields.lon.value === "") return null;
    return { lat: Number(fields.lat.value), lon: Number(fields.lon.value) };
  };
  const exact = ({ lat, lon }) => `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  const name = ({ lat, lon }) =>
    [known.street, known.area?.name ?? areaAt(lat, lon)].filter(Boolean).join(", ");
  const tell = () => {
    const point = value();
    if (along.whole()) {
      put(status, say("along", { street: along.whole() }), "");
      return;
    }
    const missing = handle?.crosshair === false ? "noPointPointer" : "noPoint";
    const words = point ? say("point", { place: name(point) || exact(point) }) : say(missing);
    const small = point && name(point) ? exact(point) : "";
    put(status, [lead, words].filter(Boolean).join(" "), small);
    status.classList.toggle("report__point--set", Boolean(point));
  };
  const keep = ({ lat, lon, accuracy }, words = "") => {
    known = {};
    lead = words;
    along.clear();
    fields.lat.value = lat.toFixed(DECIMALS);
    fields.lon.value = lon.toFixed(DECIMALS);
    fields.accuracy_m.value = accuracy ? Math.round(accuracy) : "";
    tell();
    fields.lat.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const go = (where, words) => {
    handle?.set(where.lat, where.lon, { zoom: Math.max(map.getZoom(), CLOSE) });
    keep(where, words);
  };
  const unpin = () => {
    handle?.clear();
    fields.lat.value = fields.lon.value = fields.accuracy_m.value = "";
    known = {};
    lead = "";
    tell();
  };
  const along = wholeStreet(form, {
    say,
    onWhole() {
      pinned = value() ?? pinned;
      fields.area_code.value = "";
      unpin();
    },
    // The pin from which the street was named is where one comes back to.
    onPoint: () => (pinned ? go(pinned) : tell()),
  });
  const village = withoutMap(form, {
    hasPoint: () => Boolean(value()),
    onChoose() {
      along.clear();
      unpin();
    },
  });

  withMap.hidden = false;
  if (!L) {
    // The map's script did not come: everything else still leads to a place.
    form.querySelector(".report__map").hidden = true;
  }
  locate(form.querySelector("#locate"), {
    status: form.querySelector("#locate-status"),
    inside,
    onFound: go,
    // The server names the neighbour; a point that no map shows would only be in the way.
    onOutside: (where) => isNear(config.extent, where) && go(where),
  });
  finder(form.querySelector("[data-search]"), { url: config.urls.search, say, onChoose: go });
  use.addEventListener("click", () => {
    if (!map) return;
    if (use.getAttribute("aria-disabled") === "true") {
      put(status, say("notYet"), "");
      return;
    }
    const centre = map.getCenter();
    handle.set(centre.lat, centre.lng);
    keep({ lat: centre.lat, lon: centre.lng }, say("used"));
  });
  tell();
  const sync = () => {
    const point = value();
    if (point && handle) handle.set(point.lat, point.lon, { zoom: Math.max(map.getZoom(), CLOSE) });
    village.sync();
    along.sync();
    tell();
  };
  return {
    attach(given) {
      map = given;
      frame(map, config.extent);
      handle = pin(map, { label: say("pin"), onChange: (where) => keep(where) });
      guard(map, use, () => Boolean(value()));
      sync();
      // Without the land the pin still works; only the ground stays empty.
      import("./land.js")
        .then(({ land }) => land(map, config))
        .then(
          (laid) => {
            areaAt = laid.areaAt;
            tell();
          },
          () => {},
        );
    },
    sync,
    value,
    inside,
    map: () => map,
    take: go,
    said() {
      const point = value();
      const words = fields.address.value.trim();
      const whole = along.whole() && say("along", { street: along.whole() });
      const spot = point ? name(point) : whole || village.said();
      return {
        words: [words, spot].filter(Boolean).join(" · "),
        exact: point ? exact(point) : "",
      };
    },
    lies(where) {
      known = where;
      along.offer(where.street ?? "");
      tell();
    },
    fit: () => map?.invalidateSize(),
  };
}

/** The middle of the untouched city is nobody's choice: the button waits until the map was moved or looked at closely. */
function guard(map, use, hasPoint) {
  const start = map.getCenter();
  const isMeant = () =>
    hasPoint() || map.getZoom() >= CLOSE_ENOUGH || map.getCenter().distanceTo(start) > MOVED_M;
  const look = () => {
    if (!isMeant()) return;
    use.removeAttribute("aria-disabled");
    map.off("moveend zoomend", look);
  };
  use.setAttribute("aria-disabled", "true");
  map.on("moveend zoomend", look);
  look();
}

/** A village, or the whole city, instead of a point. */
function withoutMap(form, { hasPoint, onChoose }) {
  const area = form.querySelector("[data-without-map]");
  const opener = form.querySelector("[data-no-map]");
  const select = form.elements.area_code;
  const show = (isShown) => {
    area.hidden = !isShown;
    opener.setAttribute("aria-expanded", String(isShown));
  };
  const sync = () => show(!L || (Boolean(select.value) && !hasPoint()));
  opener.addEventListener("click", () => {
    show(area.hidden);
    if (!area.hidden) select.focus();
  });
  // An area is chosen instead of a point, never besides.
  select.addEventListener("change", () => {
    if (select.value) onChoose();
  });
  sync();
  return { sync, said: () => select.value && select.selectedOptions[0].textContent.trim() };
}

/** A street as a whole instead of a point: offered where the pin lies, or typed. */
function wholeStreet(form, { say, onWhole, onPoint }) {
  const row = form.querySelector("[data-along]");
  const tick = row.querySelector("input");
  const field = form.elements.street;
  const whole = () => field?.value.trim() ?? "";
  const sync = (name = whole()) => {
    row.hidden = !field || !name;
    row.querySelector("span").textContent = say("alongAsk", { street: name });
    tick.checked = Boolean(whole());
  };
  let offered = "";
  const choose = (name) => {
    field.value = name;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  tick.addEventListener("change", () => choose(tick.checked ? offered : ""));
  field?.addEventListener("change", () => {
    offered = whole() || offered;
    sync(offered);
    if (whole()) onWhole();
    else onPoint();
  });
  return {
    sync,
    whole,
    clear() {
      if (field) field.value = "";
      sync("");
    },
    offer(name) {
      if (whole()) return;
      offered = name;
      sync(name);
    },
  };
}

function isNear([west, south, east, north], { lat, lon }) {
  return insideBox([west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN])(lat, lon);
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
