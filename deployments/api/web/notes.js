// The liner notes: what each stage made of the words, as it arrives.

import { make } from "./dom.js";
import { moodChart } from "./moods.js";

const STAGES = ["cleaned", "summary", "translation", "sentiment", "prompt"];

export class Notes {
  constructor() {
    this.language = null; // of the lyrics
    this.node = make("ol", { class: "notes", label: "notes.label" });
    this.entries = new Map(
      STAGES.map((stage) => {
        const body = make("div", { class: "note-body" });
        const entry = make(
          "li",
          { class: "note", "data-stage": stage, "data-state": "waiting" },
          make("h3", { t: `stage.${stage}` }),
          body,
        );
        return [stage, { entry, body }];
      }),
    );
    this.node.append(...[...this.entries.values()].map(({ entry }) => entry));
  }

  cleaned({ language, lines }) {
    this.language = ["ko", "en"].includes(language) ? language : null;
    this.#tell("cleaned", make("p", { t: [`note.cleaned.${language}`, { count: lines }] }));
  }

  summary({ summary }) {
    this.#tell("summary", make("p", { class: "quoted", lang: this.language, text: summary }));
  }

  translation({ translation, translator, words }) {
    const quoted = make("p", { class: "quoted", lang: "en", text: translation });
    this.#tell("translation", quoted, ...credits(translator, words), ...remarks(words));
  }

  sentiment(sentiment) {
    this.#tell("sentiment", moodChart(sentiment));
  }

  prompt({ prompt }) {
    this.#tell("prompt", make("p", { class: "prompt-text", lang: "en", text: prompt }));
  }

  /** All at once, of a set that is finished. */
  finished(set) {
    if (set.language && set.lyrics) {
      const lines = set.lyrics.split("\n").filter((line) => line.trim() !== "").length;
      this.cleaned({ language: set.language, lines });
    } else {
      this.entries.get("cleaned").entry.hidden = true;
    }
    this.summary(set);
    this.translation({ ...set, translator: set.models?.translator });
    this.sentiment(set.sentiment);
    this.prompt(set);
  }

  #tell(stage, ...content) {
    const { entry, body } = this.entries.get(stage);
    if (entry.dataset.state === "done" && stage === "cleaned") return;
    entry.dataset.state = "done";
    body.replaceChildren(...content);
  }
}

/** Who translated: NAVER wants to be named beside what Papago wrote; a stand-in is always named. */
function credits(translator, words) {
  const name = words?.fallback;
  const nodes = [];
  if (translator === "papago") nodes.push(make("p", { class: "remark", t: "note.papago" }));
  if (name) nodes.push(make("p", { class: "remark", t: ["note.fallback", { name }] }));
  return nodes;
}

/** What became of single words, in small print. */
function remarks(words) {
  if (!words) return [];
  const borrowed = Object.entries(words.borrowed ?? {}).map(([word, lender]) => `${word} → ${lender}`);
  const lines = [
    ["note.unread", words.unread ?? []],
    ["note.dropped", words.dropped ?? []],
    ["note.borrowed", borrowed],
    ["note.pictured", words.pictured ?? []],
  ];
  const said = lines.filter(([, list]) => list.length);
  const nodes = said.map(([key, list]) => make("p", { class: "remark", t: [key, { words: list.join(", ") }] }));
  for (const [key, count] of [
    ["note.rude", words.rude_removed],
    ["note.repeats", words.repeats_removed],
  ]) {
    if (count) nodes.push(make("p", { class: "remark", t: [key, { count }] }));
  }
  return nodes;
}
