/** Time over the map: the history by month, a slider for a period or the end of one day, play and single steps. */

import { getJSON } from "../http.js";
import { withFilters } from "../query.js";
import { bars, dayAfter, daysFrom, filtersOf, handsOf, moved, preset } from "../span.js";
import { day, fill } from "../words.js";

const FRAME_MS = 800;
const PATIENCE_MS = 250;
const WHOLE = { from: "", to: "", as_of: "" };

/**
 * Run the panel of time.
 * @param {HTMLElement} root `#time` of the page; its words are `data-` values.
 * @param {object} options
 * @param {HTMLButtonElement} options.opener
 * @param {{current(): object, set(part: object, options?: object): Promise<void>}} options.asked The filters.
 * @returns {{toggle(): Promise<void>, sync(): Promise<void>, total(n: number): void}} `sync`: the filters have changed.
 */
export function time(root, { opener, asked }) {
  return new Time(root, opener, asked);
}

class Time {
  constructor(root, opener, asked) {
    const part = (name) => root.querySelector(`#time-${name}`);
    Object.assign(this, { root, opener, asked, history: null, about: null, shown: 0 });
    this.hands = { mode: "period", from: 0, to: 1 };
    this.parts = {};
    for (const name of [
      "title",
      "mode",
      "bars",
      "from",
      "to",
      "first",
      "last",
      "all",
      "play",
      "said",
    ])
      this.parts[name] = part(name);
    part("close").addEventListener("click", () => this.close());
    part("back").addEventListener("click", () => this.step(-1));
    part("next").addEventListener("click", () => this.step(1));
    part("presets").addEventListener("click", ({ target }) => this.preset(target.dataset.days));
    this.listen();
  }

  listen() {
    const { mode, from, to, play } = this.parts;
    mode.addEventListener("change", ({ target }) => this.setMode(target.value));
    for (const hand of [from, to]) {
      hand.addEventListener("input", () => this.drag(hand));
      hand.addEventListener("change", () => this.apply({ step: true }));
    }
    play.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    const obey = () => {
      play.hidden = calm.matches;
      if (calm.matches) this.pause();
    };
    calm.addEventListener("change", obey);
    obey();
  }

  async toggle() {
    if (!this.root.hidden) return this.close();
    this.root.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    this.parts.title.focus();
    await this.sync();
  }

  close() {
    this.pause();
    this.root.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    this.opener.focus();
  }

  /** Show what the filters say now; another question has another history. */
  async sync() {
    if (this.root.hidden) return;
    const filters = this.asked.current();
    const address = withFilters(this.root.dataset.url, { ...filters, ...WHOLE, overdue: false });
    if (address !== this.about) {
      this.about = address;
      const history = await getJSON(address).catch(() => null);
      if (address !== this.about) return;
      if (!history?.first) {
        this.about = null;
        this.parts.said.textContent = this.root.dataset.failed;
        return;
      }
      this.take(history);
    }
    this.hands = handsOf(this.asked.current(), this.history, this.hands.mode);
    this.show();
  }

  /** How many the page shows now. */
  total(n) {
    this.shown = n;
    if (this.history && !this.root.hidden) this.say();
  }

  take(history) {
    this.history = history;
    const { first, last, from, to } = this.parts;
    this.end = daysFrom(history.first, history.last);
    for (const hand of [from, to]) hand.max = String(this.end);
    first.textContent = day(history.first);
    last.textContent = day(history.last);
    this.bars = bars(history);
    this.parts.bars.replaceChildren(...this.bars.map((bar) => drawn(bar, this.root.dataset.month)));
  }

  show() {
    const { mode, from, to, all } = this.parts;
    const { hands } = this;
    all.textContent = this.root.dataset[hands.mode === "day" ? "now" : "whole"];
    mode.elements.mode.value = hands.mode;
    this.root.classList.toggle("time--day", hands.mode === "day");
    from.hidden = hands.mode === "day";
    for (const [hand, at] of [
      [from, hands.from],
      [to, hands.to],
    ]) {
      hand.value = String(at);
      hand.setAttribute("aria-valuetext", day(dayAfter(this.history.first, at)));
    }
    this.bars.forEach((bar, at) => {
      const inside = bar.from <= hands.to && bar.from + bar.days > hands.from;
      this.parts.bars.children[at].classList.toggle("bar--in", inside);
    });
    this.say();
  }

  say() {
    const { hands, history, end } = this;
    const { dataset } = this.root;
    const named = (at) => day(dayAfter(history.first, at));
    const whole = hands.from === 0 && hands.to === end;
    const sentence = hands.mode === "day" ? dataset.day : whole ? dataset.all : dataset.period;
    const values = { from: named(hands.from), to: named(hands.to), n: this.shown };
    const text = fill(sentence, { ...values, date: values.to });
    if (this.parts.said.textContent !== text) this.parts.said.textContent = text;
  }

  setMode(mode) {
    this.pause();
    this.hands = { mode, from: 0, to: mode === "day" ? this.hands.to : this.end };
    this.apply({ step: true });
  }

  preset(days) {
    if (days === undefined || !this.history) return;
    this.pause();
    this.hands = preset(this.hands.mode, Number(days), this.end);
    this.apply({ step: true });
  }

  /** A hand is being moved: it never passes the other, and the map follows when it rests. */
  drag(hand) {
    this.pause();
    const { from, to } = this.parts;
    if (hand === from) from.value = String(Math.min(Number(from.value), Number(to.value)));
    else if (this.hands.mode === "period")
      to.value = String(Math.max(Number(from.value), Number(to.value)));
    this.hands = { ...this.hands, from: Number(from.value), to: Number(to.value) };
    if (this.hands.mode === "day") this.hands.from = 0;
    this.show();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.apply({ step: false }), PATIENCE_MS);
  }

  /** Ask the map for what the hands say. */
  async apply({ step }) {
    clearTimeout(this.timer);
    this.show();
    await this.asked.set(filtersOf(this.hands, this.history), { step });
  }

  async step(way) {
    this.pause();
    this.hands = moved(this.hands, this.end, way);
    await this.apply({ step: true });
  }

  async play() {
    if (!this.history) return;
    this.mark(true);
    const round = Symbol("round");
    this.playing = round;
    if (this.hands.to === this.end) this.hands = this.atStart();
    else this.hands = moved(this.hands, this.end, 1);
    while (this.playing === round) {
      await Promise.all([this.apply({ step: false }), pause(FRAME_MS)]);
      if (this.hands.to === this.end) break;
      if (this.playing === round) this.hands = moved(this.hands, this.end, 1);
    }
    if (this.playing === round) this.pause();
  }

  /** Where a play begins that was asked for at the end of the history. */
  atStart() {
    const { mode, from } = this.hands;
    if (mode === "day") return { mode, from: 0, to: 0 };
    const whole = from === 0;
    return whole ? moved(this.hands, this.end, 1) : { mode, from: 0, to: this.end - from };
  }

  pause() {
    this.playing = null;
    this.mark(false);
  }

  mark(on) {
    this.parts.play.textContent = on ? this.root.dataset.pause : this.root.dataset.play;
  }
}

function drawn({ month, count, days, share }, words) {
  const bar = document.createElement("i");
  bar.className = "bar";
  bar.style.flexGrow = String(days);
  bar.style.height = `${Math.max(count ? 4 : 0, 100 * share)}%`;
  bar.title = fill(words, { month: day(`${month}-01`).replace(/^\D*1\s/, ""), n: count });
  return bar;
}

function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
