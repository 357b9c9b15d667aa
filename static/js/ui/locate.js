/** "Gunakan lokasi saya": asks the device only on a tap, and says what went wrong in four different ways. */

const TIMEOUT_MS = 10_000;
const PROBLEMS = { 1: "denied", 2: "unavailable", 3: "timeout" };

/**
 * Turn a button into "use my location".
 *
 * The words stand in the page as `data-` values of the button (see `issues/_locate.html`): `searching`, `found`,
 * `denied`, `unavailable`, `timeout`, `outside`.
 *
 * @param {HTMLButtonElement} button
 * @param {object} options
 * @param {HTMLElement} options.status Live region that is told how it goes.
 * @param {(place: {lat: number, lon: number, accuracy: number}) => void} options.onFound Not called for a place outside.
 * @param {(lat: number, lon: number) => boolean} [options.inside] Whether a place is in the city.
 * @param {(place: {lat: number, lon: number, accuracy: number}) => void} [options.onOutside]
 */
export function locate(button, { status, onFound, inside = () => true, onOutside = () => {} }) {
  const say = (word) => {
    status.textContent = button.dataset[word] ?? "";
  };
  const finish = (word) => {
    button.disabled = false;
    say(word);
  };
  button.addEventListener("click", () => {
    button.disabled = true;
    say("searching");
    ask().then(
      (place) => {
        const covered = inside(place.lat, place.lon);
        finish(covered ? "found" : "outside");
        (covered ? onFound : onOutside)(place);
      },
      (problem) => finish(problem),
    );
  });
}

/**
 * Ask the device where it is.
 * @returns {Promise<{lat: number, lon: number, accuracy: number}>} Rejects with `denied`, `unavailable` or `timeout`.
 */
function ask() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) {
      reject("unavailable");
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        resolve({ lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy }),
      (error) => reject(PROBLEMS[error.code] ?? "unavailable"),
      { enableHighAccuracy: true, timeout: TIMEOUT_MS, maximumAge: 0 },
    );
  });
}

/**
 * Make a test of "roughly in the city" from its box; the server has the last word.
 * @param {[number, number, number, number]} extent W, S, E, N in degrees.
 * @returns {(lat: number, lon: number) => boolean}
 */
export function insideBox([west, south, east, north]) {
  return (lat, lon) => lon >= west && lon <= east && lat >= south && lat <= north;
}
