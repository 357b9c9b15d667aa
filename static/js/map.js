/** The public map: wires map, filters, list, legend, search and panel together. */

import { getJSON } from "./http.js";
import { ground, SHADED_ZOOM } from "./layers/ground.js";
import { heat } from "./layers/heat.js";
import { issues } from "./layers/issues.js";
import { mostDense } from "./layers/land.js";
import { DISTRICT, VILLAGE } from "./layers/levels.js";
import { radius, SINGLE_ZOOM } from "./layers/marks.js";
import { credit, L, onMap } from "./leaflet.js";
import { formatView, parseView, withFilters } from "./query.js";
import { filters } from "./ui/filters.js";
import { legend } from "./ui/legend.js";
import { listing } from "./ui/listing.js";
import { whileSeen } from "./ui/live.js";
import { insideBox, locate } from "./ui/locate.js";
import { markers } from "./ui/markers.js";
import { search } from "./ui/search.js";
import { sheet } from "./ui/sheet.js";
import { fill } from "./words.js";

const PATIENCE_MS = 350;
/** How old an open map may get; the server answers most rounds with "not modified". */
const ROUND_MS = 20_000;
const CLOSE_ZOOM = 17;
/** A narrower map is for the issues; its legend waits behind its button. */
const LEGEND_PX = 760;
const PANES = { ground: 150, heat: 250, hits: 610 };
const NOTHING = { count: 0, open: 0 };

const byId = (id) => document.getElementById(id);

onMap("map", (map) => {
  const page = new MapPage(map, JSON.parse(byId("map-config").textContent));
  page.start();
});

class MapPage {
  constructor(map, config) {
    this.map = map;
    this.config = config;
    this.counts = new Map();
    this.ground = null;
    this.hot = false;
  }

  async start() {
    this.prepare();
    this.makeParts();
    this.makeLayers();
    this.listen();
    this.tools();
    this.issues.addTo(this.map);
    this.setHeat(parseView(location.hash)?.heat ?? false);
    await this.makeGround();
    await this.refresh();
    whileSeen(ROUND_MS, () => {
      this.issues.renew();
      this.refresh({ again: true });
    });
  }

  /** Give the map its panes, its view, and controls with names. */
  prepare() {
    const { map } = this;
    const { basemap, extent } = this.config;
    for (const [name, order] of Object.entries(PANES)) map.createPane(name).style.zIndex = order;
    for (const name of ["ground", "heat"]) map.getPane(name).style.pointerEvents = "none";
    map.zoomControl.setPosition("bottomright");
    if (basemap) L.tileLayer(basemap.url, { attribution: basemap.attribution }).addTo(map);
    map.attributionControl?.setPrefix("Leaflet");
    const view = parseView(location.hash);
    if (view) this.look(view, { animate: false });
    else map.fitBounds(bounds(extent), { animate: false });
  }

  makeParts() {
    const { words, urls, sprite } = this.config;
    this.key = legend(document, words);
    this.list = listing(document, { sprite, words });
    const home = this.map.getContainer();
    this.panel = sheet(byId("sheet"), { urls, sprite, words, home });
    this.asked = filters(byId("filters"), {
      badge: byId("filter-count"),
      onChange: () => {
        this.issues.setFilters(this.asked.current());
        this.refresh();
      },
    });
  }

  makeLayers() {
    const { words, urls } = this.config;
    this.issues = issues(urls.tile, this.asked.current());
    this.heat = heat({
      pane: "heat",
      weights: () => this.issues.weights(),
      onScale: (most) => this.key.scale(most),
    });
    this.hits = markers(this.map, {
      pane: "hits",
      label: words.markers,
      name: (mark) => nameOf(mark, this.config),
      onPress: (mark, where) => this.press(mark, where),
    });
  }

  async makeGround() {
    const { urls, words, basemap } = this.config;
    const [areas, streets] = await Promise.all([getJSON(urls.areas), getJSON(urls.streets)]);
    const obstacles = () => this.marks().map(boxOf);
    this.ground = ground({
      pane: "ground",
      areas,
      streets,
      words,
      obstacles,
      plain: Boolean(basemap),
    });
    this.ground.layer.addTo(this.map);
    credit(this.map, { areas: this.ground.areas, words });
  }

  listen() {
    const { map } = this;
    const home = map.getContainer();
    this.issues.on("loading", () => home.setAttribute("aria-busy", "true"));
    this.issues.on("load", () => home.removeAttribute("aria-busy"));
    this.issues.on("data", () => this.settle());
    this.issues.on("failed", () => {
      byId("said").textContent = this.config.words.failed;
    });
    map.on("moveend", () => this.settle());
    map.on(
      "moveend",
      debounced(() => byId("sort").value && this.refresh(), PATIENCE_MS),
    );
    map.on("click", ({ latlng }) => this.openArea(latlng));
    byId("sort").addEventListener("change", () => this.refresh());
    byId("heat").addEventListener("click", () => this.setHeat(!this.hot));
    byId("whole")?.addEventListener("click", ({ target }) => {
      target.href = `${target.pathname}${location.search}${location.hash}`;
    });
    byId("area-clear").addEventListener("click", () => this.asked.set({ area: "" }));
    window.addEventListener("hashchange", () => {
      const view = parseView(location.hash);
      if (view) this.look(view);
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      for (const part of [this.ground, this.heat, this.issues]) part?.refresh();
    });
  }

  tools() {
    const { extent, urls, words } = this.config;
    const status = byId("locate-status");
    locate(byId("locate"), {
      status,
      inside: insideBox(extent),
      onFound: ({ lat, lon }) => this.look({ zoom: CLOSE_ZOOM, lat, lon }),
    });
    byId("share").addEventListener("click", async () => {
      await navigator.clipboard?.writeText(location.href);
      status.textContent = words.copied;
    });
    search(byId("search"), {
      url: urls.search,
      words,
      onNumber: (number) => this.panel.issue(number),
      onPlace: ({ box }) => {
        this.map.fitBounds(bounds(box), { maxZoom: CLOSE_ZOOM });
        this.map.getContainer().focus();
      },
    });
    byId("legend").open = this.map.getSize().x >= LEGEND_PX;
  }

  /** Whether whole districts stand for their issues. */
  get shaded() {
    return this.map.getZoom() <= SHADED_ZOOM;
  }

  /** What is drawn as marks at this zoom. */
  marks() {
    const veiled = this.hot && this.map.getZoom() < SINGLE_ZOOM;
    return veiled || this.shaded ? [] : this.issues.marks();
  }

  look({ zoom, lat, lon }, options) {
    this.map.setView([lat, lon], zoom, options);
  }

  /** Ask the server for list and counts, and show them everywhere. */
  async refresh({ again = false } = {}) {
    const address = withFilters(this.config.urls.list, this.asked.current());
    const sorted = byId("sort").value ? withNear(address, this.map.getCenter()) : address;
    const data = await this.list.load(sorted, { again }).catch(() => null);
    if (!data) return;
    this.counts = countsOf(data.areas);
    this.key.count(data.layers);
    this.key.period(this.asked.current());
    this.ground?.setCounts(this.counts);
    this.describeAreas();
    this.showScale();
  }

  /** Whatever depends on the view or the tiles in it. */
  settle() {
    const { lat, lng: lon } = this.map.getCenter();
    const view = formatView({ zoom: this.map.getZoom(), lat, lon, heat: this.hot });
    if (view !== location.hash) history.replaceState(null, "", view);
    this.issues.setVeiled(this.hot || this.shaded);
    this.hits.show(this.marks());
    this.ground?.layer.repaint();
    if (this.hot) this.heat.layer.repaint();
    this.showScale();
  }

  setHeat(on) {
    this.hot = on;
    byId("heat").setAttribute("aria-pressed", String(on));
    if (on) this.heat.layer.addTo(this.map);
    else this.heat.layer.remove();
    this.settle();
  }

  showScale() {
    this.key.heat(this.hot, this.shaded);
    if (this.hot || !this.shaded) return;
    this.key.scale(Math.round(mostDense(this.ground?.areas ?? [], this.counts)));
  }

  press(mark, where) {
    if (mark.number) this.panel.issue(mark.number);
    else this.map.setView(where, Math.min(this.map.getMaxZoom(), this.map.getZoom() + 2));
  }

  openArea({ lat, lng }) {
    const area = this.ground?.at(lat, lng, this.shaded ? DISTRICT : VILLAGE);
    if (!area) {
      this.panel.close();
      return;
    }
    this.panel.area(area, this.counts.get(area.code) ?? NOTHING, () => {
      this.panel.close();
      this.asked.set({ area: area.code });
    });
  }

  describeAreas() {
    if (!this.ground) return;
    const { area } = this.asked.current();
    const { areas } = this.ground;
    const found = areas.find(({ code }) => code === area);
    byId("area-chip").hidden = !area;
    byId("area-name").textContent = fill(this.config.words.inArea, { name: found?.name ?? area });
    this.key.top(
      areas.filter(({ level }) => level === VILLAGE),
      this.counts,
    );
  }
}

function bounds([west, south, east, north]) {
  return [
    [south, west],
    [north, east],
  ];
}

function boxOf(mark) {
  const reach = radius(mark) + 3;
  return [mark.x - reach, mark.y - reach, mark.x + reach, mark.y + reach];
}

/** Counts by area code; a district holds its villages. */
function countsOf(areas) {
  const counts = new Map();
  for (const [code, parent, count, open] of areas) {
    for (const one of [code, parent]) {
      const held = counts.get(one) ?? NOTHING;
      counts.set(one, { count: held.count + count, open: held.open + open });
    }
  }
  return counts;
}

function withNear(address, { lat, lng }) {
  const glue = address.includes("?") ? "&" : "?";
  return `${address}${glue}near=${lat.toFixed(5)},${lng.toFixed(5)}`;
}

function nameOf(mark, { words, kinds, layers }) {
  if (!mark.number) return fill(words.cluster, { n: mark.count, open: mark.open });
  const late = mark.overdue ? words.overdue : "";
  const layer = layers[mark.layers.indexOf(1)];
  return [kinds[mark.category], layer, late, mark.number].filter(Boolean).join(", ");
}

function debounced(run, wait) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, wait);
  };
}
