/** One question, only where a border near the pin changes who is responsible: "di jalan raya atau di gang?" */

/**
 * @typedef {object} Edge
 * @property {string} question
 * @property {{side: string, label: string, department: {code: string, name: string} | null}[]} choices
 */

/**
 * Ask on which side it is; without an answer the pin decides.
 * @param {HTMLElement} root `[data-edge]`, a fieldset.
 * @param {object} options
 * @param {HTMLInputElement} options.field Hidden field that is sent.
 * @param {(department: {name: string} | null) => void} options.onChoose
 * @returns {{show(edge: Edge | null): void}}
 */
export function edge(root, { field, onChoose }) {
  const legend = root.querySelector("legend");
  const box = root.querySelector("[data-choices]");
  let choices = [];

  const choose = (side) => {
    field.value = side;
    onChoose(choices.find((choice) => choice.side === side)?.department ?? null);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  return {
    show(asked) {
      choices = asked?.choices ?? [];
      root.hidden = !choices.length;
      legend.textContent = asked?.question ?? "";
      box.replaceChildren(...choices.map((choice) => option(choice, field.value)));
      // What was said about another border is no answer to this one.
      const side = choices.some((choice) => choice.side === field.value) ? field.value : "";
      if (side || field.value) choose(side);
      box.onchange = (event) => choose(event.target.value);
    },
  };
}

function option({ side, label }, given) {
  const row = document.createElement("label");
  row.className = "choice";
  const radio = document.createElement("input");
  radio.type = "radio";
  radio.name = "edge";
  radio.value = side;
  radio.checked = side === given;
  const words = document.createElement("span");
  words.textContent = label;
  row.append(radio, words);
  return row;
}
