/** The review: each proposal is a key away, whatever is selected becomes black, the original stays beside it. */

import { keys } from "./ui/keys.js";
import { presence } from "./ui/presence.js";

const root = document.querySelector("[data-review]");
const text = document.getElementById("review_public_text");
const said = root.querySelector("[data-said]");
const MASK = root.dataset.mask;

root.querySelector("[data-tools]").hidden = false;
for (const mark of root.querySelectorAll("[data-mark]")) {
  mark.addEventListener("click", () => blackOut(mark.dataset.mark));
}
root.querySelector("[data-mask-selection]").addEventListener("click", maskSelection);
root.querySelector("[data-back]").addEventListener("click", undo);

const past = [];

keys();
presence();
document.getElementById("stale")?.focus();

/** Put black dots in place of a piece, wherever it stands in the public text. */
function blackOut(piece) {
  if (!text.value.includes(piece)) return;
  write(text.value.replaceAll(piece, MASK));
}

/** Put black dots in place of what is selected in the public text. */
function maskSelection() {
  const { selectionStart: from, selectionEnd: to } = text;
  if (from === to) {
    text.focus();
    return;
  }
  write(text.value.slice(0, from) + MASK + text.value.slice(to));
  text.focus();
  text.setSelectionRange(from + MASK.length, from + MASK.length);
}

function write(value) {
  past.push(text.value);
  text.value = value;
  said.textContent = value;
}

function undo() {
  if (!past.length) return;
  text.value = past.pop();
  said.textContent = text.value;
}
