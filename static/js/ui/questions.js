/** What is asked about a kind of problem: questions from the server, shown as earlier answers open them.

   `asked` is the rule of `issues/questions.py`; the server checks every answer again. */

const MOST_LETTERS = 500;
/** The country's numbers: (0361) 223333, 0811 234 567, +62…, 112, 123, 14045; not "150 meter". */
const NUMBERS =
  /\(0\d{2,3}\)\s?\d{5,8}|(?:\+62|\b0)\d[\d -]{5,13}\d|\b1\d{2}(?:\d{2,4})?\b(?!\s?(?:m|km|cm|meter|volt|watt|jam|menit|hari|%))/g;

/**
 * @typedef {object} Question
 * @property {string} code
 * @property {"text" | "number" | "date" | "choice" | "choices" | "asset" | "notice"} kind
 * @property {string} label
 * @property {string} [hint]
 * @property {boolean} [required]
 * @property {{code: string, label: string}[]} [choices]
 * @property {Record<string, string | string[]>} [condition]
 * @property {string} [layer]
 * @property {number | null} [least]
 * @property {number | null} [most]
 * @property {boolean} [stops]
 */

/**
 * Keep the questions that show: those whose conditions hold, as answered by shown ones.
 * @param {Question[]} questions
 * @param {Record<string, any>} answers
 * @returns {Question[]}
 */
export function asked(questions, answers) {
  const said = new Map();
  return questions.filter(({ code, condition }) => {
    const isOpen = Object.entries(condition ?? {}).every(([earlier, wanted]) =>
      codesOf(wanted).some((one) => said.get(earlier)?.includes(one)),
    );
    if (isOpen) said.set(code, codesOf(answers[code]));
    return isOpen;
  });
}

const codesOf = (value) => [value].flat().filter((one) => typeof one === "string");
const isEmpty = (value) => value === undefined || value === null || String(value).trim() === "";

/**
 * Keep the answers that are to be sent.
 * @param {Question[]} questions
 * @param {Record<string, any>} answers
 * @returns {Record<string, any>}
 */
export function clean(questions, answers) {
  const shown = asked(questions, answers).filter(({ kind }) => kind !== "notice");
  return Object.fromEntries(
    shown.map(({ code }) => [code, answers[code]]).filter(([, value]) => !isEmpty(value)),
  );
}

/**
 * List the questions that still want an answer, or another one; a notice that stops is never answered.
 * @param {Question[]} questions
 * @param {Record<string, any>} answers
 * @returns {Question[]}
 */
export function lacking(questions, answers) {
  return asked(questions, answers).filter((question) => {
    if (question.kind === "notice") return Boolean(question.stops);
    const value = answers[question.code];
    if (isEmpty(value)) return Boolean(question.required);
    return question.kind === "number" && !isWithin(question, value);
  });
}

function isWithin({ least, most }, value) {
  const number = Number(String(value).replace(",", "."));
  return Number.isFinite(number) && number >= (least ?? number) && number <= (most ?? number);
}

/**
 * Find the telephone numbers of a text.
 * @param {string} text
 * @returns {string[]}
 */
export function numbersIn(text) {
  return text.match(NUMBERS) ?? [];
}

/**
 * Ask the questions of the chosen kind.
 * @param {HTMLElement} root `[data-questions]`
 * @param {object} options
 * @param {HTMLInputElement} options.answers Hidden field: JSON, code -> answer.
 * @param {HTMLInputElement} options.assets Hidden field: JSON, codes of things that stand on the map.
 * @param {(key: string, values?: object) => string} options.say
 * @param {() => void} options.onChange
 * @param {object} options.site What `ui/assets.js` needs besides.
 * @returns {{show(questions: Question[] | undefined): void, faults(): {field: string, text: string, calls?: HTMLElement}[],
 *   isStopped(): boolean, moved(): void, count(): number}}
 */
export function questions(root, { answers: field, assets, say, onChange, site }) {
  const status = root.querySelector("[role=status]");
  const list = root.querySelector("[data-list-of]");
  const memory = typed(list);
  const parts = new Map();
  let current = null;
  let pickers = [];

  const keep = () => {
    const sent = clean(current ?? [], memory);
    field.value = Object.keys(sent).length ? JSON.stringify(sent) : "";
    const named = pickers.flatMap(({ code, codes }) => (sent[code] ? codes() : []));
    assets.value = named.length ? JSON.stringify(named) : "";
  };
  const lay = () => {
    const open = new Set(asked(current ?? [], memory).map(({ code }) => code));
    let isNew = false;
    for (const [code, element] of parts) {
      isNew ||= element.hidden && open.has(code);
      element.hidden = !open.has(code);
    }
    root.hidden = open.size === 0;
    return isNew;
  };
  const said = (code, value) => {
    memory[code] = value;
    keep();
    if (lay()) status.textContent = say("newQuestion");
    onChange(`answer-${code}`);
  };
  const draw = (question) => {
    const element = drawn(
      question,
      memory[question.code],
      (value) => said(question.code, value),
      say,
    );
    if (question.kind === "asset") pickers.push(picker(element, question));
    return element;
  };
  // The poles' own map comes with the first question that wants one.
  const picker = (element, question) => {
    const held = { code: question.code, codes: () => [], moved() {} };
    import("./assets.js").then(({ assets: pick }) => {
      if (!element.isConnected) return;
      const onPick = (value) => said(question.code, value);
      const given = [memory[question.code] ?? []].flat();
      Object.assign(held, pick(element, { question, given, onPick, say, ...site }));
      keep();
    });
    return held;
  };
  return {
    show(wanted) {
      // Until the server has said what a kind asks, what was kept of the answers stays as it is.
      if (!wanted) return;
      Object.assign(memory, { ...parsed(field.value), ...memory });
      if (same(wanted, current)) return;
      current = wanted;
      pickers = [];
      parts.clear();
      for (const question of wanted) parts.set(question.code, draw(question));
      list.replaceChildren(...parts.values());
      status.textContent = "";
      lay();
      keep();
    },
    faults() {
      return lacking(current ?? [], memory).map((question) => ({
        field: `answer-${question.code}`,
        text: faultOf(question, memory[question.code], say),
        ...(question.stops && { calls: callsOf(question) }),
      }));
    },
    isStopped: () => asked(current ?? [], memory).some(({ stops }) => stops),
    moved() {
      for (const one of pickers) one.moved();
    },
    count: () => asked(current ?? [], memory).filter(({ kind }) => kind !== "notice").length,
  };
}

/** Read what the server has drawn and somebody has answered without this script. */
function typed(list) {
  const found = {};
  for (const control of list.querySelectorAll("[name^='answer-']")) {
    const code = control.name.slice("answer-".length);
    if (control.type === "checkbox") found[code] ??= [];
    if (control.type === "checkbox" && control.checked) found[code].push(control.value);
    else if (control.type === "radio" ? control.checked : control.type !== "checkbox") {
      found[code] = control.value;
    }
  }
  return found;
}

const same = (one, two) => JSON.stringify(one) === JSON.stringify(two);

function parsed(text) {
  try {
    return JSON.parse(text || "{}");
  } catch {
    return {};
  }
}

function faultOf(question, value, say) {
  if (question.stops) return say("stopped");
  if (isEmpty(value)) return say("needAnswer", { question: question.label });
  const { least, most } = question;
  return say("needNumber", { least: least ?? "…", most: most ?? "…", question: question.label });
}

/** Draw one question. */
function drawn(question, value, onSay, say) {
  if (question.kind === "notice") return notice(question);
  const isOne = ["text", "number", "date"].includes(question.kind);
  const element = make(isOne ? "div" : "fieldset", "field question");
  const id = `id_answer-${question.code}`;
  const label = make(isOne ? "label" : "legend", "", question.label);
  if (isOne) label.htmlFor = id;
  if (!question.required) label.append(" ", make("span", "muted", say("optional")));
  element.append(label);
  if (question.hint) {
    const hint = make("p", "field__hint", question.hint);
    hint.id = `${id}_helptext`;
    element.append(hint);
  }
  const error = make("p", "field__error");
  error.id = `${id}_error`;
  error.hidden = true;
  element.append(error);
  if (isOne) element.append(line(question, id, value, onSay));
  else if (question.kind !== "asset") element.append(options(question, id, value, onSay));
  return element;
}

function line({ code, kind, hint, least, most }, id, value, onSay) {
  const input = make("input");
  Object.assign(input, { id, name: `answer-${code}`, value: value ?? "" });
  input.type = kind === "date" ? "date" : "text";
  if (kind === "date") input.max = new Date().toLocaleDateString("sv");
  if (kind === "number") input.inputMode = "decimal";
  if (kind === "text") input.maxLength = MOST_LETTERS;
  if (kind === "number" && (least !== null || most !== null)) input.className = "question__number";
  if (hint) input.setAttribute("aria-describedby", `${id}_helptext`);
  input.addEventListener("input", () => onSay(input.value.trim()));
  return input;
}

function options({ code, kind, choices }, id, value, onSay) {
  const box = make("div", "question__options");
  const given = codesOf(value);
  const isMany = kind === "choices";
  choices.forEach((choice, at) => {
    const label = make("label", "choice");
    const input = make("input");
    input.type = isMany ? "checkbox" : "radio";
    Object.assign(input, { name: `answer-${code}`, value: choice.code });
    input.id = at ? `${id}_${at}` : id;
    input.checked = given.includes(choice.code);
    label.append(input, make("span", "", choice.label));
    box.append(label);
  });
  box.addEventListener("change", () => {
    const chosen = [...box.querySelectorAll(":checked")].map((input) => input.value);
    onSay(isMany ? chosen : (chosen[0] ?? ""));
  });
  return box;
}

/** Say something instead of asking; where it stops the report, the numbers to call are large buttons. */
function notice({ code, label, hint, stops }) {
  const element = make("div", `notice question ${stops ? "notice--bad" : "notice--warn"}`);
  element.setAttribute("role", "alert");
  const words = make("p", "question__stop", label);
  words.id = `id_answer-${code}`;
  words.tabIndex = -1;
  element.append(words);
  if (hint) element.append(make("p", "small", hint));
  if (stops) element.append(callsOf({ label, hint }));
  return element;
}

function callsOf({ label, hint }) {
  const calls = make("p", "question__calls");
  for (const number of new Set(numbersIn(`${label} ${hint ?? ""}`))) {
    const call = make("a", "button button--danger button--large", `☎ ${number}`);
    call.href = `tel:${number.replace(/[^\d+]/g, "")}`;
    calls.append(call);
  }
  return calls;
}

function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}
