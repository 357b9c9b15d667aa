/** One question per screen on phones; on wide screens everything stands side by side and this does nothing to see. */

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
