/** The one choice of what the map draws: the issues, or a drawing whose script comes when it is first chosen. */

/**
 * One way to draw instead of the single issues. Its module exports one function, named as the drawing in the address:
 * `heat(map, config, ask)`, `hotspots(map, config, ask)`, `areas(map, config, ask)`; each answers with a Drawing.
 * @typedef {object} Drawing
 * @property {L.Layer} layer The page adds it to the map and takes it away; pane "heat" lies below the marks.
 * @property {(filters: import("../query.js").Filters, options?: {again?: boolean}) => Promise<void> | void} refresh Told
 *   when it is chosen, when the filters change, and (`again`) every 20 s of an open page.
 * @property {HTMLElement} legend Stands in the legend while this is drawn.
 * @property {HTMLElement} [aside] Stands above the list while this is drawn: the same finding as a table.
 * @property {() => void} [settle] The view has come to rest, or a tile has come.
 * @property {() => void} [restyle] The page has turned light or dark: read the colours again.
 * @property {(where: L.LatLng) => boolean} [press] Somebody pressed the map here; true when that meant something.
 */

/**
 * What a drawing may ask of the page.
 * @typedef {object} Ask
 * @property {() => import("../query.js").Filters} filters
 * @property {(part: Partial<import("../query.js").Filters>) => void} narrow Change filters.
 * @property {() => Map<string, {count: number, open: number}>} counts By code of area, for the present filters.
 * @property {() => Promise<object[]>} areas The areas as `layers/ground.js` holds them: code, name, level, km2, paths.
 * @property {(name: string, parts: Node[]) => void} panel Open the panel with a title and content; focus goes there.
 * @property {(box: [number, number, number, number]) => void} look Show a box (W, S, E, N).
 * @property {(text: string) => void} say Tell whoever listens to the page.
 */

const LOAD = {
  heat: () => import("../layers/heat.js").then(({ heat }) => heat),
  hotspots: () => import("../layers/hotspots.js").then(({ hotspots }) => hotspots),
  areas: () => import("../layers/areas.js").then(({ areas }) => areas),
};

/**
 * Run the choice.
 * @param {HTMLFormElement} form Radios named `drawing`.
 * @param {object} options
 * @param {L.Map} options.map
 * @param {any} options.config
 * @param {Ask} options.ask
 * @param {() => void} options.onSwitch Something else is drawn from now on (its script may still be on its way).
 * @param {HTMLElement} options.legend Holds the drawing's legend.
 * @param {HTMLElement} options.aside Holds its table.
 * @param {string} options.failed What is said when a script does not come.
 */
export function drawings(form, options) {
  return new Drawings(form, options);
}

class Drawings {
  constructor(form, options) {
    Object.assign(this, options, { form, name: "", drawing: null, made: {} });
    form.addEventListener("change", ({ target }) => this.choose(target.value));
  }

  /** Somebody has chosen: the step back leads to what was drawn before. */
  choose(name) {
    history.pushState(null, "", location.href);
    return this.show(name);
  }

  /** Draw something else; empty: the issues themselves. */
  async show(name) {
    this.form.elements.drawing.value = name;
    if (name === this.name) return;
    this.name = name;
    this.drawing?.layer.remove();
    this.drawing = null;
    this.beside();
    this.onSwitch();
    const drawing = name ? await this.make(name).catch(() => this.lost(name)) : null;
    if (!drawing || this.name !== name) return;
    this.drawing = drawing;
    drawing.layer.addTo(this.map);
    this.beside(drawing);
    await drawing.refresh(this.ask.filters());
  }

  async make(name) {
    this.made[name] ??= (await LOAD[name]())(this.map, this.config, this.ask);
    return this.made[name];
  }

  lost(name) {
    this.ask.say(this.failed);
    if (this.name === name) this.show("");
  }

  beside({ legend, aside } = {}) {
    this.legend.replaceChildren(...(legend ? [legend] : []));
    this.aside.replaceChildren(...(aside ? [aside] : []));
  }

  refresh(options) {
    return this.drawing?.refresh(this.ask.filters(), options);
  }

  settle() {
    this.drawing?.settle?.();
  }

  restyle() {
    this.drawing?.restyle?.();
  }

  press(where) {
    return this.drawing?.press?.(where) ?? false;
  }
}
