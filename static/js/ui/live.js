/** Keeps an open page true while somebody looks at it. */

const SOONEST_MS = 2000;

/**
 * Run something again and again while the page is visible, and at once when somebody comes back to it.
 * @param {number} every Milliseconds between two rounds.
 * @param {() => void} run
 */
export function whileSeen(every, run) {
  let last = Date.now();
  const round = () => {
    // Coming back fires several events: one round is enough for all of them.
    if (document.visibilityState !== "visible" || Date.now() - last < SOONEST_MS) return;
    last = Date.now();
    run();
  };
  setInterval(round, every);
  document.addEventListener("visibilitychange", round);
  for (const event of ["focus", "online"]) window.addEventListener(event, round);
}
