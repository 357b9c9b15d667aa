/** "Batalkan (10 s)": count the seconds in which a step can be taken back, then take the button away. */

import { fill } from "../words.js";

const SECOND_MS = 1000;

/**
 * Count down on every form that takes a step back.
 * @param {ParentNode} root
 */
export function undo(root) {
  for (const form of root.querySelectorAll("[data-undo]")) count(form, Number(form.dataset.undo));
}

function count(form, seconds) {
  if (seconds <= 0) {
    // Who stands on it goes on with the page, not with nothing.
    const held = form.contains(document.activeElement);
    form.remove();
    if (held) document.getElementById("main")?.focus();
    return;
  }
  form.querySelector("button span").textContent = fill(form.dataset.word, { n: seconds });
  setTimeout(count, SECOND_MS, form, seconds - 1);
}
