/** The one choice of what the map draws: the issues, or a drawing whose script comes when it is first chosen. */

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
 * @param {import("../layers/canvas.js").Ask} options.ask
 * @param {() => void} options.onSwitch Something else is drawn from now on (its script may still be on its way).
 * @param {() => void} options.onDetail Something else is chosen of what is drawn.
 * @param {HTMLElement} options.legend Holds the drawing's legend.
 * @param {HTMLElement} options.aside Holds its table.
 * @param {string} options.failed What is said when a script does not come.
 */
export function drawings(form, options) {
  return new Drawings(form, options);
}

class Drawings {
  constructor(form, options) {
    Object.assign(this, options, { form, name: "", detail: "", drawing: null, made: {} });
  }

  /** Somebody has chosen: the step back leads to what was drawn before. */
  choose(name) {
    history.pushState(null, "", location.href);
    return this.show(name, this.made[name]?.detail?.() ?? "");
  }

  /** Somebody has chosen in the legend. */
  chosen() {
    history.pushState(null, "", location.href);
    this.detail = this.drawing?.detail?.() ?? "";
    this.onDetail();
    return this.refresh();
  }

  /** Draw something else, or the same with another choice; an empty name: the issues themselves. */
  async show(name, detail = "") {
    for (const radio of this.form.elements) radio.checked = radio.value === name;
    if (name === this.name && detail === this.detail) return;
    this.detail = detail;
    if (name === this.name) {
      this.drawing?.restore?.(detail);
      await this.refresh();
      return;
    }
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
    drawing.restore?.(this.detail);
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
