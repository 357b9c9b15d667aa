/** The page of outages: the area may be drawn on the map. */

import { ring } from "./ui/ring.js";

const drawing = ring({
  root: document.getElementById("drawing"),
  field: document.getElementById("id_shape"),
  config: JSON.parse(document.getElementById("map-config").textContent),
  onReady: () => drawing.show(),
});
document.getElementById("errors")?.focus();
