/** "Saya juga" without leaving the page; taken back by the same button. */

import { post } from "../http.js";

/**
 * Send the form as a request.
 * @param {HTMLFormElement | null} form
 */
export function support(form) {
  if (!form) return;
  const said = form.querySelector("[role=status]");
  const press = form.querySelector("button");
  const count = form.querySelector("#supports");
  let back = null;
  let turn = Promise.resolve();
  // One after the other, so that the last wish is the last that the server hears.
  const send = (off) => {
    turn = turn.then(() => ask(off));
  };
  const ask = async (off) => {
    press.setAttribute("aria-disabled", "true");
    try {
      const { supports, supported } = await post(form.action, off ? { batal: "1" } : {});
      count.textContent = supports;
      press.setAttribute("aria-pressed", String(supported));
      said.textContent = off ? form.dataset.undone : form.dataset.thanks;
      back?.remove();
      back = supported ? undo() : null;
      if (back) form.append(back);
    } catch (error) {
      said.textContent = error.body?.error?.message || form.dataset.failed;
    }
    press.removeAttribute("aria-disabled");
  };
  const undo = () => {
    const found = document.createElement("button");
    found.type = "button";
    found.className = "button button--quiet button--small";
    found.textContent = form.dataset.undo;
    found.addEventListener("click", () => {
      press.focus();
      send(true);
    });
    return found;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (press.getAttribute("aria-disabled") !== "true") send(false);
  });
}
