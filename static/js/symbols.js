/** How a public layer looks: shape, colour and word. The canvas twin of `img/icons.svg` and `tokens.css`. */

/** Slugs in the order of progress; the index is the number on the wire. */
export const LAYERS = ["belum", "respon", "lapangan", "selesai", "ditutup"];

/** Numbers of the layers in which something is still to be done. */
export const OPEN = [0, 1, 2];

/**
 * Shapes as closed rings in a square from -1 to 1; null is a circle.
 * @type {(number[][] | null)[]}
 */
export const SHAPES = [
  [
    [0, -1.05],
    [1.05, 0.8],
    [-1.05, 0.8],
  ],
  [
    [-0.85, -0.85],
    [0.85, -0.85],
    [0.85, 0.85],
    [-0.85, 0.85],
  ],
  [
    [0, -1.15],
    [1.15, 0],
    [0, 1.15],
    [-1.15, 0],
  ],
  null,
  [
    [-0.6, -1],
    [0, -0.4],
    [0.6, -1],
    [1, -0.6],
    [0.4, 0],
    [1, 0.6],
    [0.6, 1],
    [0, 0.4],
    [-0.6, 1],
    [-1, 0.6],
    [-0.4, 0],
    [-1, -0.6],
  ],
];

/**
 * Colours of the page as it is now (light or dark), from the custom properties.
 * @param {Element} [root]
 * @returns {{layers: string[], outline: string, overdue: string, ink: string, surface: string, of(name: string): string}}
 */
export function palette(root = document.documentElement) {
  const style = getComputedStyle(root);
  const read = new Map();
  const of = (name) => {
    if (!read.has(name)) read.set(name, style.getPropertyValue(`--${name}`).trim());
    return read.get(name);
  };
  return {
    layers: LAYERS.map((slug) => of(`layer-${slug}`)),
    outline: of("layer-outline"),
    overdue: of("overdue"),
    ink: of("ink"),
    surface: of("surface"),
    of,
  };
}

/**
 * Draw one issue.
 * @param {CanvasRenderingContext2D} pen
 * @param {{layer: number, x: number, y: number, radius: number, overdue?: boolean}} symbol Pixels.
 * @param {ReturnType<typeof palette>} colours
 */
export function draw(pen, { layer, x, y, radius, overdue = false }, colours) {
  if (overdue) ring(pen, x, y, radius + 4, colours);
  pen.beginPath();
  outline(pen, SHAPES[layer], x, y, radius);
  pen.lineWidth = 4;
  pen.strokeStyle = colours.surface;
  pen.stroke();
  pen.fillStyle = colours.layers[layer];
  pen.fill();
  pen.lineWidth = 1.5;
  pen.strokeStyle = colours.outline;
  pen.stroke();
}

function ring(pen, x, y, radius, colours) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.lineWidth = 5.5;
  pen.strokeStyle = colours.surface;
  pen.stroke();
  pen.lineWidth = 3;
  pen.strokeStyle = colours.overdue;
  pen.stroke();
}

function outline(pen, ringOf, x, y, radius) {
  if (!ringOf) {
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  ringOf.forEach(([dx, dy], at) => {
    if (at) pen.lineTo(x + dx * radius, y + dy * radius);
    else pen.moveTo(x + dx * radius, y + dy * radius);
  });
  pen.closePath();
}

/**
 * The shape of a layer as an SVG element, for lists, popups and markers.
 * @param {number} layer
 * @param {string} sprite Address of `img/icons.svg`.
 * @returns {SVGSVGElement}
 */
export function shape(layer, sprite) {
  const slug = LAYERS[layer];
  const svg = icon(`layer-${slug}`, sprite);
  svg.setAttribute("class", `layer__shape layer--${slug}`);
  svg.setAttribute("viewBox", "0 0 20 20");
  return svg;
}

/**
 * A line icon as an SVG element; a word must stand beside it.
 * @param {string} name
 * @param {string} sprite Address of `img/icons.svg`.
 * @returns {SVGSVGElement}
 */
export function icon(name, sprite) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}
