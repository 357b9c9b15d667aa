/** A crew reports what it has seen: its own place on a tap, the pin by hand, kinds, send. */

import { insideBox, locate } from "./ui/locate.js";
import { minimap, siteOfPage } from "./ui/minimap.js";
import { pin } from "./ui/pin.js";

const DECIMALS = 6;
const CLOSE = 17;

const form = document.getElementById("sighting");
const said = document.getElementById("here-said");
const site = siteOfPage();
const map = minimap(site);
const fields = form.elements;

const keep = ({ lat, lon, accuracy }) => {
  fields.lat.value = lat.toFixed(DECIMALS);
  fields.lon.value = lon.toFixed(DECIMALS);
  fields.accuracy.value = accuracy ? Math.round(accuracy) : "";
};

if (map) {
  const handle = pin(map, {
    label: form.dataset.pin,
    onChange: (place) => {
      keep(place);
      said.textContent = form.dataset.set;
    },
  });
  // A form that comes back with a fault keeps its place.
  if (fields.lat.value && fields.lon.value) {
    handle.set(Number(fields.lat.value), Number(fields.lon.value), { zoom: CLOSE });
  }
  locate(document.getElementById("here"), {
    status: said,
    inside: insideBox(site.extent),
    onFound: (place) => {
      handle.set(place.lat, place.lon, { zoom: Math.max(map.getZoom(), CLOSE) });
      keep(place);
    },
  });
}

document.getElementById("errors")?.focus();
// Who comes back by the browser's button may send again.
addEventListener("pageshow", () => delete form.dataset.sent);
form.addEventListener("submit", (event) => {
  // A second tap must not send twice.
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  fields.at.value = new Date().toISOString();
});
