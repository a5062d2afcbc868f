// Another round of a finished set: its prompt can be edited, its seed and its style kept.

import { make } from "./dom.js";
import { say } from "./language.js";

const MAX_PROMPT = 400;

export class Rounds {
  constructor(set, actions) {
    this.set = set;
    this.field = make("textarea", { id: "prompt", rows: 3, maxlength: MAX_PROMPT, lang: "en", spellcheck: "false" });
    this.field.value = set.prompt;
    this.wrong = make("p", { class: "wrong", id: "prompt-error", hidden: true });
    const round = (key, changes) => {
      const button = make("button", { type: "button", class: "button", t: key });
      button.addEventListener("click", () => {
        const wanted = changes();
        if (wanted) actions.round(set, wanted);
      });
      return button;
    };
    this.node = make(
      "section",
      { class: "rounds", "aria-labelledby": "rounds-heading" },
      make("h3", { id: "rounds-heading", t: "rounds.heading" }),
      make("label", { for: "prompt", t: "rounds.prompt" }),
      this.field,
      this.wrong,
      make(
        "div",
        { class: "row" },
        round("rounds.prompt.go", () => this.#withPrompt({})),
        round("rounds.seed.go", () => this.#withPrompt({ seed: set.seed })),
        round("rounds.style.go", () => ({ style: set.style ?? null, seed: null })),
      ),
      make("p", { class: "hint", t: "rounds.hint" }),
    );
  }

  /** The prompt as it stands now, or null after saying that there is none. */
  #withPrompt(changes) {
    const prompt = this.field.value.trim();
    this.wrong.hidden = prompt !== "";
    if (prompt === "") {
      say(this.wrong, "wrong.prompt");
      this.field.setAttribute("aria-invalid", "true");
      this.field.focus();
      return null;
    }
    this.field.removeAttribute("aria-invalid");
    return { prompt, ...changes };
  }
}
