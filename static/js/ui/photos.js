/** Up to five photos: taken or chosen, made small in the browser, seen, sent one by one, thrown out again. */

import { phrasesOf } from "../words.js";

const MOST_BYTES = 12 * 2 ** 20;
/** A file as young as this was made for this report. */
const FRESH_MS = 2 * 60 * 1000;

/**
 * @typedef {object} Shot
 * @property {string} id Our name for it, made here; also the key under which it is sent.
 * @property {string} name The person's name for it.
 * @property {Blob} blob
 * @property {(state: "preparing" | "ready" | "sending" | "sent" | "failed" | "refused", detail?: {share?: number, why?: string}) => void} show
 */

/**
 * What a photo told before it was made bare.
 * @typedef {object} Facts
 * @property {{lat: number, lon: number} | null} place Degrees, as the camera wrote it.
 * @property {Date | null} taken
 * @property {boolean} isFresh Taken for this report, here and now.
 */

/**
 * Turn the photo fieldset into a picker with previews. Whoever sends the photos tells how it goes by
 * `progress`, `failed` and `done`; a card's own "Kirim lagi" is told by `onRetry`.
 * @param {HTMLElement} root `[data-photos]`
 * @param {object} options
 * @param {() => void} options.onChange
 * @param {(shot: Shot) => void} [options.onAdd]
 * @param {(shot: Shot) => void} [options.onRemove]
 * @param {(shot: Shot) => void} [options.onRetry]
 * @param {(facts: Facts) => void} [options.onFacts]
 * @returns {{shots(): Shot[], put(shot: {id: string, name: string, blob: Blob}): Shot, fillPlain(): void,
 *   isBusy(): boolean, settled(): Promise<string>, progress(id: string, share: number): void, failed(id: string, text: string): void,
 *   refused(id: string, text: string): void, done(id: string): void, carry(home: HTMLElement | null): void}} `shots`
 *   gives those that can be sent; `settled` waits for the others and says what was wrong with them; `share` goes from 0
 *   to 1; `carry` shows the list elsewhere while it is sent.
 */
export function photos(
  root,
  { onChange, onAdd = () => {}, onRemove = () => {}, onRetry = () => {}, onFacts = () => {} },
) {
  const template = root.querySelector("template");
  const say = phrasesOf(template);
  const list = root.querySelector(".report__shots");
  const status = root.querySelector("[data-rich] [role=status]");
  const pickers = [...root.querySelectorAll("[data-rich] input[type=file]")];
  const held = root.querySelectorAll("[name=kept]").length;
  const most = Number(root.dataset.most) - held;
  const shots = [];
  const takes = new Set();

  const changed = () => {
    shots.forEach((shot, at) => {
      shot.number(at + 1);
    });
    const isFull = shots.length >= most;
    for (const picker of pickers) picker.closest("label").hidden = isFull;
    status.textContent = shots.length ? say("added", { count: shots.length, most }) : "";
    onChange();
  };
  const drop = (shot) => {
    shots.splice(shots.indexOf(shot), 1);
    shot.element.remove();
    changed();
  };
  const enter = ({ id, name }) => {
    const shot = { id, name, blob: null, ...row(template, say, name) };
    shot.onRemove(() => {
      drop(shot);
      onRemove(shot);
      pickers.at(-1).focus();
    });
    shot.onRetry(() => {
      // Its button goes while it is on its way; the focus stays with the photo.
      shot.element.focus();
      onRetry(shot);
    });
    shots.push(shot);
    list.append(shot.element);
    changed();
    return shot;
  };
  const fill = (shot, blob) => {
    shot.blob = blob;
    shot.draw(blob);
    shot.show("ready");
  };
  const put = ({ id, name, blob }) => {
    const shot = enter({ id, name });
    fill(shot, blob);
    return shot;
  };
  // Place and time are read before anything is drawn anew: afterwards they are gone.
  const prepare = async (shot, file, isFresh) => {
    onFacts({ ...(await factsOf(file)), isFresh });
    const blob = await shrink(file);
    if (!shots.includes(shot)) return "";
    if (blob.size > MOST_BYTES) {
      drop(shot);
      return say("tooLarge", { name: file.name });
    }
    fill(shot, blob);
    onAdd(shot);
    onChange();
    return "";
  };
  const take = async (picker) => {
    const files = [...picker.files];
    picker.value = "";
    const room = Math.max(0, most - shots.length);
    const entered = files
      .slice(0, room)
      .map((file) => [enter({ id: crypto.randomUUID(), name: file.name || "foto.jpg" }), file]);
    const complaints = files.length > room ? [say("tooMany", { most: root.dataset.most })] : [];
    // One after the other: a cheap phone holds one large picture in memory, not five.
    for (const [shot, file] of entered) {
      const isFresh = picker.hasAttribute("capture") || Date.now() - file.lastModified < FRESH_MS;
      complaints.push(await prepare(shot, file, isFresh));
    }
    const said = complaints.filter(Boolean).join(" ");
    if (said) status.textContent = said;
    return said;
  };
  const start = (picker) => {
    const one = take(picker).finally(() => takes.delete(one));
    takes.add(one);
  };
  const settled = async () => {
    const said = [];
    while (takes.size) said.push(...(await Promise.all(takes)));
    return said.filter(Boolean).join(" ");
  };
  for (const picker of pickers) picker.addEventListener("change", () => start(picker));
  root.querySelector("[data-plain]").hidden = true;
  root.querySelector("[data-rich]").hidden = false;
  changed();
  const known = (id) => shots.find((shot) => shot.id === id);
  const ready = () => shots.filter(({ blob }) => blob);
  return {
    shots: ready,
    put,
    fillPlain: () => fillPlain(root, ready()),
    settled,
    isBusy: () => ready().length < shots.length,
    progress: (id, share) => known(id)?.show("sending", { share }),
    failed: (id, text) => known(id)?.show("failed", { why: text }),
    refused: (id, text) => known(id)?.show("refused", { why: text }),
    done: (id) => known(id)?.show("sent"),
    carry(home) {
      const carried = list.closest("[data-carried]");
      if (carried) carried.hidden = true;
      if (!home || !shots.length) {
        status.before(list);
        return;
      }
      home.append(list);
      home.hidden = false;
      home.scrollIntoView({ block: "start" });
    },
  };
}

/** Draw one photo with its state and its buttons. */
function row(template, say, name) {
  const element = template.content.firstElementChild.cloneNode(true);
  const find = (selector) => element.querySelector(selector);
  const picture = find("img");
  // What the browser cannot show (HEIC) is still sent.
  picture.addEventListener("error", () => {
    picture.hidden = true;
  });
  picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
  find(".shot__name").textContent = name;
  element.tabIndex = -1;
  const show = (state, { share = 0, why = "" } = {}) => {
    element.dataset.state = state;
    find(".shot__state").textContent = [say(state), why].filter(Boolean).join(": ");
    find(".shot__progress").hidden = state !== "sending";
    find(".shot__progress").value = share;
    find(".shot__remove").hidden = !["preparing", "ready"].includes(state);
    find(".shot__retry").hidden = state !== "failed";
  };
  show("preparing");
  return {
    element,
    show,
    draw(blob) {
      picture.src = URL.createObjectURL(blob);
    },
    number(number) {
      picture.alt = say("alt", { number });
      find(".shot__remove span").textContent = say("remove", { number });
      find(".shot__retry").setAttribute("aria-label", say("retry", { number }));
    },
    onRemove: (act) => find(".shot__remove").addEventListener("click", act),
    onRetry: (act) => find(".shot__retry").addEventListener("click", act),
  };
}

/** Read what the camera wrote; the reader comes with the first photo. Without it the photo is as good, and says nothing. */
async function factsOf(file) {
  try {
    const exif = await import("../exif.js");
    return await exif.factsOf(file);
  } catch {
    return { place: null, taken: null };
  }
}

async function shrink(file) {
  const shrinking = await import("./shrink.js");
  return shrinking.shrink(file);
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
