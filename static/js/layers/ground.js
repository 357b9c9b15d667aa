/** The ground: our own land, borders and main streets, with their names and the areas' counts. */

import { palette } from "../symbols.js";
import { escaped } from "../words.js";
import { canvas } from "./canvas.js";
import {
  paintBorders,
  paintGraticule,
  paintLand,
  paintPlaceNames,
  paintRoadNames,
  paintRoads,
} from "./land.js";
import { DISTRICTS_ZOOM } from "./marks.js";
import { covers, plane, shape } from "./world.js";

const RANK = ["neighbourhood", "city", "province", "national", "toll"];

/**
 * Make the ground from what the server drew.
 * @param {object} options
 * @param {string} options.pane Name of the map's pane to paint on.
 * @param {any} options.areas GeoJSON of the areas; its member `basemap` says where tiles of our own are.
 * @param {any} options.streets GeoJSON of the main streets.
 * @param {Record<string, string>} options.words
 * @param {() => number[][]} [options.obstacles] Boxes (W, N, E, S, pixels of the world) that names keep away from.
 * @param {boolean} [options.plain] Only borders and names of areas: somebody else draws the land.
 */
export function ground({ pane, areas, streets, words, obstacles = () => [], plain = false }) {
  const places = areas.features.map(placeOf);
  const roads = streets.features.map(roadOf).sort((one, two) => one.rank - two.rank);
  const state = { counts: new Map(), colours: palette(), own: null, isPlain: false };
  const source = plain ? null : areas.basemap;
  const layer = canvas(
    (pen, frame) => paint(pen, frame, { places, roads, words, plain, obstacles, ...state }),
    { pane },
  );
  // Leaflet shows this while the layer is on a map, and takes it for HTML.
  if (source) {
    layer.options.attribution = source.credits.map(escaped).join(", ");
    ownBasemap(source, () => layer.repaint()).then((own) => {
      state.own = own;
      layer.repaint();
    });
  }
  return {
    layer,
    areas: places,
    /** Show how many issues each area holds. */
    setCounts(counts) {
      state.counts = counts;
      layer.repaint();
    },
    /** Another picture says how many there are: the districts' shades would be read as part of it. */
    setPlain(isPlain) {
      if (state.isPlain === isPlain) return;
      state.isPlain = isPlain;
      layer.repaint();
    },
    /** Read the page's colours again (light or dark). */
    refresh() {
      state.colours = palette();
      layer.repaint();
    },
    /** The area of a level that covers a place, or null. */
    at(lat, lon, level) {
      const spot = plane(lon, lat);
      return places.find((one) => one.level === level && covers(one.paths, spot)) ?? null;
    },
  };
}

/** Tiles of our own, and the scripts that paint them, come where a city has any. */
async function ownBasemap(source, onChange) {
  const [{ basemap, paintBasemap }, { paintBasemapNames }] = await Promise.all([
    import("./basemap.js"),
    import("./streets.js"),
  ]);
  return { tiles: basemap(source, onChange), paintBasemap, paintBasemapNames };
}

function placeOf({ geometry, properties }) {
  const { paths, box } = shape(geometry);
  const [lon, lat] = properties.label;
  return { ...properties, paths, box, spot: plane(lon, lat) };
}

function roadOf({ geometry, properties }) {
  return { ...shape(geometry), ...properties, rank: RANK.indexOf(properties.road_class) };
}

function* paint(pen, frame, scene) {
  const seen = ({ box }) => inView(box, frame);
  const places = scene.places.filter(seen);
  const roads = scene.plain ? [] : scene.roads.filter(seen);
  const drawn = scene.own?.tiles.seen(frame) ?? [];
  const shaded = frame.zoom <= DISTRICTS_ZOOM;
  const taken = shaded ? [] : scene.obstacles().map((box) => toFrame(box, frame));
  pen.lineJoin = pen.lineCap = "round";
  if (!scene.plain) {
    paintGraticule(pen, frame, scene.colours);
    yield* paintLand(pen, frame, places, { ...scene, shaded: shaded && !scene.isPlain });
    if (scene.own) yield* scene.own.paintBasemap(pen, frame, drawn, scene.colours);
    yield* paintRoads(pen, frame, roads, scene.colours);
  }
  yield* paintBorders(pen, frame, places, scene.colours);
  yield* paintPlaceNames(pen, frame, places, scene, taken);
  yield* paintRoadNames(pen, frame, roads, scene.colours, taken);
  if (scene.own) {
    yield* scene.own.paintBasemapNames(pen, frame, drawn, scene.colours, taken);
  }
}

function inView([west, north, east, south], { origin, size, scale }) {
  return (
    east * scale > origin.x &&
    west * scale < origin.x + size.x &&
    south * scale > origin.y &&
    north * scale < origin.y + size.y
  );
}

function toFrame([west, north, east, south], { origin }) {
  return [west - origin.x, north - origin.y, east - origin.x, south - origin.y];
}
