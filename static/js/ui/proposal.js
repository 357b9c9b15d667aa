/** "Sepertinya: Lampu jalan padam — pakai?": a kind from the words, only while none is chosen and only when sure. */

import { post } from "../http.js";

const PAUSE_MS = 700;
const LEAST_LETTERS = 8;
const UNSURE = "lainnya";

/**
 * Watch the words.
 * @param {HTMLElement} root `[data-proposal]`
 * @param {object} options
 * @param {HTMLTextAreaElement} options.words
 * @param {string} options.url Answers `{service_code, name, sure}` to `{text}`.
 * @param {() => string} options.chosen Code of the kind that is chosen.
 * @param {(code: string) => {name: string} | null} options.named Null: that kind is not served here.
 * @param {(code: string) => void} options.onTake
 * @param {(key: string, values?: object) => string} options.say
 */
export function proposal(root, { words, url, chosen, named, onTake, say }) {
  const said = root.querySelector("[data-said]");
  const take = root.querySelector("button");
  let timer = 0;
  let asking = null;
  let asked = "";
  let code = "";

  const show = (kind) => {
    said.textContent = kind ? say("proposal", { kind: kind.name }) : "";
    root.hidden = !kind;
  };
  const isOpen = () => !chosen() || chosen() === UNSURE;
  const ask = async () => {
    const text = words.value.trim();
    if (!isOpen() || text.length < LEAST_LETTERS) return show(null);
    if (text === asked) return undefined;
    asked = text;
    asking?.abort();
    asking = new AbortController();
    const answer = await post(url, { text }, { signal: asking.signal }).catch(() => null);
    code = answer?.service_code ?? "";
    return show(isOpen() && code ? named(code) : null);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  };
  words.addEventListener("input", soon);
  // Fast fingers have begun before this part was here.
  soon();
  take.addEventListener("click", () => {
    show(null);
    onTake(code);
    words.focus();
  });
  return {
    /** A kind was chosen by hand, or taken back. */
    settle() {
      if (!isOpen()) show(null);
    },
  };
}
