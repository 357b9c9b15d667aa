/** When and where a photo of a repair is taken: asked of the phone while the crew chooses the picture. */

const DECIMALS = 6;
const HOW = { enableHighAccuracy: true, timeout: 30_000, maximumAge: 15_000 };

/**
 * Send time and place along with the photo of a form; without either the photo goes all the same.
 * @param {HTMLFormElement | null} form With one file field.
 */
export function capture(form) {
  const file = form?.querySelector("input[type=file]");
  if (!file) return;
  const put = (name, value) => {
    const field = form.elements[name] ?? hidden(form, name);
    field.value = value;
  };
  file.addEventListener("change", () => {
    const taken = file.files[0]?.lastModified;
    put("taken_at", taken ? new Date(taken).toISOString() : "");
  });
  const seek = () => {
    if (!navigator.geolocation) return;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        put("lon", coords.longitude.toFixed(DECIMALS));
        put("lat", coords.latitude.toFixed(DECIMALS));
        put("accuracy", Math.round(coords.accuracy));
      },
      () => {},
      HOW,
    );
  };
  // Opening the form or choosing the picture is the moment at which somebody stands there.
  form.closest("details")?.addEventListener("toggle", ({ target }) => target.open && seek());
  file.addEventListener("change", seek);
}

function hidden(form, name) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name });
  form.append(field);
  return field;
}
