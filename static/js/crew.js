/** The crew's pages: order by one's own place, on a tap only, and never more exact than a block. */

import { capture } from "./ui/capture.js";
import { locate } from "./ui/locate.js";
import { minimap, siteOfPage } from "./ui/minimap.js";
import { undo } from "./ui/undo.js";

/** Decimals of the place that leaves the phone: about a hundred metres. */
const DECIMALS = 3;

minimap(siteOfPage());
document.getElementById("stale")?.focus();
undo(document);
capture(document.querySelector(".job__finish form"));

const button = document.getElementById("here");
if (button) {
  button.hidden = false;
  locate(button, {
    status: document.getElementById("here-said"),
    onFound: ({ lat, lon }) => {
      const place = { lon: lon.toFixed(DECIMALS), lat: lat.toFixed(DECIMALS) };
      const query = new URLSearchParams(location.search);
      for (const name of ["done", "start"]) query.delete(name);
      for (const [name, value] of Object.entries(place)) query.set(name, value);
      location.assign(`${location.pathname}?${query}`);
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
