/** The heat: how densely issues lie, smoothed for the eye. A picture, no test; issues per square kilometre. */

import { palette } from "../symbols.js";
import { canvas } from "./canvas.js";
import { blur, nice } from "./density.js";
import { kmAcross } from "./world.js";

const CELL_PX = 8;
const SPREAD_CELLS = 3;
const STEPS = 5;
const MOST_OPACITY = 200;

/**
 * Make the heat over the tiles of the issues layer.
 * @param {object} options
 * @param {string} options.pane
 * @param {() => {x: number, y: number, count: number}[]} options.weights In pixels of the world at the map's zoom.
 * @param {(most: number) => void} options.onScale Told the upper end of the scale after each painting.
 * @returns {{layer: L.Renderer & {repaint(): void}, refresh(): void}}
 */
export function heat({ pane, weights, onScale }) {
  let ramp = rampOf(palette());
  const layer = canvas((pen, frame) => onScale(paint(pen, frame, weights(), ramp)), { pane });
  return {
    layer,
    refresh() {
      ramp = rampOf(palette());
      layer.repaint();
    },
  };
}

function paint(pen, frame, found, ramp) {
  const columns = Math.ceil(frame.size.x / CELL_PX) + 1;
  const rows = Math.ceil(frame.size.y / CELL_PX) + 1;
  const grid = new Float32Array(columns * rows);
  for (const { x, y, count } of found) {
    const column = Math.floor((x - frame.origin.x) / CELL_PX);
    const row = Math.floor((y - frame.origin.y) / CELL_PX);
    if (column >= 0 && row >= 0 && column < columns && row < rows)
      grid[row * columns + column] += count;
  }
  const middle = (frame.origin.y + frame.size.y / 2) / frame.scale;
  const km = (kmAcross(middle) * CELL_PX) / frame.scale;
  const density = blur(grid, columns, rows, SPREAD_CELLS).map((count) => count / (km * km));
  const most = nice(density.reduce((top, value) => Math.max(top, value), 0));
  if (most)
    pen.drawImage(
      picture(density, columns, rows, most, ramp),
      0,
      0,
      columns * CELL_PX,
      rows * CELL_PX,
    );
  return most;
}

function picture(density, columns, rows, most, ramp) {
  const small = new OffscreenCanvas(columns, rows);
  const pen = small.getContext("2d");
  const image = pen.createImageData(columns, rows);
  density.forEach((value, at) => {
    const share = Math.min(1, value / most);
    if (share < 0.02) return;
    const [red, green, blue] = ramp[Math.round(share * (ramp.length - 1))];
    image.data.set([red, green, blue, MOST_OPACITY * Math.min(1, share * 4)], 4 * at);
  });
  pen.putImageData(image, 0, 0);
  return small;
}

/** A hundred colours between the five of the tokens. */
function rampOf(colours) {
  const strip = new OffscreenCanvas(100, 1).getContext("2d", { willReadFrequently: true });
  const gradient = strip.createLinearGradient(0, 0, 100, 0);
  for (let step = 0; step < STEPS; step += 1) {
    gradient.addColorStop(step / (STEPS - 1), colours.of(`heat-${step + 1}`));
  }
  strip.fillStyle = gradient;
  strip.fillRect(0, 0, 100, 1);
  const { data } = strip.getImageData(0, 0, 100, 1);
  return Array.from({ length: 100 }, (_, at) => data.slice(4 * at, 4 * at + 3));
}
