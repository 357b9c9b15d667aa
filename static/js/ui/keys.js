/** One key each: whatever carries `data-key` is pressed by it. Off inside fields, and off for whoever wants none. */

const STORE = "civicmap:keys";
const FIELDS =
  "input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), textarea, select, [contenteditable]";
const FIRST = "select, textarea, input:not([type=hidden]), button";

let busy = false;

/** Listen to the keys of the page, and show what they are. */
export function keys() {
  const dialog = document.getElementById("keys");
  const tools = document.querySelector("[data-keys-tools]");
  if (dialog && tools) explain(dialog, tools);
  addEventListener("keydown", hear);
  addEventListener("submit", () => {
    busy = true;
  });
  // Back from another page the browser may show this one as it was.
  addEventListener("pageshow", () => {
    busy = false;
  });
}

function hear(event) {
  const field = event.target.closest?.(FIELDS);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return send(event);
  if (field && event.key === "Escape") return field.blur();
  if (field || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (busy || event.repeat || document.querySelector("dialog[open]")) return undefined;
  if (!isOn() && event.key !== "?") return undefined;
  if (press(event.key.toLowerCase())) event.preventDefault();
  return undefined;
}

/** Ctrl+Enter sends the form in which somebody is. */
function send(event) {
  const form = event.target.closest?.("form") ?? document.querySelector("form[data-main]");
  if (!form || busy) return;
  event.preventDefault();
  form.requestSubmit();
}

function press(key) {
  if (!/^[a-z0-9?]$/.test(key)) return false;
  const target = document.querySelector(`[data-key="${key}"]`);
  if (!target) return false;
  if (target instanceof HTMLDetailsElement) open(target);
  else target.click();
  return true;
}

/** Bring the form of a step under the fingers; sending it stays a second, deliberate act. */
function open(details) {
  details.open = true;
  const place = details.querySelector("form") ?? details;
  const first = place.querySelector(FIRST);
  first?.focus();
  first?.scrollIntoView({ block: "nearest" });
}

function explain(dialog, tools) {
  tools.hidden = false;
  tools.querySelector("[data-keys-open]").addEventListener("click", () => dialog.showModal());
  const box = dialog.querySelector("[data-keys-on]");
  box.checked = isOn();
  box.addEventListener("change", () => remember(box.checked));
}

/** A browser that keeps nothing keeps the keys on. */
function isOn() {
  try {
    return localStorage.getItem(STORE) !== "off";
  } catch {
    return true;
  }
}

function remember(on) {
  try {
    localStorage.setItem(STORE, on ? "on" : "off");
  } catch (error) {
    console.warn(error);
  }
}
