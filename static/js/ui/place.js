/** Where it is: a map with one pin, "use my location", a search by name, a whole street, and the way without a map. */

import { getJSON } from "../http.js";
import { insideBox, locate } from "./locate.js";

const CLOSE = 17;
const PAUSE_MS = 250;
const LEAST_LETTERS = 3;
const DECIMALS = 6;
/** Beyond the map's edge no pin can be seen, degrees. */
const MARGIN = 0.2;

/**
 * Wire the section "Di mana?".
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {(key: string, values?: object) => string} options.say
 * @param {object} options.config The map's addresses, and its `extent` (W, S, E, N in degrees).
 * @returns {{bring(): Promise<void>, sync(): void, fit(): void, map(): L.Map | null,
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
  const attach = ({ map: given, frame, guard, pin }) => {
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
  };
  return {
    /** The map is heavy: it comes once the form stands. */
    async bring() {
      try {
        attach(await mapIn("report-map"));
      } catch {
        // Its script did not come: everything else still leads to a place.
        form.querySelector(".report__map").hidden = true;
        village.open();
      }
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

/** A village, or the whole city, instead of a point. */
function withoutMap(form, { hasPoint, onChoose }) {
  const area = form.querySelector("[data-without-map]");
  const opener = form.querySelector("[data-no-map]");
  const select = form.elements.area_code;
  const show = (isShown) => {
    area.hidden = !isShown;
    opener.setAttribute("aria-expanded", String(isShown));
  };
  let isOnly = false;
  const sync = () => show(isOnly || (Boolean(select.value) && !hasPoint()));
  opener.addEventListener("click", () => {
    show(area.hidden);
    if (!area.hidden) select.focus();
  });
  // An area is chosen instead of a point, never besides.
  select.addEventListener("change", () => {
    if (select.value) onChoose();
  });
  sync();
  return {
    sync,
    /** There is no other way. */
    open() {
      isOnly = true;
      sync();
    },
    said: () => select.value && select.selectedOptions[0].textContent.trim(),
  };
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

/**
 * Bring Leaflet with its styles, whose addresses wait in a template, and have django-leaflet make its map.
 * @param {string} id Of the map's element.
 */
async function mapIn(id) {
  const parts = document.getElementById("map-parts").content.children;
  await Promise.all([...parts].map(brought));
  const [{ onMap }, rest] = await Promise.all([import("../leaflet.js"), import("./pin.js")]);
  return new Promise((resolve) => {
    onMap(id, (map) => resolve({ map, ...rest }));
    dispatchEvent(new Event("map:wanted"));
  });
}

/** Add a style or a script to the page; styles before the page's own, scripts in their order. */
function brought(part) {
  const added = document.createElement(part.localName);
  for (const { name, value } of part.attributes) added.setAttribute(name, value);
  const styles = document.head.querySelectorAll("link[rel=stylesheet]:not([data-late])");
  const come = new Promise((resolve, reject) => {
    added.onload = resolve;
    added.onerror = reject;
  });
  if (part.localName === "script") {
    added.async = false;
    document.head.append(added);
  } else styles[styles.length - 1].before(added);
  return come;
}

function isNear([west, south, east, north], { lat, lon }) {
  return insideBox([west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN])(lat, lon);
}

/**
 * Find a street or an area by name, in a field with a list of buttons below it; Enter takes the first.
 * @param {HTMLElement} root
 * @param {object} options
 * @param {string} options.url Answers `{found: [{name, detail, lon, lat}]}` to `?q=`.
 * @param {(key: string, values?: object) => string} options.say
 * @param {(place: {lat: number, lon: number}) => void} options.onChoose
 */
function finder(root, { url, say, onChoose }) {
  const field = root.querySelector("input");
  const list = root.querySelector("ul");
  const status = root.querySelector("[role=status]");
  let timer = 0;
  let asking = null;

  const close = () => {
    list.replaceChildren();
    list.hidden = true;
  };
  const choose = (found) => {
    field.value = found.name;
    close();
    onChoose({ lat: found.lat, lon: found.lon });
  };
  const tell = (word, values) => {
    status.textContent = word ? say(word, values) : "";
    status.classList.toggle("visually-hidden", !word || word === "places");
  };
  /** @returns {Promise<object[] | null>} null: a later question is on its way, or nobody answered. */
  const look = async () => {
    asking?.abort();
    const words = field.value.trim();
    if (words.length < LEAST_LETTERS) {
      close();
      tell("");
      return null;
    }
    asking = new AbortController();
    const address = `${url}?q=${encodeURIComponent(words)}`;
    const answer = await getJSON(address, { signal: asking.signal }).catch((error) => {
      if (error.name !== "AbortError") tell("searchFailed");
      return null;
    });
    if (!answer) return null;
    list.replaceChildren(...answer.found.map((found) => entry(found, () => choose(found))));
    list.hidden = answer.found.length === 0;
    tell(answer.found.length ? "places" : "noPlaces", { count: answer.found.length });
    return answer.found;
  };
  const takeFirst = async () => {
    const found = await look();
    if (found?.length) choose(found[0]);
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter" && event.target === field) {
      event.preventDefault();
      clearTimeout(timer);
      takeFirst();
    }
    if (event.key === "ArrowDown" && event.target === field) list.querySelector("button")?.focus();
  });
}

function entry(found, onClick) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "report__hit";
  const name = document.createElement("strong");
  name.textContent = found.name;
  const kind = document.createElement("span");
  kind.className = "muted small";
  kind.textContent = found.detail;
  button.append(name, " ", kind);
  button.addEventListener("click", onClick);
  item.append(button);
  return item;
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
