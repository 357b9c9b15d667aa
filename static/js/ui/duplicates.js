/** "Sudah dilaporkan?": open reports near the pin, before anybody writes the same thing again. */

import { post } from "../http.js";
import { shape } from "../symbols.js";
import { distance } from "../words.js";

const PAUSE_MS = 600;
const SLUGS = ["belum", "respon", "lapangan", "selesai", "ditutup"];

/**
 * One public report near the pin, as `POST /api/nearby` tells it.
 * @typedef {object} Twin
 * @property {string} number
 * @property {string} category
 * @property {string} place
 * @property {string} status
 * @property {string | number} layer
 * @property {number} age_days
 * @property {number} distance_m
 * @property {string | null} photo
 * @property {number} supports
 * @property {string | null} outage Until when, in words, where staff have announced it.
 * @property {string} url
 */

/**
 * Show what is already known, and let one tap join it.
 * @param {HTMLElement} root `[data-twins]`
 * @param {object} options
 * @param {HTMLFormElement} options.form
 * @param {string} options.url
 * @param {(key: string, values?: object) => string} options.say
 * @param {() => Blob[]} options.photos What might be added as evidence.
 * @param {() => void} [options.onJoin] It is the same: nothing here needs to be sent.
 * @param {() => void} [options.onInstead] The person wants to send their own all the same.
 * @returns {{ask(): void}}
 */
export function duplicates(
  root,
  { form, url, say, photos, onJoin = () => {}, onInstead = () => {} },
) {
  const title = root.querySelector("h3");
  const list = root.querySelector("ul");
  const status = root.querySelector("[role=status]");
  const go = root.querySelector("[data-go-on]");
  const proof = root.querySelector("[data-evidence]");
  const dismissed = new Set();
  const sprite = root.dataset.sprite;
  const fields = form.elements;
  let timer = 0;
  let asking = null;
  let asked = "";

  const close = () => {
    root.hidden = true;
    list.replaceChildren();
  };
  const show = (twins) => {
    const fresh = twins.filter(({ number }) => !dismissed.has(number));
    if (!fresh.length) return close();
    list.replaceChildren(
      ...fresh.map((twin) => card(twin, { sprite, say, onSame: () => join(twin) })),
    );
    proof.hidden = !photos().length;
    go.hidden = false;
    title.hidden = false;
    status.textContent = say("twins", { count: fresh.length });
    root.hidden = false;
    return undefined;
  };
  const join = async (twin) => {
    const button = list.querySelector(`[data-number="${CSS.escape(twin.number)}"] button`);
    button.setAttribute("aria-disabled", "true");
    const body = new FormData();
    body.append("follow", "1");
    if (!proof.hidden && proof.querySelector("input").checked) {
      for (const [at, blob] of photos().entries()) body.append(`photo_${at + 1}`, blob, "foto.jpg");
    }
    try {
      const answer = await post(`${twin.url}/dukung`, body);
      joined(twin, answer);
    } catch (error) {
      button.removeAttribute("aria-disabled");
      status.textContent = error.body?.error?.message || say("twinFailed");
    }
  };
  // What was written stays: somebody may still want to send it as a report of its own.
  const joined = (twin, answer) => {
    const words = document.createElement("p");
    words.tabIndex = -1;
    words.className = "twins__done";
    const count = answer?.supports ?? twin.supports + 1;
    words.textContent = say(answer?.already ? "twinAlready" : "twinJoined", {
      number: twin.number,
      count,
    });
    const link = document.createElement("a");
    link.className = "button button--primary";
    link.href = twin.url;
    link.textContent = say("twinOpen");
    const item = document.createElement("li");
    item.className = "twins__joined";
    item.append(words, ...news(twin, answer), link, instead(twin));
    list.replaceChildren(item);
    title.hidden = proof.hidden = go.hidden = true;
    status.textContent = "";
    onJoin();
    words.focus();
  };
  const instead = ({ number }) => {
    const button = make("button", "button button--quiet report__link", say("twinInstead"));
    button.type = "button";
    button.addEventListener("click", () => {
      dismissed.add(number);
      close();
      onInstead();
    });
    return button;
  };
  /** Who cannot be told yet is asked how, and never told that they follow. */
  const news = ({ number }, answer) => {
    if (answer?.followed) return [make("p", "small", say("twinFollowed"))];
    const way = make("a", "button", say("twinFollow"));
    way.href = say("twinFollowPage", { number: encodeURIComponent(number) });
    return [way];
  };
  go.addEventListener("click", () => {
    for (const item of list.querySelectorAll("[data-number]")) dismissed.add(item.dataset.number);
    close();
    (root.dataset.then && document.getElementById(root.dataset.then))?.focus();
  });
  const ask = async () => {
    asking?.abort();
    const { service_code: kind, description } = fields;
    const place = placeOf(fields);
    if (form.dataset.joined !== undefined) return undefined;
    if (!place || !kind.value) return close();
    const body = {
      ...place,
      service_code: kind.value,
      text: description.value.trim(),
    };
    const now = JSON.stringify(body);
    if (now === asked) return undefined;
    asked = now;
    asking = new AbortController();
    // Nobody is held up by an answer that does not come.
    const twins = await post(url, body, { signal: asking.signal }).catch(() => null);
    if (twins) show(twins);
    return undefined;
  };
  return {
    ask() {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MS);
    },
  };
}

/** A point, else a whole street, else an area; null before anybody has said where. */
function placeOf({ lat, lon, street, area_code: area }) {
  if (lat.value) return { lat: Number(lat.value), lon: Number(lon.value) };
  if (street?.value.trim()) return { street: street.value.trim() };
  return area.value ? { area_code: area.value } : null;
}

function card(twin, { sprite, say, onSame }) {
  const item = make("li", "twin");
  item.dataset.number = twin.number;
  if (twin.photo) {
    const picture = make("img", "twin__photo");
    Object.assign(picture, { src: twin.photo, alt: say("twinPhoto"), loading: "lazy" });
    Object.assign(picture, { width: 88, height: 88 });
    item.append(picture);
  }
  const words = make("div", "twin__words");
  const name = make("a", "twin__name", twin.category);
  Object.assign(name, { href: twin.url, target: "_blank", rel: "noopener" });
  const age = twin.age_days ? say("twinAge", { days: twin.age_days }) : say("twinToday");
  const metres = twin.distance_m !== null && distance(twin.distance_m);
  const where = twin.outage ? [say("twinOutage"), twin.outage] : [metres, age];
  const facts = [twin.place, ...where].filter(Boolean).join(" · ");
  const state = make("span", "twin__status");
  const layer = typeof twin.layer === "number" ? twin.layer : SLUGS.indexOf(twin.layer);
  if (layer >= 0) state.append(shape(layer, sprite), " ");
  state.append(twin.status);
  words.append(name, make("span", "small muted", facts), state);
  if (twin.supports) {
    words.append(make("span", "small muted", say("twinSupports", { count: twin.supports })));
  }
  const same = make("button", "button twin__same", say("twinSame"));
  same.type = "button";
  same.setAttribute(
    "aria-label",
    say("twinSameLabel", { number: twin.number, kind: twin.category }),
  );
  same.addEventListener("click", onSame);
  item.append(words, same);
  return item;
}

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}
