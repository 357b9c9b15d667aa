/** Up to five photos: chosen, made small in the browser, seen, thrown out again. */

import { phrasesOf } from "../phrases.js";

/** Longest side in pixels and JPEG quality, tried in turn until the file is small enough. */
const TRIES = [
  [1600, 0.8],
  [1600, 0.65],
  [1600, 0.5],
  [1200, 0.5],
  [900, 0.4],
];
const ENOUGH_BYTES = 500_000;
const MOST_BYTES = 12 * 2 ** 20;

/**
 * @typedef {object} Shot
 * @property {string} id Our name for it, made here; also the key under which it is sent.
 * @property {string} name The person's name for it.
 * @property {Blob} blob
 * @property {(state: "ready" | "sending" | "sent" | "failed", detail?: {share?: number, why?: string}) => void} show
 */

/**
 * Turn the photo fieldset into a picker with previews.
 * @param {HTMLElement} root `[data-photos]`
 * @param {object} options
 * @param {() => void} options.onChange
 * @param {(shot: Shot) => void} [options.onAdd]
 * @param {(shot: Shot) => void} [options.onRemove]
 * @returns {{shots(): Shot[], put(shot: {id: string, name: string, blob: Blob}): void, fillPlain(): void, isBusy(): boolean}}
 */
export function photos(root, { onChange, onAdd = () => {}, onRemove = () => {} }) {
  const template = root.querySelector("template");
  const say = phrasesOf(template);
  const list = root.querySelector(".report__shots");
  const status = root.querySelector("[data-rich] [role=status]");
  const picker = root.querySelector("[data-add] input");
  const held = root.querySelectorAll("[name=kept]").length;
  const most = Number(root.dataset.most) - held;
  const shots = [];
  let preparing = 0;

  const changed = () => {
    shots.forEach((shot, at) => {
      shot.number(at + 1);
    });
    root.querySelector("[data-add]").hidden = shots.length + preparing >= most;
    status.textContent = shots.length ? say("added", { count: shots.length, most }) : "";
    onChange();
  };
  const put = ({ id, name, blob }) => {
    const shot = { id, name, blob, ...row(template, say, { name, blob }) };
    shot.onRemove(() => {
      shots.splice(shots.indexOf(shot), 1);
      shot.element.remove();
      changed();
      onRemove(shot);
      picker.focus();
    });
    shots.push(shot);
    list.append(shot.element);
    changed();
    return shot;
  };
  picker.addEventListener("change", async () => {
    const files = [...picker.files];
    picker.value = "";
    const room = Math.max(0, most - shots.length - preparing);
    const taken = files.slice(0, room);
    preparing += taken.length;
    changed();
    const complaints = files.length > room ? [say("tooMany", { most: root.dataset.most })] : [];
    for (const file of taken) {
      const blob = await shrink(file);
      preparing -= 1;
      if (blob.size > MOST_BYTES) complaints.push(say("tooLarge", { name: file.name }));
      else onAdd(put({ id: crypto.randomUUID(), name: file.name || "foto.jpg", blob }));
    }
    if (complaints.length) status.textContent = complaints.join(" ");
  });
  root.querySelector("[data-plain]").hidden = true;
  root.querySelector("[data-rich]").hidden = false;
  changed();
  return {
    shots: () => [...shots],
    put,
    fillPlain: () => fillPlain(root, shots),
    isBusy: () => preparing > 0,
  };
}

/** Draw one photo with its state and its button. */
function row(template, say, { name, blob }) {
  const element = template.content.firstElementChild.cloneNode(true);
  const find = (selector) => element.querySelector(selector);
  const picture = find("img");
  // What the browser cannot show (HEIC) is still sent.
  picture.addEventListener("error", () => {
    picture.hidden = true;
  });
  picture.src = URL.createObjectURL(blob);
  picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
  find(".shot__name").textContent = name;
  find(".shot__state").textContent = say("ready");
  const show = (state, { share = 0, why = "" } = {}) => {
    find(".shot__state").textContent = [say(state), why].filter(Boolean).join(": ");
    find(".shot__progress").hidden = state !== "sending";
    find(".shot__progress").value = share;
    find(".shot__remove").hidden = state !== "ready";
  };
  return {
    element,
    show,
    number(number) {
      picture.alt = say("alt", { number });
      find(".shot__remove span").textContent = say("remove", { number });
    },
    onRemove: (act) => find(".shot__remove").addEventListener("click", act),
  };
}

/**
 * Make a photo small and bare: at most 1600 px, JPEG, no metadata. What the browser cannot decode stays as it is.
 * @param {File} file
 * @returns {Promise<Blob>}
 */
async function shrink(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(
    () => null,
  );
  if (!bitmap) return file;
  let smallest = null;
  for (const [longest, quality] of TRIES) {
    smallest = await redrawn(bitmap, longest, quality);
    if (!smallest || smallest.size <= ENOUGH_BYTES) break;
  }
  bitmap.close();
  return smallest ?? file;
}

function redrawn(bitmap, longest, quality) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

/** Put the photos into the plain inputs, for a form that is sent the old way. */
function fillPlain(root, shots) {
  const inputs = [...root.querySelectorAll("[data-plain] input[type=file]")];
  shots.slice(0, inputs.length).forEach((shot, at) => {
    const carrier = new DataTransfer();
    carrier.items.add(new File([shot.blob], shot.name, { type: shot.blob.type }));
    inputs[at].files = carrier.files;
  });
}
