/** Tell colleagues that this page is open, and show who else has it open: a hint that blocks nobody. */

import { post } from "../http.js";

const BEAT_MS = 20_000;

/** Beat for the issue of the page, where it shows one. */
export function presence() {
  const root = document.querySelector("[data-presence]");
  const list = root?.querySelector("[data-screens]");
  if (!list) return;
  const beat = async () => {
    if (document.hidden) return;
    // Without an answer the hint stays as it was; the next beat asks again.
    const answer = await post(root.dataset.presence, new FormData()).catch(() => null);
    if (answer) show(list, answer.screens);
  };
  setInterval(beat, BEAT_MS);
}

function show(list, screens) {
  list.replaceChildren(
    ...screens.map(({ name, span }) => {
      const line = document.createElement("p");
      line.className = "small presence";
      line.textContent = list.dataset.words.replace("{name}", name).replace("{span}", span);
      return line;
    }),
  );
}
