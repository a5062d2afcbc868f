// The survey: a question about a cover, an answer, the truth, and what all answered in charts.

import { at, get, post } from "./api.js";
import { chips, chosen } from "./choices.js";
import { find, make } from "./dom.js";
import * as key from "./key.js";
import { hush, known, number, percent, say, sayAll, t } from "./language.js";
import { setUpSwitches } from "./switches.js";

const FREE = "keyword"; // its choices are words of prompts, in no dictionary
let asked = null;

/** Get a question and put it on the page. */
async function ask() {
  find("next").hidden = true;
  find("problem").hidden = true;
  say(find("verdict"), "empty");
  try {
    asked = await get("/v1/survey/question");
  } catch (error) {
    find("question").hidden = true;
    complain(error, error.status === 404 ? "survey.nothing" : null);
    return;
  }
  const form = find("question");
  const choices = make("div", { class: "chips" });
  chips(choices, "answer", options(asked), () => (find("answer").disabled = false));
  if (asked.question === FREE) {
    for (const input of choices.querySelectorAll("input")) input.nextSibling.textContent = input.value;
  }
  form.replaceChildren(
    make("div", { class: "pictures" }, asked.urls.map(picture)),
    make(
      "fieldset",
      { class: "choice" },
      make("legend", { t: `survey.${asked.question}` }),
      asked.words ? make("blockquote", { text: asked.words }) : null,
      choices,
    ),
    make("div", { class: "row" }, make("button", { class: "button primary", id: "answer", disabled: true, t: "survey.answer" })),
  );
  form.hidden = false;
}

/** The name of the text of a choice. */
const textOf = (question, value) => (question === "mood" ? `mood.${value}` : `survey.${question}.${value}`);

function options({ question, choices }) {
  return choices.map((value) => ({
    value,
    key: question === FREE ? "empty" : textOf(question, value),
    mood: question === "mood" ? value : null,
  }));
}

/** A picture whose corner with the notice is covered until it is answered who made it. */
function picture(url, place) {
  const several = asked.urls.length > 1;
  const name = several ? ["survey.picture.of", { place: place + 1 }] : ["survey.picture"];
  const image = make("img", { src: at(url), width: 512, height: 512 });
  say(image, name[0], name[1] ?? {}, "alt");
  return make(
    "figure",
    {},
    make("div", { class: "covered" }, image),
    make("figcaption", several ? { t: name } : {}),
  );
}

async function answer(event) {
  event.preventDefault();
  const form = find("question");
  const given = chosen(form);
  if (!given || find("answer").disabled) return;
  find("answer").disabled = true;
  const { question, pictures } = asked;
  try {
    show(await post("/v1/survey/answers", { question, pictures, answer: given }));
  } catch (error) {
    find("answer").disabled = false;
    complain(error);
    return;
  }
  await results();
}

/** Say whether it was right, and who made the pictures. */
function show({ right, truth, made_by }) {
  const form = find("question");
  for (const input of form.querySelectorAll("input")) input.disabled = true;
  for (const box of form.querySelectorAll(".covered")) box.classList.remove("covered");
  [...form.querySelectorAll("figcaption")].forEach((caption, place) => say(caption, `survey.by.${made_by[place]}`));
  form.querySelector(".row").remove();
  const kind = right === null ? "survey.noted" : right ? "survey.right" : "survey.wrong";
  const name = textOf(asked.question, truth);
  say(find("verdict"), kind, () => ({ truth: known(name) ? t(name) : truth }));
  find("next").hidden = false;
  find("next").focus();
}

async function results() {
  const place = find("results");
  try {
    const { survey } = await get("/v1/ratings/summary");
    find("results-none").hidden = survey.length > 0;
    place.replaceChildren(...survey.map(chart));
  } catch (error) {
    complain(error);
  }
}

/** The share of right answers with its interval and the line of mere guessing, or what was answered. */
function chart(figures) {
  const { question, count, share } = figures;
  return make(
    "section",
    { class: "chart" },
    make("h3", { t: `survey.${question}` }),
    make("p", { class: "hint", t: ["survey.answers", { count }] }),
    make("ul", { class: "bars" }, share === null ? answers(figures) : [rightness(figures)]),
  );
}

function rightness({ share, low, high, chance }) {
  const text = () => ({ share: percent(share), low: percent(low), high: percent(high), chance: percent(chance) });
  return make(
    "li",
    { vars: { "--share": share, "--chance": chance } },
    make("span", { class: "meter-name", t: "survey.share" }),
    make("span", { class: "meter guessed", "aria-hidden": "true" }),
    make("span", { class: "meter-value", t: ["survey.share.value", text] }),
  );
}

function answers({ question, count, answers }) {
  return Object.entries(answers).map(([name, times]) =>
    make(
      "li",
      { vars: { "--share": times / count } },
      make("span", { class: "meter-name", t: textOf(question, name) }),
      make("span", { class: "meter", "aria-hidden": "true" }),
      make("span", { class: "meter-value", t: ["ratings.value", () => ({ value: number(times) })] }),
    ),
  );
}

function complain(error, key = null) {
  const problem = find("problem");
  problem.hidden = false;
  if (key) say(problem, key);
  else if (error.status) hush(problem, error.message);
  else say(problem, "problem.offline");
}

function setUpSkip() {
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    find("main").focus();
  });
}

sayAll();
setUpSkip();
setUpSwitches();
key.setUp();
const entitle = () => (document.title = `${t("survey.title")} · Song DALL-E`);
document.addEventListener("songdalle:language", entitle);
entitle();
find("question").addEventListener("submit", answer);
find("next").addEventListener("click", ask);
document.documentElement.dataset.scripts = "here"; // first.js waits for it
ask();
results();
