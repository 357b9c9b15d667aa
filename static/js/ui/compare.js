/** Before and after, laid on each other: a slider shows more of one or the other; buttons do the same without dragging. */

const MIDDLE = 50;

/**
 * Offer to lay two photos that stand side by side on each other.
 * @param {HTMLElement | null} root With two figures, and its words as `data-` values.
 */
export function compare(root) {
  if (!root) return;
  const pair = root.querySelector(".compare__pair");
  const { beside, laid, before, after, slide } = root.dataset;
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: "0", max: "100", step: "1", hidden: true });
  range.className = "compare__range";
  range.setAttribute("aria-label", slide);
  const show = (percent) => {
    range.value = String(percent);
    range.setAttribute("aria-valuetext", `${before} ${percent} %, ${after} ${100 - percent} %`);
    pair.style.setProperty("--at", `${percent}%`);
  };
  const ways = [
    [beside, null],
    [before, 100],
    [laid, MIDDLE],
    [after, 0],
  ];
  const buttons = ways.map(([word, percent]) => {
    const found = button(word);
    found.addEventListener("click", () => choose(found, percent));
    return found;
  });
  const choose = (chosen, percent) => {
    for (const one of buttons) one.setAttribute("aria-pressed", String(one === chosen));
    const isLaid = percent !== null;
    pair.classList.toggle("compare__pair--laid", isLaid);
    range.hidden = !isLaid;
    if (isLaid) show(percent);
  };
  range.addEventListener("input", () => {
    show(Number(range.value));
    for (const one of buttons) one.setAttribute("aria-pressed", "false");
  });
  const row = document.createElement("div");
  row.className = "cluster compare__ways";
  row.append(...buttons);
  root.append(range, row);
  choose(buttons[0], null);
}

function button(word) {
  const found = document.createElement("button");
  found.type = "button";
  found.className = "button button--small";
  found.textContent = word;
  return found;
}
