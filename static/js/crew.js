/** The crew's pages: order by one's own place, on a tap only, and never more exact than a block. */

import { locate } from "./ui/locate.js";
import { minimap, siteOfPage } from "./ui/minimap.js";

/** Decimals of the place that leaves the phone: about a hundred metres. */
const DECIMALS = 3;

minimap(siteOfPage());
document.getElementById("stale")?.focus();

const button = document.getElementById("here");
if (button) {
  button.hidden = false;
  locate(button, {
    status: document.getElementById("here-said"),
    onFound: ({ lat, lon }) => {
      const place = { lon: lon.toFixed(DECIMALS), lat: lat.toFixed(DECIMALS) };
      location.assign(`${location.pathname}?${new URLSearchParams(place)}`);
    },
  });
}

// A second tap on send must not send twice.
for (const form of document.querySelectorAll(".job form")) {
  form.addEventListener("submit", () => {
    form.querySelector("button").setAttribute("aria-disabled", "true");
    form.addEventListener("submit", (again) => again.preventDefault());
  });
}
