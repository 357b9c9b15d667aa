/** A photo proposes the place: by what the camera wrote, else by where the phone is now. Nothing is taken unasked. */

import { getJSON } from "../http.js";
import { outsideSaid } from "./owner.js";

const SAME_M = 40;
const METRES = 111_320;

/**
 * Make the line that offers a place.
 * @param {HTMLElement} root `[data-offer]`
 * @param {object} options
 * @param {HTMLFormElement} options.form
 * @param {(key: string, values?: object) => string} options.say
 * @param {ReturnType<import("./place.js").place>} options.place
 * @returns {{photo(facts: import("./photos.js").Facts): Promise<void>, isOpen(): boolean, point(): void}}
 *   `isOpen`: a photo's place waits for a yes; `point`: lead to the button that says it.
 */
export function offer(root, { form, say, place }) {
  const said = root.querySelector("[data-said]");
  const take = root.querySelector("[data-take]");
  const leave = root.querySelector("[data-leave]");
  let act = () => {};
  let isPlace = false;

  const show = (words, { onTake, label = "" } = {}) => {
    said.textContent = words;
    root.hidden = !words;
    take.hidden = leave.hidden = !onTake;
    take.textContent = label;
    act = onTake ?? (() => {});
    isPlace = false;
  };
  take.addEventListener("click", () => {
    act();
    show("");
    // The button is gone: the eye and the keyboard go on at the words below the pin.
    const point = form.querySelector("#point-said");
    point.focus({ preventScroll: true });
    point.scrollIntoView({ block: "end" });
  });
  leave.addEventListener("click", () => show(""));

  const byPhoto = async (where) => {
    const held = place.value();
    if (held && metres(held, where) < SAME_M) return;
    const route = await routeAt(form.dataset.route, where);
    if (route ? !route.covered : !place.inside(where.lat, where.lon)) {
      show(say("photoOutside", { why: outsideOf(route) }));
      return;
    }
    const name = [route?.street, route?.area?.name].filter(Boolean).join(", ");
    const spot = name || `${where.lat.toFixed(5)}, ${where.lon.toFixed(5)}`;
    show(say("photoPlace", { place: spot }), {
      label: say("photoTake"),
      onTake: () => place.take(where, say("photoTaken")),
    });
    isPlace = true;
  };
  const outsideOf = (route) =>
    route ? outsideSaid(route, form.dataset.cityName, say) : form.dataset.cityName;
  const byDevice = () => {
    if (place.value() || !navigator.geolocation) return;
    show(say("photoBare"), {
      label: say("photoHere"),
      onTake: () => form.querySelector("#locate").click(),
    });
  };
  return {
    async photo({ place: where, isFresh }) {
      if (where) await byPhoto(where);
      else if (isFresh && root.hidden) byDevice();
    },
    isOpen: () => isPlace && !root.hidden,
    point() {
      take.focus({ preventScroll: true });
      root.scrollIntoView({ block: "center" });
    },
  };
}

function routeAt(url, { lat, lon }) {
  const query = new URLSearchParams({ lat, lon, service_code: "lainnya" });
  return getJSON(`${url}?${query}`).catch(() => null);
}

/** Good enough for some metres. */
function metres(one, two) {
  const east = (one.lon - two.lon) * Math.cos((one.lat * Math.PI) / 180);
  return Math.hypot(east, one.lat - two.lat) * METRES;
}
