/** The filter form: the address bar, the form and the map always say the same. */

import { count, format, parse } from "../query.js";

/**
 * Keep form, address and listeners in step.
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {(filters: import("../query.js").Filters) => void} options.onChange
 * @param {HTMLElement} options.badge Shows how many filters narrow the view.
 * @returns {{current(): import("../query.js").Filters, set(part: object): void}}
 */
export function filters(form, { onChange, badge }) {
  const current = () => parse(new FormData(form));
  const show = () => {
    const narrowed = count(current());
    badge.textContent = String(narrowed);
    badge.hidden = narrowed === 0;
  };
  const changed = () => {
    const query = format(current());
    const address = `${location.pathname}${query ? `?${query}` : ""}${location.hash}`;
    history.pushState(null, "", address);
    show();
    onChange(current());
  };
  form.querySelector("#apply").hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    changed();
  });
  form.querySelector("#reset").addEventListener("click", (event) => {
    event.preventDefault();
    put(form, parse(""));
    changed();
  });
  for (const field of form.elements) field.addEventListener("change", changed);
  window.addEventListener("popstate", () => {
    put(form, parse(location.search));
    show();
    onChange(current());
  });
  put(form, parse(location.search));
  show();
  return {
    current,
    set(part) {
      put(form, { ...current(), ...part });
      changed();
    },
  };
}

function put(form, values) {
  for (const field of form.elements) {
    if (field.name === "layer") field.checked = values.layer.includes(field.value);
    else if (field.name === "overdue") field.checked = values.overdue;
    else if (field.name) field.value = values[field.name] ?? "";
  }
}
