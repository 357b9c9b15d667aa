/** The small map of things near the pin. Their list says the same, so that nobody needs the map. */

import { L } from "../leaflet.js";

const SIZE = 32;
const CLOSE = 18;

/**
 * One thing near the pin.
 * @typedef {object} Thing
 * @property {string} code
 * @property {string} name
 * @property {number} lat
 * @property {number} lon
 * @property {number} distance_m
 * @property {string | null} reported Number of an open public report that names it.
 */

/**
 * Make the map.
 * @param {HTMLElement} root
 * @param {object} options
 * @param {object} options.config The map's addresses.
 * @param {(key: string, values?: object) => string} options.say
 * @param {(thing: Thing) => string} options.name
 * @param {(code: string) => void} options.onPress
 * @returns {{show(things: Thing[], pin: {lat: number, lon: number}): void,
 *   mark(code: string, isChosen: boolean): void} | null} null where the map's script is not there.
 */
export function polesMap(root, { config, say, name, onPress }) {
  if (!L) return null;
  root.hidden = false;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", say("assetsMap"));
  const map = L.map(root, { attributionControl: false, maxZoom: 20 });
  const marks = new Map();
  const held = L.layerGroup().addTo(map);
  import("./land.js").then(({ land }) => land(map, config)).catch(() => {});
  return {
    show(things, pin) {
      held.clearLayers();
      marks.clear();
      const here = L.divIcon({
        className: "pin poles__pin",
        iconSize: [44, 52],
        iconAnchor: [22, 50],
      });
      L.marker([pin.lat, pin.lon], { icon: here, keyboard: false, interactive: false }).addTo(held);
      for (const thing of things) {
        const marker = figure(thing, { say, name }).on("click", () => onPress(thing.code));
        marks.set(thing.code, marker.addTo(held));
      }
      map.invalidateSize();
      const near = things.slice(0, 6).map(({ lat, lon }) => [lat, lon]);
      map.fitBounds(L.latLngBounds([[pin.lat, pin.lon], ...near]).pad(0.3), {
        maxZoom: CLOSE,
        animate: false,
      });
    },
    mark(code, isChosen) {
      marks.get(code)?.getElement()?.classList.toggle("pole--chosen", isChosen);
    },
  };
}

/** Free: a ring; already reported: a diamond with "!"; chosen: a filled square with a tick. */
function figure(thing, { say, name }) {
  const { lat, lon, reported } = thing;
  const className = `pole${reported ? " pole--reported" : ""}`;
  const icon = L.divIcon({ className, iconSize: [SIZE, SIZE] });
  const label = reported ? say("assetTaken", { name: name(thing), number: reported }) : name(thing);
  // The list is the keyboard's way, so that Tab does not walk through forty poles twice.
  return L.marker([lat, lon], { icon, title: label, alt: label, keyboard: false });
}
