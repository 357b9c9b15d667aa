/** The walk through a form: one question per screen on phones (on wide screens everything stands side by side), and what is
   wrong, said as the server says it: a summary on top, and words beside each field, tied to it. */

/**
 * Walk a form in steps. The browser's back button goes one step back.
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {string[]} options.names Values of `data-step`, in order.
 * @param {(name: string) => boolean} options.mayLeave Whether a step is complete; says what is missing itself.
 * @param {(name: string) => void} [options.onShow]
 * @returns {{show(name: string): void, current(): string}}
 */
export function steps(form, { names, mayLeave, onShow = () => {} }) {
  const back = form.querySelector("[data-back]");
  const next = form.querySelector("[data-next]");
  const marks = [...form.querySelectorAll(".report__steps li")];
  let at = 0;

  const draw = () => {
    form.dataset.at = names[at];
    back.hidden = at === 0;
    next.hidden = at === names.length - 1;
    marks.forEach((mark, index) => {
      mark.classList.toggle("report__step-done", index < at);
      if (index === at) mark.setAttribute("aria-current", "step");
      else mark.removeAttribute("aria-current");
    });
    onShow(names[at]);
  };
  const go = (index, { focus = true } = {}) => {
    at = index;
    draw();
    if (!focus) return;
    const target = form.querySelector(`#${names[at]}`);
    target.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  };
  next.addEventListener("click", () => {
    if (!mayLeave(names[at])) return;
    history.pushState({ step: at + 1 }, "");
    go(at + 1);
  });
  back.addEventListener("click", () => history.back());
  window.addEventListener("popstate", (event) => go(event.state?.step ?? 0));
  history.replaceState({ step: 0 }, "");
  form.querySelector(".report__steps").hidden = false;
  form.dataset.steps = "";
  draw();
  return {
    show(name) {
      const index = names.indexOf(name);
      if (index === at) return;
      history.replaceState({ step: index }, "");
      go(index, { focus: false });
    },
    current: () => names[at],
  };
}

/**
 * Show and clear the errors of a form.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} summary `.error-summary`
 * @returns {{clear(): void, clearField(name: string): void, mark(name: string, text: string): void,
 *   show(faults: {field?: string, text: string, calls?: HTMLElement}[], how?: {isStep?: boolean}): void}} `isStep`: nothing was to be sent yet.
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
      const { danger, unfinished, unsent } = title.dataset;
      title.textContent = isStep ? unfinished : unsent;
      for (const { field, text, calls } of faults) {
        if (field) mark(field, text);
        list.append(entry(form, field, text));
        if (!calls) continue;
        title.textContent = danger;
        list.lastElementChild.append(calls);
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
