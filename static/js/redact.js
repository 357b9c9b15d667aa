/** Black boxes over a photo: drawn with a pointer or moved by arrow keys; the number fields hold the truth. */

/** Percent of the photo that one key press moves. */
const STEP = 1;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FIRST = { x: 40, y: 40, w: 20, h: 20 };
const SIDES = ["x", "y", "w", "h"];
const SMALLEST = 1;
/** How much one press enlarges, and how far. */
const ZOOM = 1.5;
const MOST_ZOOM = 5;

const root = document.querySelector("[data-redact]");
const stage = root.querySelector(".redact__stage");
const said = root.querySelector("[data-said]");
const rows = [...document.querySelectorAll("[data-box]")].map(
  (row) => new Map(SIDES.map((side) => [side, row.querySelector(`[name$="-${side}"]`)])),
);
const shapes = rows.map((row, at) => shapeOf(row, at));

root.querySelector(".redact__tools").hidden = false;
root.querySelector("[data-add]").addEventListener("click", () => {
  const at = free();
  if (at < 0) return;
  remember();
  write(rows[at], FIRST);
  shapes[at].focus();
});
stage.addEventListener("pointerdown", draw);
const past = [];
let zoom = 1;
root.querySelector("[data-undo]").addEventListener("click", undo);
root.querySelector("[data-larger]").addEventListener("click", () => enlarge(ZOOM));
root.querySelector("[data-smaller]").addEventListener("click", () => enlarge(1 / ZOOM));
addEventListener("keydown", (event) => {
  if (event.target.closest("input") || !(event.ctrlKey || event.metaKey)) return;
  if (event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  undo();
});
for (const row of rows) for (const field of row.values()) field.addEventListener("input", paint);
paint();

/** A box on the photo is a button, so that every keyboard reaches it. */
function shapeOf(row, at) {
  const shape = document.createElement("button");
  shape.type = "button";
  shape.className = "redact__box";
  shape.textContent = String(at + 1);
  shape.setAttribute("aria-label", `${root.dataset.word} ${at + 1}: ${root.dataset.help}`);
  shape.addEventListener("keydown", (event) => press(event, row));
  shape.addEventListener("pointerdown", (event) => drag(event, row, shape));
  stage.append(shape);
  return shape;
}

function press(event, row) {
  const by = ARROWS[event.key];
  if (event.key === "Delete" || event.key === "Backspace") {
    remember();
    write(row, null);
    root.querySelector("[data-add]").focus();
  } else if (by) {
    if (!event.repeat) remember();
    const box = read(row);
    const [across, down] = event.shiftKey ? ["w", "h"] : ["x", "y"];
    box[across] += by[0] * STEP;
    box[down] += by[1] * STEP;
    write(row, box);
  } else return;
  event.preventDefault();
}

/** Draw a new box from corner to corner. */
function draw(event) {
  const at = free();
  if (event.button !== 0 || event.target.closest(".redact__box") || at < 0) return;
  event.preventDefault();
  remember();
  const from = place(event);
  follow(event, stage, (to) =>
    write(rows[at], {
      x: Math.min(from.x, to.x),
      y: Math.min(from.y, to.y),
      w: Math.abs(to.x - from.x),
      h: Math.abs(to.y - from.y),
    }),
  );
}

/** Move a box that is there. */
function drag(event, row, shape) {
  event.stopPropagation();
  remember();
  const from = place(event);
  const box = read(row);
  follow(event, shape, (to) =>
    write(row, { ...box, x: box.x + to.x - from.x, y: box.y + to.y - from.y }),
  );
}

function follow(event, target, use) {
  target.setPointerCapture(event.pointerId);
  const move = (next) => use(place(next));
  const stop = () => target.removeEventListener("pointermove", move);
  target.addEventListener("pointermove", move);
  target.addEventListener("pointerup", stop, { once: true });
  target.addEventListener("pointercancel", stop, { once: true });
}

/** Where a pointer is, in percent of the photo. */
function place(event) {
  const frame = stage.getBoundingClientRect();
  const inside = (value) => Math.min(100, Math.max(0, value));
  return {
    x: inside((100 * (event.clientX - frame.left)) / frame.width),
    y: inside((100 * (event.clientY - frame.top)) / frame.height),
  };
}

/** Keep how all boxes stand, before one of them changes. */
function remember() {
  past.push(rows.map(read));
}

/** Take back the last change of a box. */
function undo() {
  const before = past.pop();
  before?.forEach((box, at) => {
    write(rows[at], box.w ? box : null);
  });
}

/** Show the photo larger in its frame, which scrolls; boxes are percent of it and stay where they are. */
function enlarge(by) {
  zoom = Math.min(MOST_ZOOM, Math.max(1, zoom * by));
  stage.style.setProperty("--zoom", zoom);
  stage.classList.toggle("redact__stage--large", zoom > 1);
}

function free() {
  return rows.findIndex((row) => !read(row).w);
}

function read(row) {
  return Object.fromEntries(SIDES.map((side) => [side, Number(row.get(side).value) || 0]));
}

/** Write a box into its fields, kept on the photo; null empties it. */
function write(row, box) {
  const kept = box && clamp(box);
  for (const side of SIDES) row.get(side).value = kept ? kept[side].toFixed(1) : "";
  if (kept) said.textContent = SIDES.map((side) => row.get(side).value).join(" ");
  paint();
}

function clamp(box) {
  const w = Math.min(100, Math.max(SMALLEST, box.w));
  const h = Math.min(100, Math.max(SMALLEST, box.h));
  return {
    x: Math.min(100 - w, Math.max(0, box.x)),
    y: Math.min(100 - h, Math.max(0, box.y)),
    w,
    h,
  };
}

function paint() {
  rows.forEach((row, at) => {
    const box = read(row);
    shapes[at].hidden = !box.w || !box.h;
    shapes[at].style.left = `${box.x}%`;
    shapes[at].style.top = `${box.y}%`;
    shapes[at].style.width = `${box.w}%`;
    shapes[at].style.height = `${box.h}%`;
  });
}
