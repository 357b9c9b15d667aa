/** Triage, and an issue at the desk: one key each, who else has it open, the small map. */

import { compare } from "./ui/compare.js";
import { keys } from "./ui/keys.js";
import { minimap, siteOfPage } from "./ui/minimap.js";
import { presence } from "./ui/presence.js";

/** From this width on the list stands beside the issue: 60rem of triage.css. */
const WIDE = 960;

if (document.getElementById("site")) minimap(siteOfPage());
compare(document.getElementById("compare"));
keys();
presence();
land();
announce();
for (const root of document.querySelectorAll("[data-templates]")) offerWords(root);
tickAll();

/** After a decision the next issue has the focus, or what somebody else has done meanwhile. */
function land() {
  const stale = document.getElementById("stale");
  const issue = location.hash === "#laporan" ? document.getElementById("laporan") : null;
  const wide = innerWidth >= WIDE;
  (stale ?? issue)?.focus({ preventScroll: !stale && wide });
  if (wide)
    document.querySelector(".triage__row.row--chosen")?.scrollIntoView({ block: "nearest" });
}

/** Screen readers speak what changes, not what a page brings along: say it once more. */
function announce() {
  const line = document.querySelector("[data-live]");
  if (!line?.childElementCount) return;
  const said = [...line.childNodes];
  line.replaceChildren();
  setTimeout(() => line.replaceChildren(...said), 150);
}

/** Words to begin with: chosen by name, they go into the field, to be changed there. */
function offerWords(root) {
  const field = document.getElementById(root.dataset.templates);
  root.querySelector("select").addEventListener("change", (event) => {
    if (event.target.value) field.value = event.target.value;
  });
}

/** Tick every issue of the page for one decision. */
function tickAll() {
  const button = document.querySelector("[data-all]");
  if (!button) return;
  button.hidden = false;
  const boxes = [...document.querySelectorAll("input[name=pilih]")];
  button.addEventListener("click", () => {
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
  });
}
