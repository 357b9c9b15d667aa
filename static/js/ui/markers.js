/** What a keyboard and a screen reader meet on the map: real buttons over the drawn marks, one tab stop for all. */

import { radius } from "../layers/marks.js";
import { L } from "../leaflet.js";

const MOST = 200;
const SMALLEST_PX = 28;
const FORWARD = ["ArrowRight", "ArrowDown"];
const BACK = ["ArrowLeft", "ArrowUp"];

/**
 * Keep buttons over the marks in view. Tab enters and leaves the group; arrow keys move inside it.
 * @param {L.Map} map
 * @param {object} options
 * @param {string} options.pane Name of the map's pane for them.
 * @param {string} options.label Name of the group.
 * @param {(mark: import("../layers/marks.js").Mark) => string} options.name
 * @param {(mark: import("../layers/marks.js").Mark, where: L.LatLng) => void} options.onPress
 * @returns {{show(marks: import("../layers/marks.js").Mark[]): void}}
 */
export function markers(map, { pane, label, name, onPress }) {
  const home = map.getPane(pane);
  home.setAttribute("role", "group");
  home.setAttribute("aria-label", label);
  const shown = new Map();

  const order = () =>
    [...shown.values()].sort((one, two) => one.mark.y - two.mark.y || one.mark.x - two.mark.x);
  const stopAt = (held) => {
    for (const other of shown.values()) other.element.tabIndex = other === held ? 0 : -1;
  };
  const onKey = (event, held) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onPress(held.mark, held.marker.getLatLng());
      return;
    }
    const step = FORWARD.includes(event.key) ? 1 : BACK.includes(event.key) ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const row = order();
    const next = row[(row.indexOf(held) + step + row.length) % row.length];
    stopAt(next);
    next.element.focus({ preventScroll: true });
  };
  const make = (mark) => {
    const size = Math.max(SMALLEST_PX, 2 * radius(mark));
    const icon = L.divIcon({ className: "hit", iconSize: [size, size] });
    const marker = L.marker(place(map, mark), { icon, pane, keyboard: false, riseOnHover: false });
    marker.addTo(map);
    const element = marker.getElement();
    const held = { mark, marker, element };
    element.setAttribute("role", "button");
    element.tabIndex = -1;
    element.addEventListener("keydown", (event) => onKey(event, held));
    marker.on("click", () => onPress(held.mark, marker.getLatLng()));
    return held;
  };

  return {
    show(marks) {
      const wanted = new Map(inView(map, marks).map((mark) => [mark.id, mark]));
      for (const [id, held] of shown) {
        if (wanted.has(id)) continue;
        held.marker.remove();
        shown.delete(id);
      }
      for (const [id, mark] of wanted) {
        if (!shown.has(id)) shown.set(id, make(mark));
        const held = shown.get(id);
        held.mark = mark;
        held.marker.setLatLng(place(map, mark));
        held.element.setAttribute("aria-label", name(mark));
      }
      const focused = [...shown.values()].find(({ element }) => element === document.activeElement);
      stopAt(focused ?? order()[0]);
    },
  };
}

function place(map, { x, y }) {
  return map.unproject(L.point(x, y), map.getZoom());
}

/** The marks in view, the fullest first when they are too many for a page. */
function inView(map, marks) {
  const bounds = map.getPixelBounds();
  const seen = marks.filter(({ x, y }) => bounds.contains(L.point(x, y)));
  return seen.sort((one, two) => two.count - one.count).slice(0, MOST);
}
