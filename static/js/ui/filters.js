/** The filter form and its live counts: the address bar, the form and the map always say the same. */

import { changed, count, format, parse } from "../query.js";
import { LAYERS } from "../symbols.js";
import { day, fill, number } from "../words.js";

const TICKED = ["layer", "category", "department"];
const UNKNOWN = "–";

/**
 * Keep form, address and listeners in step.
 * @param {HTMLFormElement} form
 * @param {{onChange: () => Promise<void>}} options
 * @returns {{current(): import("../query.js").Filters, set(part: object, options?: {step?: boolean}): Promise<void>,
 *   count(data: object): void}} `set` is done when the page shows it; without `step` it leaves no step back behind;
 *   `count` shows what list data holds.
 */
export function filters(form, { onChange }) {
  const page = form.ownerDocument;
  const families = familiesOf(form);
  const current = () => withoutChildren(parse(new FormData(form)), families);
  const show = () => describe(page, form, current());
  const write = (step) => {
    const query = format(current());
    const address = `${location.pathname}${query ? `?${query}` : ""}${location.hash}`;
    if (step) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    show();
    return onChange();
  };
  const set = (part, { step = true } = {}) => {
    put(form, changed(current(), part), families);
    return write(step);
  };
  const onTick = ({ target }) => {
    if (target.name === "category") tickFamily(form, target, families);
    const { name, value } = target;
    set(TICKED.includes(name) ? {} : { [name]: name === "overdue" ? target.checked : value });
  };

  form.querySelector("#apply").hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    write(true);
  });
  form.querySelector("#reset").addEventListener("click", (event) => {
    event.preventDefault();
    put(form, parse(""), families);
    write(true);
  });
  page.getElementById("now").addEventListener("click", () => set({ as_of: "" }));
  for (const field of form.elements) if (field.name) field.addEventListener("change", onTick);
  for (const list of form.querySelectorAll(".picks")) finder(list);
  window.addEventListener("popstate", () => {
    if (format(parse(location.search)) === format(current())) return;
    put(form, parse(location.search), families);
    show();
    onChange();
  });
  put(form, parse(location.search), families);
  show();
  return { current, set, count: (data) => showCounts(page, form, data, current()) };
}

/** Which children each kind has; a kind without any is a family of one. */
function familiesOf(form) {
  const families = new Map();
  for (const { value, dataset } of form.querySelectorAll("[name=category]")) {
    if (dataset.parent) families.get(dataset.parent)?.push(value);
    else families.set(value, []);
  }
  return families;
}

/** A parent stands for its children. */
function withoutChildren(filters, families) {
  const covered = new Set(filters.category.flatMap((code) => families.get(code) ?? []));
  return { ...filters, category: filters.category.filter((code) => !covered.has(code)) };
}

/** A parent ticks and clears its children; a child that is cleared leaves its brothers and clears the parent. */
function tickFamily(form, target, families) {
  const boxOf = (code) => form.querySelector(`[name=category][value="${CSS.escape(code)}"]`);
  for (const code of families.get(target.value) ?? []) boxOf(code).checked = target.checked;
  const { parent } = target.dataset;
  if (parent && !target.checked) boxOf(parent).checked = false;
}

function put(form, values, families) {
  const ticked = new Set(values.category.flatMap((code) => [code, ...(families.get(code) ?? [])]));
  for (const field of form.elements) {
    if (field.name === "category") field.checked = ticked.has(field.value);
    else if (TICKED.includes(field.name)) field.checked = values[field.name].includes(field.value);
    else if (field.name === "overdue") field.checked = values.overdue;
    else if (field.name) field.value = values[field.name] ?? "";
  }
}

/** Say how many filters narrow the view, and whether the map shows a day that is over; it knows nothing overdue. */
function describe(page, form, filters) {
  const { overdue } = form.elements;
  overdue.disabled = Boolean(filters.as_of) && !overdue.checked;
  const badge = page.getElementById("filter-count");
  const narrowed = count(filters);
  badge.textContent = String(narrowed);
  badge.hidden = narrowed === 0;
  const then = page.getElementById("then");
  then.hidden = !filters.as_of;
  if (filters.as_of) {
    const said = page.getElementById("then-said");
    said.textContent = fill(said.dataset.words, { date: day(filters.as_of) });
  }
  for (const list of page.querySelectorAll(".picks")) {
    const chosen = list.querySelectorAll("input:checked").length;
    const note = list.querySelector(".picks__chosen");
    note.textContent = chosen ? fill(note.dataset.words, { n: chosen }) : "";
  }
}

/** Write the counts beside layers, kinds and departments, each as if its own filter were not set; nobody keeps for a past day how many were overdue. */
function showCounts(page, form, { layers, legend = layers, kinds, departments }, filters) {
  const sum = layers.reduce((sofar, [, overdue]) => sofar + overdue, 0);
  const late = filters.as_of ? UNKNOWN : number(sum);
  for (const cell of page.querySelectorAll(".legend__count")) {
    const at = LAYERS.indexOf(cell.dataset.layer);
    cell.textContent = at < 0 ? late : number(legend[at][0]);
  }
  for (const [name, found] of [
    ["category", kinds],
    ["department", departments],
  ]) {
    if (found) countPicks(form.querySelectorAll(`[name=${name}]`), new Map(found));
  }
}

function countPicks(boxes, counts) {
  for (const box of boxes) {
    const label = box.closest(".pick");
    const held = counts.get(box.value) ?? 0;
    label.querySelector(".pick__count").textContent = number(held);
    label.classList.toggle("pick--none", held === 0);
  }
}

/** A field that narrows a long list of ticks while somebody types. */
function finder(list) {
  const field = list.querySelector(".picks__find");
  if (!field) return;
  field.hidden = false;
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const pick of list.querySelectorAll(".pick")) {
      const text = pick.dataset.words.toLowerCase();
      pick.hidden = !words.every((word) => text.includes(word));
    }
  });
}
