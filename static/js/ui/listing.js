/** The list: the same issues as the map, as cards made from the page's own <template>. */

import { getJSON } from "../http.js";
import { icon, LAYERS, shape } from "../symbols.js";
import { fill } from "../words.js";

/**
 * Fill the list from the server.
 * @param {ParentNode} root Holds #entries, #entry, #more, #empty, #said.
 * @param {object} options
 * @param {string} options.sprite
 * @param {Record<string, string>} options.words
 * @returns {{load(address: string, options?: {again?: boolean}): Promise<any>}} `load` answers with the data (null:
 *   nothing new); a later call cancels an earlier. `again` is the same question once more: what did not change stays.
 */
export function listing(root, { sprite, words }) {
  const part = (id) => root.querySelector(`#${id}`);
  const [entries, template, more, none, said] = ["entries", "entry", "more", "empty", "said"].map(
    part,
  );
  let stop = new AbortController();
  let sent = "";
  let extended = false;

  const ask = async (address) => {
    stop.abort();
    stop = new AbortController();
    said.setAttribute("aria-busy", "true");
    try {
      return await getJSON(address, { signal: stop.signal });
    } catch (error) {
      if (error.name !== "AbortError") said.textContent = words.failed;
      throw error;
    } finally {
      said.removeAttribute("aria-busy");
    }
  };

  const add = (data) => {
    const made = data.items.map((item) => card(template, item, sprite));
    entries.append(...made);
    more.hidden = !data.next;
    if (data.next) more.href = data.next;
    return made;
  };

  more.addEventListener("click", async (event) => {
    event.preventDefault();
    const data = await ask(more.href).catch(() => null);
    if (!data) return;
    extended = true;
    add(data)[0]?.querySelector("a").focus();
  });

  const renew = (data) => {
    const fresh = data.items.map((item) => card(template, item, sprite));
    const focused = entries.contains(document.activeElement) && addressOf(document.activeElement);
    const rest =
      extended && data.next ? followers(entries, new Set(data.items.map(({ url }) => url))) : [];
    if (!rest.length) {
      more.hidden = !data.next;
      if (data.next) more.href = data.next;
    }
    entries.replaceChildren(...fresh, ...rest);
    if (!focused) return;
    const again = [...entries.querySelectorAll("a")].find((link) => addressOf(link) === focused);
    again?.focus({ preventScroll: true });
  };

  const show = (data, again) => {
    if (again) {
      renew(data);
    } else {
      extended = false;
      entries.replaceChildren();
      add(data);
    }
    none.hidden = data.items.length > 0;
  };

  return {
    async load(address, { again = false } = {}) {
      // Whoever waits for another list gets that one.
      if (again && said.hasAttribute("aria-busy")) return null;
      const data = await ask(address);
      const news = JSON.stringify(data);
      const count = total(data, words);
      if (said.textContent !== count) said.textContent = count;
      if (again && news === sent) return null;
      sent = news;
      show(data, again);
      return data;
    },
  };
}

/** The cards of later pages: what stands behind the last card that is still on the first page. */
function followers(entries, first) {
  const cards = [...entries.children];
  const last = cards.findLastIndex((one) => first.has(addressOf(one.querySelector("a"))));
  return last < 0 ? [] : cards.slice(last + 1);
}

function addressOf(link) {
  return link.getAttribute("href");
}

function total({ total, unplaced }, words) {
  const all = fill(words.reports, { n: total });
  return unplaced ? `${all}, ${fill(words.unplaced, { n: unplaced })}` : all;
}

/**
 * Make one card.
 * @param {HTMLTemplateElement} template
 * @param {any} item As `browsing.card_data` writes it.
 * @param {string} sprite
 * @returns {HTMLElement}
 */
function card(template, item, sprite) {
  const entry = template.content.cloneNode(true).firstElementChild;
  const put = (name, text) => {
    entry.querySelector(name).textContent = text;
  };
  entry.querySelector("a").href = item.url;
  entry.querySelector(".entry__icon").append(icon(item.icon, sprite));
  put(".entry__title", item.category);
  put(".entry__place", item.place || "–");
  put(".number", item.number);
  put(".entry__day", item.received);
  put(".entry__department", item.department);
  put(".entry__distance", item.distance);
  const layer = entry.querySelector(".layer");
  layer.classList.add(`layer--${LAYERS[item.layer]}`);
  layer.prepend(shape(item.layer, sprite));
  put(".layer__word", item.layer_word);
  if (!item.overdue) entry.querySelector(".badge--overdue").remove();
  return entry;
}
