/** The panel over the map: one issue, or one area. Focus goes in and comes back; Escape closes. */

import { getJSON } from "../http.js";
import { icon, LAYERS, shape } from "../symbols.js";
import { fill } from "../words.js";

/**
 * Run the panel.
 * @param {HTMLElement} root The `#sheet` of the page.
 * @param {object} options
 * @param {{summary: string, issue: string}} options.urls Templates with NUMBER.
 * @param {string} options.sprite
 * @param {Record<string, string>} options.words
 * @param {HTMLElement} options.home Where focus goes when what opened the panel is gone.
 * @returns {{issue(number: string): Promise<void>, area(area: object, count: object, choose: () => void): void,
 *   show(name: string, parts: Node[]): void, close(): void}}
 */
export function sheet(root, { urls, sprite, words, home }) {
  const title = root.querySelector("#sheet-title");
  const body = root.querySelector("#sheet-body");
  let opener = null;
  let stop = new AbortController();

  const open = (name, parts) => {
    if (root.hidden) opener = document.activeElement;
    title.textContent = name;
    body.replaceChildren(...parts);
    root.hidden = false;
    body.scrollTop = 0;
    title.focus();
  };
  const close = () => {
    if (root.hidden) return;
    stop.abort();
    root.hidden = true;
    (opener?.isConnected && opener !== document.body ? opener : home).focus();
  };
  root.querySelector("#sheet-close").addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  return {
    close,
    show(name, parts) {
      stop.abort();
      open(name, parts);
    },
    async issue(number) {
      stop.abort();
      stop = new AbortController();
      open(fill(words.report, { number }), [line("muted", words.loading)]);
      try {
        const data = await getJSON(urls.summary.replace("NUMBER", encodeURIComponent(number)), {
          signal: stop.signal,
        });
        open(data.category, issueParts(data, sprite, words));
      } catch (error) {
        if (error.name !== "AbortError") body.replaceChildren(line("", words.failed));
      }
    },
    area(area, count, choose) {
      stop.abort();
      const said = fill(words.areaCount, { n: count.count, open: count.open });
      const parts = [
        line("", said),
        line("muted small", fill(words.perKm2, { n: density(area, count) })),
      ];
      if (area.approximate) parts.push(line("muted small", words.approximate));
      parts.push(button(words.onlyArea, choose));
      open(`${capital(area.kind)} ${area.name}`.trim(), parts);
    },
  };
}

function density(area, { count }) {
  return Math.round(count / area.km2);
}

function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function issueParts(data, sprite, words) {
  const parts = [status(data, sprite, words)];
  if (data.photo) parts.push(picture(data));
  if (data.place) parts.push(withIcon("place", data.place, sprite));
  if (data.text) parts.push(line("sheet__text", data.text));
  if (data.sentence) parts.push(withIcon("person", data.sentence, sprite));
  const due = data.due ? ` · ${fill(words.due, { date: data.due })}` : "";
  parts.push(line("muted small", `${data.number} · ${data.received}${due}`));
  const link = document.createElement("a");
  link.className = "button button--primary";
  link.href = data.url;
  link.textContent = words.open;
  parts.push(link);
  return parts;
}

function status(data, sprite, words) {
  const row = line("cluster", "");
  const layer = document.createElement("span");
  layer.className = `layer layer--${LAYERS[data.layer]}`;
  layer.append(shape(data.layer, sprite), data.layer_word);
  row.append(layer);
  if (data.overdue) {
    const badge = document.createElement("span");
    badge.className = "badge badge--overdue";
    badge.textContent = words.overdue;
    row.append(badge);
  }
  return row;
}

function picture({ photo, category }) {
  const image = document.createElement("img");
  image.className = "sheet__photo";
  image.src = photo.url;
  image.width = photo.width;
  image.height = photo.height;
  image.alt = category;
  return image;
}

function withIcon(name, text, sprite) {
  const row = line("sheet__row", "");
  const word = document.createElement("span");
  word.textContent = text;
  row.append(icon(name, sprite), word);
  return row;
}

function line(className, text) {
  const row = document.createElement("p");
  row.className = className;
  row.textContent = text;
  return row;
}

function button(text, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = text;
  made.addEventListener("click", press);
  return made;
}
