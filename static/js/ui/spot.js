/** The pin on a place that was searched for: its name, where it lies, and the way to report there. */

import { getJSON } from "../http.js";
import { L } from "../leaflet.js";

const DECIMALS = 6;
const MOST_FRAMES = 60;
const MOST_NEAR = 3;
/** What floats over the map's upper edge: search and the choice of what is drawn. */
const BELOW_TOOLS = [12, 128];
let shown = null;

/**
 * Mark a place until its words are closed.
 * @param {L.Map} map
 * @param {{name: string, detail: string, sort: string, lon: number, lat: number, approximate: boolean}} found
 * @param {object} options
 * @param {DOMStringMap} options.words `report` (address of the form), `here` (words of its link), `approximate`, `near`.
 * @param {string} options.near Address of the list of issues, nearest first.
 */
export function spot(map, found, { words, near }) {
  shown?.remove();
  const icon = L.divIcon({ className: "spot", iconSize: [28, 28], iconAnchor: [14, 33] });
  const marker = L.marker([found.lat, found.lon], { icon, keyboard: false, alt: found.name });
  const told = tell(found, words);
  marker.bindPopup(told, {
    closeButton: false,
    offset: [0, -26],
    className: "spot-said",
    maxWidth: 240,
    autoPanPaddingTopLeft: BELOW_TOOLS,
    autoPanPaddingBottomRight: [64, 12],
  });
  marker.on("popupclose", () => marker.remove());
  shown = marker.addTo(map).openPopup();
  const popup = marker.getPopup();
  addNearest(told, near, words).then((any) => any && popup.isOpen() && keepFocus(popup));
  focusOnceSeen(told.querySelector("a"), MOST_FRAMES);
}

/** A popup that is measured anew takes its content out and in again, and with it the focus. */
function keepFocus(popup) {
  const focused = document.activeElement;
  popup.update();
  if (popup.getElement().contains(focused)) focused.focus({ preventScroll: true });
}

/** What is reported around the place, and whether there is any; without an answer none is. */
async function addNearest(root, address, { near }) {
  const { items } = await getJSON(address).catch(() => ({ items: [] }));
  if (!items.length) return false;
  const title = document.createElement("p");
  title.className = "small";
  title.textContent = `${near}:`;
  const list = document.createElement("ul");
  list.className = "spot-near small";
  for (const { url, category, distance } of items.slice(0, MOST_NEAR)) {
    const link = document.createElement("a");
    link.href = url;
    link.textContent = category;
    const item = document.createElement("li");
    item.append(link, ` ${distance}`);
    list.append(item);
  }
  root.append(title, list);
  return true;
}

/** A map that is still zooming hides its popups, and what is hidden takes no focus. */
function focusOnceSeen(link, frames) {
  link.focus({ preventScroll: true });
  if (document.activeElement === link || !frames) return;
  requestAnimationFrame(() => focusOnceSeen(link, frames - 1));
}

function tell(
  { name, detail, sort, lon, lat, approximate },
  { report, here, approximate: roughly },
) {
  const root = document.createElement("div");
  const strong = document.createElement("strong");
  strong.textContent = name;
  const place = document.createElement("p");
  place.className = "muted small";
  place.textContent = [sort, detail, approximate && roughly].filter(Boolean).join(" · ");
  const link = document.createElement("a");
  link.className = "button button--small";
  const where = { lat: lat.toFixed(DECIMALS), lon: lon.toFixed(DECIMALS) };
  link.href = `${report}?${new URLSearchParams(where)}`;
  link.textContent = here;
  root.append(strong, place, link);
  return root;
}
