/** Sending: once, patiently, and without ever saying "terkirim" before the server's number is here. */

import { bodyOf, sendPhoto, sendReport } from "../outbox.js";

const FIELD_OF = { id: "uuid", privacy: "confidential", "": undefined };

/**
 * Wire the one button.
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {(key: string, values?: object) => string} options.say
 * @param {() => {field?: string, text: string}[]} options.faults What the person still has to do.
 * @param {(faults: {field?: string, text: string}[]) => void} options.onFaults
 * @param {ReturnType<import("./photos.js").photos>} options.photos
 * @param {() => void} options.onChange What is known of sending has changed: keep it.
 * @returns {{sent: object | null, receipt: object | null, resume(): void}}
 */
export function sender(form, { say, faults, onFaults, photos, onChange }) {
  const button = form.querySelector("[data-send]");
  const skip = form.querySelector("[data-skip]");
  const state = form.querySelector("#state");
  const label = button.textContent;
  const known = { sent: null, receipt: null, resume: () => finish() };
  let isBusy = false;

  const busy = (isOn) => {
    isBusy = isOn;
    button.setAttribute("aria-disabled", String(isOn));
    form.setAttribute("aria-busy", String(isOn));
  };
  const stop = (text) => {
    busy(false);
    button.textContent = say("again");
    state.textContent = text;
    state.classList.add("report__state--bad");
  };
  const send = async () => {
    const wrong = faults();
    if (wrong.length) {
      onFaults(wrong);
      return;
    }
    // What the server holds of an earlier try can only come back with the form itself.
    if (form.querySelector("[name=kept]")) {
      plain();
      return;
    }
    busy(true);
    state.classList.remove("report__state--bad");
    state.textContent = say("sending");
    const body = bodyOf(form);
    const earlier = known.sent;
    known.sent = body;
    onChange();
    try {
      known.receipt = await sendReport(form.dataset.api, body, earlier);
    } catch (error) {
      refused(error);
      return;
    }
    onChange();
    await finish();
  };
  const refused = (error) => {
    if (error.status === 0) stop(say("offline"));
    else if (error.status === 404 || error.status === 405) plain();
    else if (error.status === 429 || error.status >= 500) stop(say("busy"));
    else {
      // A plain no: nothing was taken in, so that nothing of this try is in doubt.
      known.sent = null;
      onChange();
      busy(false);
      button.textContent = label;
      state.textContent = "";
      onFaults(faultsOf(error));
    }
  };
  const finish = async () => {
    const { id, number, token } = known.receipt;
    const waiting = photos.shots().filter((shot) => !shot.isSent);
    busy(true);
    button.textContent = label;
    state.textContent = say("sendingPhotos", { number });
    const url = form.dataset.photosApi.replace("{id}", id);
    for (const shot of waiting) await sendOne(url, shot, token);
    const left = waiting.filter((shot) => !shot.isSent).length;
    if (left) {
      stop(say("photosLeft", { number, count: left }));
      skip.hidden = false;
    } else open();
  };
  const sendOne = async (url, shot, token) => {
    shot.show("sending");
    const onProgress = (share) => shot.show("sending", { share });
    try {
      await sendPhoto(url, shot, { token, onProgress });
      shot.isSent = true;
      shot.show("sent");
    } catch (error) {
      shot.show("failed", { why: error.body?.error?.message ?? "" });
    }
  };
  // The draft stays until the receipt's own page forgets it: it holds the only secret so far.
  const open = () => {
    const { id, token } = known.receipt;
    openReceipt(form, form.dataset.receipt.replace("{id}", id), token);
  };
  const plain = () => {
    photos.fillPlain();
    HTMLFormElement.prototype.submit.call(form);
  };
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isBusy || photos.isBusy()) return;
    if (known.receipt) finish();
    else send();
  });
  skip.addEventListener("click", open);
  // A page from the back-forward cache still wears the old state.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  return known;
}

/** Open the receipt with the secret in the body, where no log and no history keeps it. */
function openReceipt(form, url, token) {
  const carrier = document.createElement("form");
  carrier.method = "post";
  carrier.action = url;
  carrier.hidden = true;
  for (const [name, value] of [
    ["token", token],
    ["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value],
  ]) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    carrier.append(input);
  }
  document.body.append(carrier);
  carrier.submit();
}

function faultsOf(error) {
  const { code, message, fields } = error.body?.error ?? {};
  // The map takes both numbers at once, so one sentence beside it is enough.
  if (code === "OutsideCoverage") return [{ field: "lat", text: message }];
  const entries = Object.entries(fields ?? {}).flatMap(([name, texts]) =>
    texts.map((text) => ({ field: FIELD_OF[name] ?? name.replace(/^contact\./, ""), text })),
  );
  if (entries.length) return entries;
  return [{ field: undefined, text: message ?? error.message }];
}
