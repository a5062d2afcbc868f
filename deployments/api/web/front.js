// The large sleeve: a record that turns while there is nothing to see, then the best cover so far.

import { make } from "./dom.js";
import { number, say } from "./language.js";
import { arrive } from "./sleeves.js";

export class Front {
  constructor(onOpen) {
    this.best = -Infinity;
    this.image = make("img", { class: "front-image", alt: "", width: 512, height: 512, hidden: true });
    this.record = make("div", { class: "record", "aria-hidden": "true" }, make("div", { class: "record-label" }));
    this.button = make("button", { type: "button", class: "open", hidden: true, on: { click: () => onOpen(1) } });
    this.sleeve = make("div", { class: "front-sleeve" }, this.image, this.button);
    this.caption = make("figcaption", { class: "front-caption" });
    this.node = make("figure", { class: "front", "data-state": "turning" }, this.record, this.sleeve, this.caption);
  }

  progress(fraction) {
    this.node.style.setProperty("--fraction", fraction);
  }

  /** A candidate is finished: it is shown if it fits better than those before. */
  cover({ score, image }) {
    if (score <= this.best) return;
    this.best = score;
    this.image.src = image;
    this.image.hidden = false;
    this.node.dataset.state = "showing";
  }

  settle(set) {
    const [first] = set.covers;
    if (!first) {
      this.halt();
      return;
    }
    const shown = () => ({ rank: 1, score: number(first.score, 1), prompt: set.prompt });
    say(this.image, "sleeve.alt", shown, "alt");
    say(this.button, "sleeve.open", shown, "aria-label");
    arrive(this.image, first.url);
    this.image.hidden = false;
    this.button.hidden = false;
    this.node.dataset.state = "done";
    // Service's own words: the disclosure that belongs to the pictures.
    this.caption.replaceChildren(
      make("span", { class: "ai-mark", "aria-hidden": "true", text: "AI" }),
      make("span", { t: "disclosure.after" }),
      make("span", { class: "remark", lang: "en", text: set.notice }),
    );
  }

  halt() {
    this.node.dataset.state = "still";
  }
}
