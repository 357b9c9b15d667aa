/** Forms of one's own report on a patchy network: what does not arrive stays on the page, with its photos, to be sent again. */

import { handIn } from "../http.js";
import { phrasesOf } from "../words.js";

/**
 * Send the forms that carry words or photos without leaving the page before the server has taken them.
 * @param {ParentNode} root
 * @param {HTMLElement} words Has the sentences `data-sending` and `data-unsent`.
 */
export function patient(root, words) {
  const say = phrasesOf(words);
  for (const form of root.querySelectorAll("form[enctype]")) {
    const button = form.querySelector("button[type=submit]");
    const state = document.createElement("p");
    state.setAttribute("role", "status");
    form.append(state);
    const tell = (key) => {
      state.textContent = key && say(key);
      state.classList.toggle("field__error", key === "unsent");
      button.setAttribute("aria-disabled", String(key === "sending"));
    };
    form.addEventListener("submit", async (event) => {
      // Somebody else holds it back, until its photos are small.
      if (event.defaultPrevented) return;
      event.preventDefault();
      if (button.getAttribute("aria-disabled") === "true") return;
      tell("sending");
      try {
        if (await handIn(form.action, new FormData(form))) location.assign(form.action);
        // Nothing was taken: the browser itself fetches the page that says why, with what was typed.
        else HTMLFormElement.prototype.submit.call(form);
      } catch {
        tell("unsent");
      }
    });
    // A page that comes back by the browser's button is not on its way any more.
    addEventListener("pageshow", () => tell(""));
  }
}
