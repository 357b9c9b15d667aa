/** The list page: "more" adds cards instead of loading a page; all else works without this. */

import { listing } from "./ui/listing.js";

const { words, sprite } = JSON.parse(document.getElementById("map-config").textContent);
listing(document, { words, sprite });
if (matchMedia("(width >= 60rem)").matches) document.getElementById("filters-box").open = true;
