/** The board of a department: the map beside the list, and an address bar without empty filters. */

import { minimap, siteOfPage } from "./ui/minimap.js";

minimap(siteOfPage());

document.getElementById("filters")?.addEventListener("submit", ({ target }) => {
  for (const field of target.elements) if (!field.value) field.disabled = true;
});

// A page that comes back from the history must not keep its fields closed.
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("#filters :disabled")) field.disabled = false;
});
