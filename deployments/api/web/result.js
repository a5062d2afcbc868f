// One song's covers, from the queue to the ranked set.

import { get, save } from "./api.js";
import { announce, find, make } from "./dom.js";
import { family } from "./family.js";
import { moment, number, say } from "./language.js";
import { Front } from "./front.js";
import { Notes } from "./notes.js";
import { moodName } from "./moods.js";
import { Rounds } from "./rounds.js";
import { Sleeves } from "./sleeves.js";

export class Result {
  /** `actions`: `cancel()`, `again()`, `open(set, rank)`, `round(set, changes)`. */
  constructor({ title, artist, candidates }, actions) {
    this.actions = actions;
    this.set = null;
    const open = (rank) => this.set && actions.open(this.set, rank);
    this.front = new Front(open);
    this.notes = new Notes();
    this.sleeves = new Sleeves(candidates, open);
    this.status = make("p", { class: "status" });
    this.lost = make("p", { class: "lost", hidden: true, role: "status" }, make("span", { t: "status.lost" }));
    this.bar = make("progress", { max: 1, label: "status.progress" });
    this.cancelButton = make("button", { type: "button", class: "button", t: "status.cancel", id: "cancel" });
    this.cancelButton.addEventListener("click", () => actions.cancel());
    this.problem = make("div", { class: "problem", role: "alert", hidden: true });
    this.after = make("div", { class: "after" });
    const heading = make("h2", { id: "result-heading", dir: "auto" });
    if (title) heading.textContent = title;
    else say(heading, "result.untitled");
    this.node = make(
      "article",
      { class: "outcome", "data-state": "working" },
      make(
        "header",
        { class: "result-head" },
        make("div", { class: "names" }, heading, artist ? make("p", { class: "artist", dir: "auto", text: artist }) : null),
        make("div", { class: "doing" }, this.status, this.bar, this.cancelButton),
        this.lost,
      ),
      this.problem,
      make("div", { class: "spread" }, this.front.node, this.notes.node),
      this.sleeves.node,
      this.after,
    );
    say(this.status, "status.sent");
  }

  /** Take an event of the service; unknown ones are of a later version and change nothing. */
  take(event, data) {
    this[`on_${event}`]?.(data);
  }

  connection(lost) {
    this.lost.hidden = !lost;
    this.node.toggleAttribute("data-lost", lost);
    if (lost) announce("status.lost");
  }

  on_queued({ position, estimate_seconds: seconds }) {
    if (position > 0) say(this.status, "status.queued", () => ({ position, seconds: number(Math.ceil(seconds ?? 0)) }));
    else say(this.status, "status.reading");
    if (position > 0) announce("status.queued", { position, seconds: Math.ceil(seconds ?? 0) });
  }

  on_cleaned(data) {
    this.notes.cleaned(data);
    say(this.status, "status.reading");
  }

  on_summary(data) {
    this.notes.summary(data);
    announce("status.summary");
  }

  on_translation(data) {
    this.notes.translation(data);
  }

  on_sentiment(data) {
    this.notes.sentiment(data);
    this.node.dataset.mood = data.label;
  }

  on_prompt(data) {
    this.notes.prompt(data);
    say(this.status, "status.drawing");
    announce("status.drawing");
  }

  on_preview(data) {
    this.sleeves.preview(data);
    this.#progress();
  }

  on_cover(data) {
    this.sleeves.cover(data);
    this.front.cover(data);
    this.#progress();
  }

  on_done(set) {
    this.finished(set);
    const [first] = set.covers;
    if (first) announce("status.done", { count: set.covers.length, score: number(first.score, 1) });
  }

  on_failed(problem) {
    this.failed(problem.detail || problem.title);
  }

  /** A finished set, also one of the history. */
  finished(set) {
    this.set = set;
    this.node.dataset.mood = set.sentiment.label;
    this.notes.finished(set);
    this.front.settle(set);
    this.sleeves.settle(set);
    this.rounds = new Rounds(set, this.actions);
    this.after.replaceChildren(...this.#facts(set), family(set), this.rounds.node);
    this.#end("done");
    this.#recall(set);
    const seconds = set.timings?.total;
    const key = seconds ? "status.took" : "status.made";
    say(this.status, key, () => ({
      count: set.covers.length,
      seconds: seconds ? number(seconds, 1) : "",
      moment: moment(set.created_at),
    }));
  }

  failed(detail) {
    this.#end("failed");
    say(this.status, "status.failed");
    const again = make("button", { type: "button", class: "button", t: "status.again" });
    again.addEventListener("click", () => this.actions.again());
    this.problem.replaceChildren(make("p", { text: detail }), again);
    this.problem.hidden = false;
  }

  cancelled() {
    this.#end("cancelled");
    say(this.status, "status.cancelled");
    announce("status.cancelled");
  }

  #facts(set) {
    const download = make("button", { type: "button", class: "button primary", t: "result.zip", id: "download-all" });
    const unsaved = make("p", { class: "wrong", role: "status" });
    download.addEventListener("click", () => {
      say(unsaved, "empty");
      const saved = save(`/v1/covers/${set.id}/covers.zip`, `covers-${set.id.slice(0, 8)}.zip`);
      saved.catch(() => say(unsaved, "problem.save"));
    });
    const about = make("p", {
      class: "remark",
      t: ["result.about", () => ({ seed: String(set.seed), moment: moment(set.created_at), mood: moodName(set.sentiment.label) })],
    });
    const withheld = set.withheld
      ? make("p", { class: "remark", t: ["result.withheld", { count: set.withheld }] })
      : null;
    return [make("div", { class: "facts" }, make("div", {}, about, withheld, unsaved), download)];
  }

  /** Show what the visitor thought of these covers before; without it they are as if never rated. */
  async #recall(set) {
    const { ratings } = await get(`/v1/covers/${set.id}/ratings`).catch(() => ({ ratings: [] }));
    for (const rating of ratings) {
      set.covers[rating.rank - 1].rating ??= rating;
      this.sleeves.favour(rating.rank, rating.favourite);
    }
  }

  #progress() {
    const fraction = this.sleeves.fraction;
    this.bar.value = fraction;
    this.front.progress(fraction);
    say(this.status, "status.drawn", () => ({ share: Math.round(fraction * 100) }));
  }

  #end(state) {
    const focused = document.activeElement === this.cancelButton;
    this.node.dataset.state = state;
    this.lost.hidden = true;
    this.bar.hidden = true;
    this.cancelButton.hidden = true;
    if (state !== "done") {
      this.front.halt();
      this.sleeves.halt();
    }
    if (focused) find("main").focus(); // a hidden button would lose the keyboard's place
  }
}
