/** Find a street or an area by name, as a field with a list of buttons below it; Enter takes the first. */

import { getJSON } from "../http.js";

const PAUSE_MS = 250;
const LEAST_LETTERS = 3;

/**
 * Wire a search field.
 * @param {HTMLElement} root
 * @param {object} options
 * @param {string} options.url Answers `{found: [{name, detail, lon, lat}]}` to `?q=`.
 * @param {(key: string, values?: object) => string} options.say
 * @param {(place: {lat: number, lon: number}) => void} options.onChoose
 */
export function finder(root, { url, say, onChoose }) {
  const field = root.querySelector("input");
  const list = root.querySelector("ul");
  const status = root.querySelector("[role=status]");
  let timer = 0;
  let asking = null;

  const close = () => {
    list.replaceChildren();
    list.hidden = true;
  };
  const choose = (found) => {
    field.value = found.name;
    close();
    onChoose({ lat: found.lat, lon: found.lon });
  };
  const tell = (word, values) => {
    status.textContent = word ? say(word, values) : "";
    status.classList.toggle("visually-hidden", !word || word === "places");
  };
  /** @returns {Promise<object[] | null>} null: a later question is on its way, or nobody answered. */
  const look = async () => {
    asking?.abort();
    const words = field.value.trim();
    if (words.length < LEAST_LETTERS) {
      close();
      tell("");
      return null;
    }
    asking = new AbortController();
    const address = `${url}?q=${encodeURIComponent(words)}`;
    const answer = await getJSON(address, { signal: asking.signal }).catch((error) => {
      if (error.name !== "AbortError") tell("searchFailed");
      return null;
    });
    if (!answer) return null;
    list.replaceChildren(...answer.found.map((found) => entry(found, () => choose(found))));
    list.hidden = answer.found.length === 0;
    tell(answer.found.length ? "places" : "noPlaces", { count: answer.found.length });
    return answer.found;
  };
  const takeFirst = async () => {
    const found = await look();
    if (found?.length) choose(found[0]);
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter" && event.target === field) {
      event.preventDefault();
      clearTimeout(timer);
      takeFirst();
    }
    if (event.key === "ArrowDown" && event.target === field) list.querySelector("button")?.focus();
  });
}

function entry(found, onClick) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "report__hit";
  const name = document.createElement("strong");
  name.textContent = found.name;
  const kind = document.createElement("span");
  kind.className = "muted small";
  kind.textContent = found.detail;
  button.append(name, " ", kind);
  button.addEventListener("click", onClick);
  item.append(button);
  return item;
}
