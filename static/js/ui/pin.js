/** One pin on a map, set in three ways: tap, drag, keys; or, on phones, the map moves under a fixed crosshair. */

import { L } from "../leaflet.js";

const STEP_PX = 4;
const BIG_STEP_PX = 40;
/** From here on what lies under the crosshair was meant. */
const CLOSE_ENOUGH = 15;
const MOVED_M = 30;
const FINE = 0.25;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/**
 * Put a pin on a map.
 *
 * With a mouse: a click places it, dragging moves it, and once focused the arrow keys move it (Shift: further).
 * On touch (`crosshair`): it stands at the map's centre and every move of the map, by hand or by key, moves it.
 *
 * @param {L.Map} map
 * @param {object} options
 * @param {string} options.label Name of the pin for screen readers, e.g. "Titik laporan; geser dengan tombol panah".
 * @param {(place: {lat: number, lon: number}) => void} options.onChange Called after every move by the person.
 * @param {boolean} [options.crosshair] Default: whether the pointer is coarse.
 * @returns {{
 *   place(): {lat: number, lon: number} | null,
 *   set(lat: number, lon: number, options?: {zoom?: number}): void,
 *   clear(): void,
 *   remove(): void,
 *   crosshair: boolean,
 * }}
 */
export function pin(map, { label, onChange, crosshair = matchMedia("(pointer: coarse)").matches }) {
  return crosshair ? crosshairPin(map, { label, onChange }) : markerPin(map, { label, onChange });
}

function markerPin(map, { label, onChange }) {
  let marker = null;
  const tell = () => onChange(lonLat(marker.getLatLng()));
  const put = (where) => {
    if (marker) marker.setLatLng(where);
    else marker = draggable(map, where, label, tell);
  };
  const onClick = (event) => {
    put(event.latlng);
    tell();
  };
  const clear = () => {
    marker?.remove();
    marker = null;
  };
  map.on("click", onClick);
  return {
    crosshair: false,
    place: () => marker && lonLat(marker.getLatLng()),
    set(lat, lon, { zoom } = {}) {
      put(L.latLng(lat, lon));
      map.setView([lat, lon], zoom ?? map.getZoom(), { animate: false });
    },
    clear,
    remove() {
      clear();
      map.off("click", onClick);
    },
  };
}

function draggable(map, where, label, tell) {
  const marker = L.marker(where, { draggable: true, icon: figure(), title: label, alt: label });
  marker.addTo(map).on("dragend", tell);
  marker.getElement().addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? BIG_STEP_PX : STEP_PX;
    const at = map
      .latLngToContainerPoint(marker.getLatLng())
      .add([arrow[0] * step, arrow[1] * step]);
    marker.setLatLng(map.containerPointToLatLng(at));
    map.panInside(marker.getLatLng(), { padding: [BIG_STEP_PX, BIG_STEP_PX] });
    tell();
  });
  return marker;
}

function crosshairPin(map, { label, onChange }) {
  let touched = false;
  let active = false;
  const sign = document.createElement("div");
  sign.className = "crosshair";
  sign.setAttribute("role", "img");
  sign.setAttribute("aria-label", label);
  map.getContainer().append(sign);
  const touch = () => {
    touched = true;
  };
  // A map also moves by itself (resize, set): only what a person did counts as a choice.
  const onMove = () => {
    if (!touched) return;
    active = true;
    onChange(lonLat(map.getCenter()));
  };
  map.on("dragstart keydown mousedown dblclick", touch).on("moveend", onMove);
  map.getContainer().addEventListener("touchstart", touch, { passive: true });
  return {
    crosshair: true,
    place: () => (active ? lonLat(map.getCenter()) : null),
    set(lat, lon, { zoom } = {}) {
      touched = false;
      active = true;
      map.setView([lat, lon], zoom ?? map.getZoom(), { animate: false });
    },
    clear() {
      touched = active = false;
    },
    remove() {
      map.off("dragstart keydown mousedown dblclick", touch).off("moveend", onMove);
      map.getContainer().removeEventListener("touchstart", touch);
      sign.remove();
    },
  };
}

function figure() {
  return L.divIcon({ className: "pin", iconSize: [44, 52], iconAnchor: [22, 50] });
}

function lonLat(where) {
  const { lat, lng } = where.wrap();
  return { lat, lon: lng };
}

/** The middle of the untouched city is nobody's choice: the button waits until the map was moved or looked at closely. */
export function guard(map, use, hasPoint) {
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

/** Show the city and as little else as may be; a step that is still moving would swallow the next one. */
export function frame(map, [west, south, east, north]) {
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
