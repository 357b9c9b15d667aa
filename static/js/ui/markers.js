/** What a keyboard and a screen reader meet on the map: real buttons over the drawn marks, one tab stop for all. */

import { radius } from "../layers/marks.js";
import { L } from "../leaflet.js";
import { fill } from "../words.js";

const MOST = 200;
const SMALLEST_PX = 28;
/** So many buttons are made at once; the rest waits until the page has done something else. */
const AT_ONCE = 24;
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * Keep buttons over the marks in view. Tab enters and leaves the group; arrow keys move inside it.
 * @param {L.Map} map
 * @param {object} options
 * @param {string} options.pane Name of the map's pane for them.
 * @param {{words: Record<string, string>, kinds: Record<number, string>, layers: string[]}} options.config
 * @param {(mark: import("../layers/marks.js").Mark, where: L.LatLng) => void} options.onPress
 * @returns {{show(marks: import("../layers/marks.js").Mark[]): void}}
 */
export function markers(map, { pane, config, onPress }) {
  const home = L.DomUtil.create("div", "hits leaflet-zoom-hide", map.getPane(pane));
  home.setAttribute("role", "group");
  home.setAttribute("aria-label", config.words.markers);
  const shown = new Map();
  let zoom = map.getZoom();
  let round = 0;

  const order = () =>
    [...shown.values()].sort((one, two) => one.mark.y - two.mark.y || one.mark.x - two.mark.x);
  const stopAt = (held) => {
    for (const other of shown.values()) other.element.tabIndex = other === held ? 0 : -1;
  };
  const heldBy = (element) => shown.get(element?.closest(".hit")?.dataset.id);
  const press = ({ mark }) => onPress(mark, map.unproject(L.point(mark.x, mark.y), zoom));

  home.addEventListener("click", (event) => {
    const held = heldBy(event.target);
    if (!held) return;
    event.stopPropagation();
    // A drag of the map that began on a mark is no press of it.
    if (!map.dragging?.moved()) press(held);
  });
  home.addEventListener("keydown", (event) => {
    const held = heldBy(event.target);
    const step = STEPS[event.key];
    if (!held || !step) return;
    event.preventDefault();
    event.stopPropagation();
    const row = order();
    const next = row[(row.indexOf(held) + step + row.length) % row.length];
    stopAt(next);
    next.element.focus({ preventScroll: true });
  });

  const put = (mark, made) => {
    if (!shown.has(mark.id)) {
      const element = L.DomUtil.create("button", "hit");
      element.type = "button";
      element.tabIndex = -1;
      element.dataset.id = mark.id;
      made.append(element);
      shown.set(mark.id, { element });
    }
    const held = shown.get(mark.id);
    held.mark = mark;
    place(held, map.getPixelOrigin());
    const name = nameOf(mark, config);
    if (held.name !== name) held.element.ariaLabel = name;
    held.name = name;
  };
  const clear = (wanted) => {
    for (const [id, { element }] of shown) {
      if (wanted.has(id)) continue;
      element.remove();
      shown.delete(id);
    }
  };

  return {
    show(marks) {
      round += 1;
      const mine = round;
      zoom = map.getZoom();
      const wanted = inView(map, marks);
      clear(new Set(wanted.map(({ id }) => id)));
      // Made aside and put in together: the page is laid out once.
      const made = document.createDocumentFragment();
      const more = () => {
        if (mine === round) for (const mark of wanted.splice(0, AT_ONCE)) put(mark, made);
        if (mine === round && wanted.length) {
          setTimeout(more);
          return;
        }
        home.append(made);
        if (mine === round) stopAt(heldBy(document.activeElement) ?? order()[0]);
      };
      more();
    },
  };
}

function nameOf(mark, { words, kinds, layers }) {
  if (!mark.number) return fill(words.cluster, { n: mark.count, open: mark.open });
  const late = mark.overdue ? words.overdue : "";
  const layer = layers[mark.layers.indexOf(1)];
  return [kinds[mark.category], layer, late, mark.number].filter(Boolean).join(", ");
}

/** Lay a button over its mark. */
function place({ element, mark }, origin) {
  const size = Math.max(SMALLEST_PX, 2 * radius(mark));
  const x = Math.round(mark.x - origin.x - size / 2);
  const y = Math.round(mark.y - origin.y - size / 2);
  Object.assign(element.style, {
    width: `${size}px`,
    height: `${size}px`,
    transform: `translate(${x}px, ${y}px)`,
  });
}

/** The marks in view, the fullest first when they are too many for a page. */
function inView(map, marks) {
  const bounds = map.getPixelBounds();
  const seen = marks.filter(({ x, y }) => bounds.contains(L.point(x, y)));
  return seen.sort((one, two) => two.count - one.count).slice(0, MOST);
}
