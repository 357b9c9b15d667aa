/** The pages that administer places: each brings what it needs of map, faults, drawing and waiting. */

import { corners } from "./ui/corners.js";
import { minimap, siteOfPage } from "./ui/minimap.js";
import { spot } from "./ui/pick.js";
import { drawn, fetched, zoomable } from "./ui/pieces.js";

/** How long to wait before looking again whether a worker is done, milliseconds. */
const AGAIN = 3000;

const root = (name) => document.querySelector(`[data-${name}]`);
const map = document.getElementById("minimap") ? minimap(siteOfPage()) : null;

if (map && root("layers")) fetched(map, root("layers").dataset.layers);
if (map && root("drawn")) {
  const { gaps, doubles } = JSON.parse(document.getElementById("layers").textContent);
  drawn(map, { areas: [], faults: [...gaps, ...doubles], moves: [] });
}
if (map && root("corners")) corners(map, root("corners"));
if (map && root("pick")) spot(map, root("pick").dataset);
if (map) zoomable(map);
if (root("moving")) setTimeout(() => location.reload(), AGAIN);
