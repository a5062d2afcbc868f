// Texts in the language chosen; changing it says everything again that is on the page.

import en from "./texts/en.js";
import ko from "./texts/ko.js";
import { keep } from "./storage.js";

const TEXTS = { en, ko };
const ATTRIBUTES = { tLabel: "aria-label", tPlaceholder: "placeholder" };
const said = new WeakMap(); // node -> Map(attribute or "" for its text -> [key, values])

export const language = () => document.documentElement.lang;

/** The text of `key`; `{name}` in it becomes `values.name`, and `values.count` chooses the plural. */
export function t(key, values = {}) {
  let text = TEXTS[language()][key] ?? TEXTS.en[key] ?? key;
  if (typeof text === "object") {
    text = text[new Intl.PluralRules(language()).select(values.count)] ?? text.other;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === "number" ? number(value) : (value ?? whole);
  });
}

/** Whether there is a text of this name. */
export const known = (key) => key in TEXTS.en;

export function number(value, digits = 0) {
  return value.toLocaleString(language(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits || 1,
  });
}

export function percent(share) {
  return share.toLocaleString(language(), { style: "percent" });
}

export function moment(iso) {
  const style = { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(language(), style).format(new Date(iso));
}

/** Set a node's text, or an attribute, now and after each change of language.
 *  `values` may be a function, asked each time. */
export function say(node, key, values = {}, attribute = "") {
  if (!said.has(node)) said.set(node, new Map());
  said.get(node).set(attribute, [key, values]);
  node.dataset.said = "";
  sayAgain(node);
  return node;
}

/** Forget what was said, before the node gets a text that is nobody's translation. */
export function hush(node, text = "") {
  said.get(node)?.delete("");
  node.textContent = text;
  return node;
}

function sayAgain(node) {
  for (const [attribute, [key, values]] of said.get(node) ?? []) {
    const text = t(key, typeof values === "function" ? values() : values);
    if (attribute) node.setAttribute(attribute, text);
    else node.textContent = text;
  }
}

export function setLanguage(code) {
  document.documentElement.lang = code;
  keep("language", code);
  sayAll();
  document.dispatchEvent(new Event("songdalle:language"));
}

/** Say the page's own texts, and whatever `say` was told. */
export function sayAll() {
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    const selector = `[data-${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}]`;
    for (const node of document.querySelectorAll(selector)) {
      node.setAttribute(attribute, t(node.dataset[name]));
    }
  }
  for (const node of document.querySelectorAll("[data-said]")) sayAgain(node);
}
