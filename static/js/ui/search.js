/** Search by street, area, landmark, coordinates, Plus Code, or number of an issue; other words lead to the list. */

import { getJSON } from "../http.js";
import { fill } from "../words.js";

const PATIENCE_MS = 250;
const LEAST_LETTERS = 2;
const NUMBER = /^[a-z]{2,5}-\d{2}-\d{1,9}$/i;

/**
 * Run the search form.
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {string} options.url
 * @param {string} options.list Address of the list of issues, which knows words.
 * @param {Record<string, string>} options.words
 * @param {(found: {kind: string, name: string, detail: string, lon: number, lat: number, box: number[],
 *   approximate: boolean}) => void} options.onPlace
 * @param {(number: string) => void} options.onNumber
 */
export function search(form, { url, list: reports, words, onPlace, onNumber }) {
  const field = form.querySelector("input");
  const list = form.querySelector("ul");
  const said = form.querySelector("[role=status]");
  let stop = new AbortController();
  let timer = 0;

  const close = () => {
    list.hidden = true;
    list.replaceChildren();
  };
  const offer = (items) => {
    list.replaceChildren(
      ...items.map((one) => (one.heading ? heading(one.heading) : choice(one, close))),
    );
    list.hidden = items.length === 0;
  };
  // Whoever types a problem into a search for places is led to the reports about it.
  const inReports = (text) => ({
    text: fill(words.inReports, { text }),
    href: `${reports}?${new URLSearchParams({ cari: text })}`,
  });
  const look = async () => {
    const text = field.value.trim();
    stop.abort();
    if (NUMBER.test(text)) {
      const number = text.toUpperCase();
      offer([{ text: fill(words.report, { number }), press: () => onNumber(number) }]);
      return;
    }
    if (text.length < LEAST_LETTERS) {
      close();
      return;
    }
    stop = new AbortController();
    const address = `${url}?q=${encodeURIComponent(text)}`;
    const answer = await getJSON(address, { signal: stop.signal }).catch((error) => {
      if (error.name !== "AbortError") said.textContent = words.failed;
      return null;
    });
    if (!answer) return;
    const { length } = answer.found;
    said.textContent = length ? fill(words.found, { n: length }) : words.nothingFound;
    const places = length
      ? grouped(answer, { onPlace, approximate: form.dataset.approximate })
      : [{ text: words.nothingFound, press: () => field.focus() }];
    offer([...places, inReports(text)]);
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PATIENCE_MS);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    await look();
    list.querySelector("button")?.focus();
  });
  form.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
      field.focus();
    }
    if (!step || list.hidden) return;
    event.preventDefault();
    const stops = [field, ...list.querySelectorAll("button, a")];
    const at = stops.indexOf(document.activeElement);
    stops[Math.min(stops.length - 1, Math.max(0, at + step))].focus();
  });
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !form.contains(event.relatedTarget)) close();
  });
}

/** Put what was found under the words for its kinds, kinds and places in the order of the answer. */
function grouped({ found, kinds }, { onPlace, approximate }) {
  const order = [...new Set(found.map(({ kind }) => kind))];
  return order.flatMap((kind) => [
    { heading: kinds?.[kind] ?? kind },
    ...found
      .filter((one) => one.kind === kind)
      .map((one) => ({
        text: one.name,
        detail: [one.sort, one.detail, one.approximate && approximate].filter(Boolean).join(" · "),
        // A place outside the city is said to be so, and the map stays where it is.
        press: one.outside ? null : () => onPlace(one),
      })),
  ]);
}

function heading(text) {
  const item = document.createElement("li");
  item.className = "search__kind";
  item.textContent = text;
  return item;
}

function choice({ text, detail, press, href }, close) {
  const button = document.createElement(href ? "a" : "button");
  if (href) {
    button.href = href;
  } else {
    button.type = "button";
    button.setAttribute("aria-disabled", String(!press));
  }
  const strong = document.createElement("strong");
  strong.textContent = text;
  button.append(strong);
  if (detail) {
    const small = document.createElement("span");
    small.className = "muted small";
    small.textContent = detail;
    button.append(small);
  }
  if (press) {
    button.addEventListener("click", () => {
      close();
      press();
    });
  }
  const item = document.createElement("li");
  item.append(button);
  return item;
}
