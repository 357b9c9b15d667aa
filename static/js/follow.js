/** The page of following: only the part that was chosen is shown; a shape is drawn by taps, or from the keyboard. */

import { canPush, turnOn } from "./push.js";
import { ring } from "./ui/ring.js";

const form = document.getElementById("follow-form");
const drawing = ring({
  root: document.getElementById("drawing"),
  field: document.getElementById("id_bentuk"),
  config: JSON.parse(document.getElementById("map-config").textContent),
  radius: () => Number(form.elements.jarak.value || 500),
  onReady: () => choose(),
  onDraw: () => lead(),
});

/** Show the fields of the choice and no others. */
function choose() {
  const chosen = form.elements.apa.value;
  for (const part of form.querySelectorAll("[data-part]")) {
    part.hidden = part.dataset.part !== chosen;
  }
  if (chosen === "shape") drawing.show();
}

/** What is followed → the field of what is chosen, in the names that the feed reads. */
const FEEDS = {
  category: ["jenis", "category"],
  area: ["wilayah", "area"],
  street: ["jalan", "jalan"],
  shape: ["bentuk", "bentuk"],
};

/** Let the link to the feed lead to exactly what is chosen. */
function lead() {
  const link = document.getElementById("feed");
  const kind = form.elements.apa.value;
  const [name, filter] = FEEDS[kind] ?? [];
  const value = name && form.elements[name].value.trim();
  const number = form.elements.laporan.value.trim().toUpperCase();
  if (kind === "issue" && number) {
    link.href = link.dataset.issue.replace("/0.rss", `/${encodeURIComponent(number)}.rss`);
  } else {
    link.href = value
      ? `${link.dataset.all}?${new URLSearchParams({ [filter]: value })}`
      : link.dataset.all;
  }
}

form.addEventListener("input", lead);
form.addEventListener("change", (event) => {
  if (event.target.name === "apa") choose();
  lead();
});
form.addEventListener("submit", async (event) => {
  const box = form.elements.perangkat;
  if (!box?.checked || !canPush() || form.dataset.ready) return;
  event.preventDefault();
  if (await turnOn()) {
    form.dataset.ready = "1";
    form.requestSubmit();
  } else {
    box.checked = false;
  }
});
choose();
document.getElementById("errors")?.focus();
