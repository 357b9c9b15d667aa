/** Triage by keyboard: j and k walk the queue; on an issue one key opens each decision. */

import { compare } from "./ui/compare.js";
import { minimap, siteOfPage } from "./ui/minimap.js";

const FORMS = { v: "verify", r: "reject", a: "assign", s: "ask" };

if (document.getElementById("site")) minimap(siteOfPage());
document.getElementById("stale")?.focus();
compare(document.getElementById("compare"));

addEventListener("keydown", (event) => {
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (plain && !typing && press(event.key.toLowerCase())) event.preventDefault();
});

/**
 * Do what a key stands for on this page.
 * @param {string} key
 * @returns {boolean} Whether it stands for anything.
 */
function press(key) {
  if (key === "j" || key === "k") return walk(key === "j" ? 1 : -1);
  const link = document.querySelector(`a[data-key="${key}"]`);
  if (link) {
    link.click();
    return true;
  }
  return Boolean(FORMS[key]) && open(FORMS[key]);
}

/** Move the focus along the rows. */
function walk(by) {
  const links = [...document.querySelectorAll("#rows .row__link")];
  if (!links.length) return false;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + by));
  links[next].focus();
  links[next].closest(".row").scrollIntoView({ block: "nearest" });
  return true;
}

/** Bring the form of a step under the fingers; sending it stays a second, deliberate act. */
function open(step) {
  const place = document.querySelector(`#steps [data-step="${step}"]`);
  if (!place) return false;
  if (place instanceof HTMLDetailsElement) place.open = true;
  const first = "select, textarea, input:not([type=hidden]), button:not(summary button)";
  place.querySelector(first)?.focus();
  return true;
}
