// Another round of a finished set: its prompt can be edited, its seed and its style kept.

import { make } from "./dom.js";
import { hush, say } from "./language.js";

const MAX_PROMPT = 400;

export class Rounds {
  constructor(set, actions) {
    this.set = set;
    this.field = make("textarea", { id: "prompt", rows: 3, maxlength: MAX_PROMPT, lang: "en", spellcheck: "false", "aria-describedby": "prompt-error" });
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

  /** Say why a prompt was not taken, and leave it to be changed. */
  refuse(prompt, reason) {
    this.field.value = prompt;
    hush(this.wrong, reason);
    this.#mark();
  }

  #mark() {
    this.wrong.hidden = false;
    this.field.setAttribute("aria-invalid", "true");
    this.field.focus();
  }

  /** The prompt as it stands now, or null after saying that there is none. */
  #withPrompt(changes) {
    const prompt = this.field.value.trim();
    if (prompt === "") {
      say(this.wrong, "wrong.prompt");
      this.#mark();
      return null;
    }
    this.wrong.hidden = true;
    this.field.removeAttribute("aria-invalid");
    return { prompt, ...changes };
  }
}
