/** When things happen: once, at first use, after a pause, or again and again while somebody looks. */

/** How old an open page may get; the server answers most rounds with "not modified". */
const ROUND_MS = 20_000;
const SOONEST_MS = 2000;

/** Run something every 20 s while the page is visible, and at once when somebody comes back to it. */
export function whileSeen(run) {
  let last = Date.now();
  const round = () => {
    // Coming back fires several events: one round is enough for all of them.
    if (document.visibilityState !== "visible" || Date.now() - last < SOONEST_MS) return;
    last = Date.now();
    run();
  };
  setInterval(round, ROUND_MS);
  document.addEventListener("visibilitychange", round);
  for (const event of ["focus", "online"]) window.addEventListener(event, round);
}

/** Load a part when it is first wanted; a failed try is no answer for ever. */
export function once(load) {
  let held = null;
  return () => {
    held ??= load().catch((error) => {
      held = null;
      throw error;
    });
    return held;
  };
}

/** Load the part behind a control on its first event, which then happens to the part. */
export function first(element, type, load) {
  const listener = async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    await load();
    element.removeEventListener(type, listener, true);
    if (type === "submit") element.requestSubmit();
    else element.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true }));
  };
  element.addEventListener(type, listener, true);
}

/** Run something when its occasion has been quiet for a while. */
export function debounced(run, wait) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, wait);
  };
}
