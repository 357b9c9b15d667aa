/** The public map: wires its parts. What the first picture does not need is loaded when it is first used. */

import { getJSON } from "./http.js";
import { issues } from "./layers/issues.js";
import { boxOf, DISTRICTS_ZOOM, SINGLE_ZOOM } from "./layers/marks.js";
import { DISTRICT, place, VILLAGE } from "./layers/world.js";
import { bounds, credit, L, onMap } from "./leaflet.js";
import { formatView, parseView, withFilters, withNear } from "./query.js";
import { filters } from "./ui/filters.js";
import { fill } from "./words.js";

/** How old an open page may get; the server answers most rounds with "not modified". */
const ROUND_MS = 20_000;
const SOONEST_MS = 2000;

const PATIENCE_MS = 350;
const SETTLE_MS = 80;
const CLOSE_ZOOM = 17;
/** A narrower map is for the issues; its legend waits behind its button. */
const LEGEND_PX = 760;
const PANES = { ground: 150, heat: 250, hits: 610 };
const NOTHING = { count: 0, open: 0 };

const byId = (id) => document.getElementById(id);

onMap("map", (map) => {
  new MapPage(map, JSON.parse(byId("map-config").textContent)).start();
});

class MapPage {
  constructor(map, config) {
    this.map = map;
    this.config = config;
    this.counts = new Map();
    this.ground = null;
    this.drawings = null;
    this.wish = { name: "", detail: "" };
    this.clock = null;
    this.total = 0;
    this.moving = false;
    this.zoom = null;
  }

  start() {
    this.prepare();
    this.makeParts();
    this.issues = issues(this.config.urls.tile, this.asked.current());
    this.listen();
    this.tools();
    this.issues.addTo(this.map);
    this.parts.ground();
    const { outages: known } = this.config;
    if (known) import("./layers/outages.js").then(({ outages }) => outages(this.map, known));
    this.draw(parseView(location.hash) ?? { drawing: this.config.embed?.drawing ?? "" });
    if (this.config.first) this.take(this.config.first);
    else this.refresh();
    whileSeen(() => {
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
    const legend = byId("legend");
    legend.open = map.getSize().x >= LEGEND_PX;
    // A narrow map has one line for those whose data it shows.
    map.attributionControl?.setPrefix(legend.open ? "Leaflet" : false);
    const view = parseView(location.hash);
    const covered = legend.open ? legend.offsetLeft + legend.offsetWidth : 0;
    this.aimed = Boolean(view);
    if (view) this.look(view, { animate: false });
    else map.fitBounds(bounds(extent), { animate: false, paddingTopLeft: [covered, 0] });
  }

  /** What is there at once, and what comes on first use. */
  makeParts() {
    const { map } = this;
    const { words, urls, sprite } = this.config;
    this.asked = filters(byId("filters"), { onChange: () => this.narrowed() });
    this.parts = {
      ground: once(() => this.makeGround()),
      list: once(async () => {
        const { listing } = await import("./ui/listing.js");
        return listing(document, { sprite, words });
      }),
      panel: once(async () => {
        const { sheet } = await import("./ui/sheet.js");
        return sheet(byId("sheet"), { urls, sprite, words, home: map.getContainer() });
      }),
      hits: once(async () => {
        const { markers } = await import("./ui/markers.js");
        const onPress = (mark, where) => this.press(mark, where);
        return markers(map, { pane: "hits", config: this.config, onPress });
      }),
      time: once(async () => {
        const { time } = await import("./ui/time.js");
        this.clock = time(byId("time"), { opener: byId("time-open"), asked: this.asked });
        this.clock.total(this.total);
        return this.clock;
      }),
      drawings: once(async () => {
        const { drawings } = await import("./ui/drawing.js");
        this.drawings = drawings(byId("drawing"), {
          map,
          config: this.config,
          ask: this.ask(),
          onSwitch: () => {
            this.ask().say("");
            this.settle();
          },
          onDetail: () => this.tell(),
          legend: byId("drawing-legend"),
          aside: byId("drawing-aside"),
          failed: words.failed,
        });
        return this.drawings;
      }),
    };
  }

  async makeGround() {
    const { urls, words, basemap } = this.config;
    const [{ ground }, areas, streets] = await Promise.all([
      import("./layers/ground.js"),
      getJSON(urls.areas),
      getJSON(urls.streets),
    ]);
    const obstacles = () => this.marks().map(boxOf);
    const plain = Boolean(basemap);
    this.ground = ground({ pane: "ground", areas, streets, words, obstacles, plain });
    this.ground.layer.addTo(this.map);
    this.ground.setCounts(this.counts);
    this.describeArea();
    this.lookAtArea();
    this.showShades();
    credit(this.map, { areas: this.ground.areas, words });
    return this.ground;
  }

  /** @returns {import("./layers/canvas.js").Ask} */
  ask() {
    return {
      filters: () => this.asked.current(),
      narrow: (part) => this.asked.set(part),
      chosen: () => this.drawings.chosen(),
      counts: () => this.counts,
      areas: async () => (await this.parts.ground()).areas,
      panel: async (name, parts) => (await this.parts.panel()).show(name, parts),
      look: (box) => this.map.fitBounds(bounds(box), { maxZoom: CLOSE_ZOOM }),
      say: (text) => {
        byId("told").textContent = text;
      },
    };
  }

  listen() {
    const { map } = this;
    const home = map.getContainer();
    this.issues.on("loading", () => home.setAttribute("aria-busy", "true"));
    this.issues.on("load", () => home.removeAttribute("aria-busy"));
    this.issues.on("data", () => this.settleSoon());
    this.issues.on("failed", () => this.ask().say(this.config.words.failed));
    map.on("movestart", () => {
      this.moving = true;
    });
    map.on("moveend", () => this.rest());
    const nearer = debounced(() => byId("sort").value && this.refresh(), PATIENCE_MS);
    map.on("moveend", nearer);
    map.on("click", ({ latlng }) => this.pressGround(latlng));
    byId("sort").addEventListener("change", () => this.refresh());
    byId("whole")?.addEventListener("click", ({ target }) => {
      target.href = withFilters("/", this.asked.current()) + location.hash;
    });
    byId("drawing").addEventListener("change", async ({ target }) => {
      (await this.parts.drawings()).choose(target.value);
    });
    // The view stands behind the hash, of which the server has never heard.
    document.querySelector(".language")?.addEventListener("submit", ({ target }) => {
      target.elements.next.value = location.pathname + location.search + location.hash;
    });
    byId("area-clear").addEventListener("click", () => this.asked.set({ area: "" }));
    window.addEventListener("hashchange", () => {
      const view = parseView(location.hash);
      if (!view) return;
      this.look(view);
      this.draw(view);
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.issues.refresh();
      this.ground?.refresh();
      this.drawings?.restyle();
    });
  }

  /** Buttons whose scripts come when they are first pressed. */
  tools() {
    const { extent, urls, words } = this.config;
    const status = byId("locate-status");
    first(byId("locate"), "click", async () => {
      const { insideBox, locate } = await import("./ui/locate.js");
      const onFound = ({ lat, lon }) => this.look({ zoom: CLOSE_ZOOM, lat, lon });
      locate(byId("locate"), { status, inside: insideBox(extent), onFound });
    });
    first(byId("more"), "click", this.parts.list);
    byId("share").addEventListener("click", async () => {
      const address = location.href;
      const { copied } = await import("./ui/copied.js");
      const done = await copied(address);
      status.textContent = done ? words.copied : address;
      if (!done) getSelection().selectAllChildren(status);
    });
    byId("time-open").addEventListener("click", async () => (await this.parts.time()).toggle());
    const form = byId("search");
    const searching = once(async () => {
      const { search } = await import("./ui/search.js");
      search(form, {
        url: urls.search,
        list: urls.list,
        words,
        onNumber: async (number) => (await this.parts.panel()).issue(number),
        onPlace: async (found) => {
          this.ask().look(found.box);
          this.map.getContainer().focus();
          if (found.kind === "area") return;
          const { spot } = await import("./ui/spot.js");
          const near = withNear(withFilters(urls.list, this.asked.current()), L.latLng(found));
          spot(this.map, found, { words: form.dataset, near });
        },
      });
      form.querySelector("input").dispatchEvent(new Event("input", { bubbles: true }));
    });
    form.addEventListener("focusin", searching, { once: true });
    first(form, "submit", searching);
  }

  /** Whether whole districts stand for their issues. */
  get shaded() {
    return this.map.getZoom() <= DISTRICTS_ZOOM;
  }

  /** What is drawn as marks at this zoom. */
  marks() {
    const veiled = this.drawn && this.map.getZoom() < SINGLE_ZOOM;
    return veiled || this.shaded ? [] : this.issues.marks();
  }

  /** Name of what is drawn, or will be as soon as its script is here. */
  get drawn() {
    return this.drawings?.name ?? this.wish.name;
  }

  /** Draw what the address says. */
  async draw({ drawing: name, detail = "" }) {
    this.wish = { name, detail };
    if (name || this.drawings) (await this.parts.drawings()).show(name, detail);
  }

  look({ zoom, lat, lon }, options) {
    this.map.setView([lat, lon], zoom, options);
  }

  /** The filters have changed. */
  narrowed() {
    this.issues.setFilters(this.asked.current());
    this.clock?.sync();
    return this.refresh();
  }

  /** Ask the server for list and counts, and show them everywhere. */
  async refresh({ again = false } = {}) {
    const asked = this.asked.current();
    const address = withFilters(this.config.urls.list, asked);
    const sort = byId("sort");
    sort.disabled = Boolean(asked.as_of);
    const nearest = sort.value && !sort.disabled;
    const sorted = nearest ? withNear(address, this.map.getCenter()) : address;
    const list = await this.parts.list();
    const data = await list.load(sorted, { again }).catch(() => null);
    if (data) this.take(data);
    this.drawings?.refresh({ again });
  }

  /** Show counts that have come. */
  take({ areas, ...data }) {
    this.counts = countsOf(areas);
    this.total = data.total;
    this.asked.count(data);
    this.clock?.total(data.total);
    this.ground?.setCounts(this.counts);
    this.describeArea();
    this.showShades();
  }

  /** Several tiles come together: what depends on them is done once, and not under a hand that moves the map. */
  settleSoon() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      if (!this.moving) this.settle();
    }, SETTLE_MS);
  }

  /** The view has come to rest: the address says so at once; what is dear waits for tiles that are on their way. */
  rest() {
    this.moving = false;
    this.tell();
    if (this.zoom !== this.map.getZoom()) this.parts.hits().then((hits) => hits.show([]));
    this.zoom = this.map.getZoom();
    this.settleSoon();
  }

  tell() {
    const view = this.view();
    if (view !== location.hash) history.replaceState(null, "", view);
    this.issues.setVeiled(Boolean(this.drawn) || this.shaded);
    this.showShades();
  }

  /** Whatever depends on the view or the tiles in it. */
  settle() {
    this.tell();
    this.parts.hits().then((hits) => hits.show(this.marks()));
    this.ground?.layer.repaint();
    this.drawings?.settle();
  }

  view() {
    const { detail } = this.drawings ?? this.wish;
    const { lat, lng: lon } = this.map.getCenter();
    return formatView({ zoom: this.map.getZoom(), lat, lon, drawing: this.drawn, detail });
  }

  /** The scale of the districts' shades. */
  showShades() {
    const shown = this.shaded && !this.drawn;
    this.ground?.setPlain(Boolean(this.drawn));
    byId("shades").hidden = !shown;
    if (!shown || !this.ground) return;
    const most = this.ground.areas
      .filter(({ level }) => level === DISTRICT)
      .reduce((top, { code, km2 }) => Math.max(top, (this.counts.get(code)?.count ?? 0) / km2), 0);
    const { perKm2, heatNone } = this.config.words;
    byId("shades-most").textContent = most ? fill(perKm2, { n: Math.round(most) }) : heatNone;
  }

  async press(mark, where) {
    if (mark.number) (await this.parts.panel()).issue(mark.number);
    else this.map.setView(where, Math.min(this.map.getMaxZoom(), this.map.getZoom() + 2));
  }

  async pressGround(where) {
    if (this.drawings?.press(where)) return;
    const level = this.shaded ? DISTRICT : VILLAGE;
    const area = this.ground?.at(where.lat, where.lng, level);
    const panel = await this.parts.panel();
    if (!area) {
      panel.close();
      return;
    }
    panel.area(area, this.counts.get(area.code) ?? NOTHING, () => {
      panel.close();
      this.asked.set({ area: area.code });
    });
  }

  /** A link to one area that names no view shows that area. */
  lookAtArea() {
    const { area } = this.asked.current();
    const found = this.ground.areas.find(({ code }) => code === area);
    if (this.aimed || !found) return;
    const [west, north, east, south] = found.box;
    this.map.fitBounds([place(west, south), place(east, north)], { animate: false });
  }

  describeArea() {
    const { area } = this.asked.current();
    const found = this.ground?.areas.find(({ code }) => code === area);
    byId("area-chip").hidden = !area;
    byId("area-name").textContent = fill(this.config.words.inArea, { name: found?.name ?? area });
  }
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

/** Run something every 20 s while the page is visible, and at once when somebody comes back to it. */
function whileSeen(run) {
  let last = Date.now();
  const round = () => {
    // Coming back fires several events: one round is enough for all of them.
    if (document.visibilityState !== "visible" || Date.now() - last < SOONEST_MS) return;
    last = Date.now();
    run();
  };
  setInterval(round, ROUND_MS);
  document.addEventListener("visibilitychange", round);
  for (const event of ["focus", "online"]) window.addEventListener(event, round);
}

/** Load a part when it is first wanted; a failed try is no answer for ever. */
function once(load) {
  let held = null;
  return () => {
    held ??= load().catch((error) => {
      held = null;
      throw error;
    });
    return held;
  };
}

/** Load the part behind a control on its first event, which then happens to the part. */
function first(element, type, load) {
  const listener = async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    await load();
    element.removeEventListener(type, listener, true);
    if (type === "submit") element.requestSubmit();
    else element.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true }));
  };
  element.addEventListener(type, listener, true);
}

/** Run something when its occasion has been quiet for a while. */
function debounced(run, wait) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, wait);
  };
}
