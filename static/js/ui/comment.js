/** A comment pays its little work before it is sent; without this script it is sent all the same. */

import { solve } from "../effort.js";
import { getJSON } from "../http.js";

/**
 * Pay when the form is sent.
 * @param {HTMLFormElement | null} form
 */
export function comment(form) {
  if (!form) return;
  const { proof, uuid } = form.elements;
  form.addEventListener("submit", async (event) => {
    if (proof.value) return;
    event.preventDefault();
    const press = event.submitter;
    press?.setAttribute("aria-disabled", "true");
    // What cannot be paid for now is read later than the rest, and not lost.
    const paid = await pay(form.dataset.effort, uuid.value).catch(() => "");
    proof.value = paid || "-";
    press?.removeAttribute("aria-disabled");
    form.submit();
  });
}

async function pay(door, id) {
  return solve(await getJSON(`${door}?id=${encodeURIComponent(id)}`));
}
