/** What is wrong, said as the server says it: a summary on top, and words beside each field, tied to it. */

/**
 * Show and clear the errors of a form.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} summary `.error-summary`
 * @returns {{clear(): void, clearField(name: string): void, mark(name: string, text: string): void,
 *   show(faults: {field?: string, text: string}[], how?: {isStep?: boolean}): void}} `isStep`: nothing was to be sent yet.
 */
export function errors(form, summary) {
  const list = summary.querySelector("ul");
  const title = summary.querySelector("h2");
  const controlOf = (name) => firstOf(form.elements[name]);
  const line = (name) => document.getElementById(`id_${name}_error`);

  const clearField = (name) => {
    const said = line(name);
    if (said) said.hidden = true;
    tie(controlOf(name), said, false);
    list.querySelector(`[data-field="${CSS.escape(name)}"]`)?.remove();
    if (!list.children.length) summary.hidden = true;
  };
  const clear = () => {
    summary.hidden = true;
    list.replaceChildren();
    for (const said of form.querySelectorAll(".field__error:not([hidden])")) {
      clearField(said.id.replace(/^id_(.+)_error$/, "$1"));
    }
  };
  const mark = (name, text) => {
    const said = line(name);
    if (!said) return;
    said.textContent = text;
    said.hidden = false;
    tie(controlOf(name), said, true);
  };
  return {
    clear,
    clearField,
    mark,
    show(faults, { isStep = false } = {}) {
      clear();
      title.textContent = isStep ? title.dataset.unfinished : title.dataset.unsent;
      for (const { field, text } of faults) {
        if (field) mark(field, text);
        list.append(entry(form, field, text));
      }
      summary.hidden = false;
      summary.focus();
      summary.scrollIntoView({ block: "start" });
    },
  };
}

/** Radios of one name come as a list: the first stands for them all. */
const firstOf = (control) => (control instanceof RadioNodeList ? control[0] : control);

function tie(control, said, isWrong) {
  if (!said || !control?.setAttribute || control.type === "hidden") return;
  const others = (control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
  const ids = others.filter((id) => id !== said.id);
  if (isWrong) ids.push(said.id);
  if (ids.length) control.setAttribute("aria-describedby", ids.join(" "));
  else control.removeAttribute("aria-describedby");
  if (isWrong) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

function entry(form, field, text) {
  const item = document.createElement("li");
  if (field) item.dataset.field = field;
  const control =
    field && (firstOf(form.elements[field]) ?? document.getElementById(`id_${field}`));
  if (!control) {
    item.textContent = text;
    return item;
  }
  const link = document.createElement("a");
  link.href = control.type === "hidden" ? "#where" : `#${control.id}`;
  link.textContent = text;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const target = control.type === "hidden" ? document.getElementById("where") : control;
    target.closest("details")?.setAttribute("open", "");
    target.focus();
    target.scrollIntoView({ block: "center" });
  });
  item.append(link);
  return item;
}
