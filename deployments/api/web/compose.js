// The form: a song, and how its covers should be drawn. What is typed is kept for the next visit.

import { choose, chips, chosen } from "./choices.js";
import { find } from "./dom.js";
import { number, say } from "./language.js";
import { MOODS } from "./moods.js";
import { keep, keptObject } from "./storage.js";
import { STYLES } from "./styles.js";

export const MAX_LYRICS = 20_000;
const OWN = "own";
const NONE = "none";
const SONG = "song";
const TEXTS = ["title", "artist", "lyrics", "seed", "sentences", "candidates", "own-style"];
const CHECKS = ["remove-profanity", "remove-repeats"];
const EXAMPLES = {
  ko: "노란 풍선 하나 손에 쥐고\n푸른 하늘 위로 날아가고 싶어\n라라라 웃으며 춤추는 오늘",
  en: "I gave you a red rose in the rain\nand you left me with a broken heart\nnow the moon is over the empty sea",
};

export function setUp(onDraw) {
  const styles = [...STYLES, NONE, OWN].map((value) => ({ value, key: `style.${value}` }));
  const moods = [SONG, ...MOODS, NONE].map((value) => ({
    value,
    key: MOODS.includes(value) ? `mood.${value}` : `compose.mood.${value}`,
    mood: MOODS.includes(value) ? value : null,
  }));
  chips(find("styles"), "style", styles, showOwnStyle);
  chips(find("moods"), "mood", moods);
  restore();
  const form = find("compose");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const order = readOrder();
    if (order) onDraw(order);
  });
  form.addEventListener("input", (event) => {
    if (event.target.id === "lyrics") lyricsChanged();
    if (event.target.id === "candidates") showCount();
    keepSoon();
  });
  window.addEventListener("pagehide", keepDraft);
  document.addEventListener("songdalle:language", showCount);
  find("example").addEventListener("click", () => {
    fill({ lyrics: EXAMPLES[document.documentElement.lang] });
    find("lyrics").focus();
  });
}

/** Put a song or choices into the form; what is not named stays. */
export function fill(values) {
  for (const name of ["title", "artist", "lyrics"]) {
    if (values[name] !== undefined) find(name).value = values[name] ?? "";
  }
  if (values.style !== undefined) chooseStyle(values.style);
  if (values.mood !== undefined) choose(find("moods"), values.mood ?? NONE);
  lyricsChanged();
  keepDraft();
}

export const lyrics = () => find("lyrics").value;

/** The choices that hold for another round of a song that was drawn before. */
export function choices() {
  const mood = chosen(find("moods"));
  return {
    style: styleOf(),
    use_mood: mood !== NONE,
    mood: MOODS.includes(mood) ? mood : null,
    candidates: Number(find("candidates").value),
    sentences: Number(find("sentences").value),
    remove_profanity: find("remove-profanity").checked,
    remove_repeats: find("remove-repeats").checked,
  };
}

/** The order, or null after saying what is wrong. */
function readOrder() {
  clearWrongs();
  const text = lyrics();
  if (text.trim() === "") return wrong("lyrics", "wrong.empty");
  if ([...text].length > MAX_LYRICS) return wrong("lyrics", "wrong.long", { count: [...text].length });
  const seed = find("seed").value.trim();
  if (seed !== "" && !(/^\d{1,10}$/.test(seed) && Number(seed) < 2 ** 32)) {
    find("more").open = true;
    return wrong("seed", "wrong.seed");
  }
  if (chosen(find("styles")) === OWN && !/^[A-Za-z0-9][A-Za-z0-9 -]*$/.test(styleOf())) {
    return wrong("own-style", "wrong.style");
  }
  return {
    lyrics: text,
    title: find("title").value.trim() || null,
    artist: find("artist").value.trim() || null,
    seed: seed === "" ? null : Number(seed),
    ...choices(),
  };
}

function styleOf() {
  const style = chosen(find("styles"));
  if (style === OWN) return find("own-style").value.trim();
  return style === NONE ? null : style;
}

function chooseStyle(style) {
  if (!choose(find("styles"), style ?? NONE)) {
    choose(find("styles"), OWN);
    find("own-style").value = style;
  }
  showOwnStyle();
}

function showOwnStyle() {
  find("own-style-field").hidden = chosen(find("styles")) !== OWN;
}

function lyricsChanged() {
  const text = lyrics();
  const lines = text.split("\n").filter((line) => line.trim() !== "").length;
  const count = find("lyrics-count");
  const [length, most] = [text.length, MAX_LYRICS];
  say(count, "compose.count", () => ({ lines: number(lines), count: length, most }));
  count.classList.toggle("over-limit", length > MAX_LYRICS);
  if (text.trim() !== "") clearWrong("lyrics");
}

function showCount() {
  find("candidates-shown").textContent = number(Number(find("candidates").value));
}

// ---- what is wrong with a field

const ERRORS = { lyrics: "lyrics-error", seed: "seed-error", style: "style-error", "own-style": "style-error" };

function wrong(field, key, values) {
  const note = find(ERRORS[field]);
  say(note, key, values);
  note.hidden = false;
  const input = find(field);
  input.setAttribute("aria-invalid", "true");
  input.focus();
  return null;
}

function clearWrong(field) {
  find(ERRORS[field]).hidden = true;
  find(field).removeAttribute("aria-invalid");
}

const clearWrongs = () => Object.keys(ERRORS).forEach(clearWrong);

// ---- the draft

let keeping = 0;

function keepSoon() {
  clearTimeout(keeping);
  keeping = setTimeout(keepDraft, 400);
}

function keepDraft() {
  clearTimeout(keeping);
  const draft = Object.fromEntries(TEXTS.map((name) => [name, find(name).value]));
  for (const name of CHECKS) draft[name] = find(name).checked;
  keep("draft", { ...draft, style: chosen(find("styles")), mood: chosen(find("moods")) });
}

function restore() {
  const draft = keptObject("draft");
  for (const name of TEXTS) if (typeof draft[name] === "string") find(name).value = draft[name];
  for (const name of CHECKS) if (typeof draft[name] === "boolean") find(name).checked = draft[name];
  if (!choose(find("styles"), draft.style)) choose(find("styles"), STYLES[0]);
  if (!choose(find("moods"), draft.mood)) choose(find("moods"), SONG);
  showOwnStyle();
  lyricsChanged();
  showCount();
}
