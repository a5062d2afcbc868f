// The history: every set that was drawn, newest first, by page, word and mood.

import { at, get, query, remove } from "./api.js";
import { announce, confirmed, find, icon, make } from "./dom.js";
import { hush, moment, say, t } from "./language.js";
import { MOODS, moodTag } from "./moods.js";

const PAGE = 24;
const BIN = "M4 6h12M8 6V4h4v2m-6.5 0 .8 10.5h7.4L14.5 6M8.5 9v5m3-5v5";

let shelf = null;

/** Show the gallery from its newest set. */
export function open() {
  shelf ??= new Shelf(find("view-gallery"));
  shelf.reload();
}

class Shelf {
  constructor(view) {
    this.cursor = null;
    this.loading = null;
    this.word = make("input", { type: "search", id: "gallery-word", maxlength: 200, class: "wide" });
    this.mood = make("select", { id: "gallery-mood" }, make("option", { value: "", t: "gallery.any" }));
    this.mood.append(...MOODS.map((mood) => make("option", { value: mood, t: `mood.${mood}` })));
    this.list = make("ul", { class: "shelf", label: "gallery.heading" });
    this.status = make("p", { class: "hint", role: "status" });
    this.more = make("button", { type: "button", class: "button", t: "gallery.more", hidden: true });
    this.empty = make("button", { type: "button", class: "button quiet", t: "gallery.empty", hidden: true });
    view.replaceChildren(
      make(
        "header",
        { class: "view-head" },
        make("h1", { id: "gallery-heading", t: "gallery.heading" }),
        make(
          "form",
          { class: "filters", role: "search", on: { submit: (event) => event.preventDefault() } },
          make("div", { class: "field" }, make("label", { for: "gallery-word", t: "gallery.search" }), this.word),
          make("div", { class: "field" }, make("label", { for: "gallery-mood", t: "gallery.mood" }), this.mood),
        ),
      ),
      this.status,
      this.list,
      make("div", { class: "row spread-row" }, this.more, this.empty),
    );
    let typing = 0;
    this.word.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => this.reload(), 250);
    });
    this.mood.addEventListener("change", () => this.reload());
    this.more.addEventListener("click", () => this.load());
    this.empty.addEventListener("click", () => this.removeAll());
  }

  reload() {
    this.cursor = null;
    this.loading?.abort();
    return this.load(true);
  }

  async load(fresh = false) {
    const mine = (this.loading = new AbortController());
    const wanted = { limit: PAGE, before: this.cursor, q: this.word.value.trim(), mood: this.mood.value };
    try {
      const { covers, next } = await get(`/v1/covers?${query(wanted)}`, mine.signal);
      const cards = covers.map((summary) => this.#card(summary));
      if (fresh) this.list.replaceChildren(...cards);
      else this.list.append(...cards);
      if (!fresh) cards[0]?.querySelector("a").focus();
      this.cursor = next;
      this.more.hidden = next === null;
      this.#count();
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status) hush(this.status, error.message);
      else say(this.status, "problem.offline");
    }
  }

  #count() {
    const count = this.list.children.length;
    const filtered = this.word.value.trim() !== "" || this.mood.value !== "";
    this.empty.hidden = count === 0 || filtered;
    if (count > 0) say(this.status, this.cursor === null ? "gallery.count" : "gallery.shown", { count });
    else say(this.status, filtered ? "gallery.nothing" : "gallery.none");
  }

  #card(summary) {
    const image = make("img", { src: at(summary.image_url), alt: "", width: 256, height: 256, loading: "lazy" });
    const name = make("span", { class: "card-title", dir: "auto" });
    if (summary.title) name.textContent = summary.title;
    else if (summary.summary) name.textContent = summary.summary;
    else say(name, "result.untitled");
    const when = make("time", { datetime: summary.created_at });
    say(when, "gallery.when", () => ({ moment: moment(summary.created_at) }));
    const link = make(
      "a",
      { href: `#/covers/${summary.id}`, class: "card-link" },
      make("span", { class: "card-art" }, image),
      name,
      summary.artist ? make("span", { class: "artist", dir: "auto", text: summary.artist }) : null,
    );
    const bin = make("button", { type: "button", class: "switch icon bin" }, icon(BIN));
    say(bin, "gallery.delete", () => ({ name: name.textContent }), "aria-label");
    const card = make(
      "li",
      { class: "card", "data-mood": summary.mood },
      link,
      make("div", { class: "card-foot" }, summary.mood ? moodTag(summary.mood) : null, when, bin),
    );
    bin.addEventListener("click", () => this.#removeOne(summary.id, card, name.textContent));
    return card;
  }

  async #removeOne(id, card, name) {
    if (!(await confirmed("ask.delete", "gallery.delete.yes", { name }))) return;
    await this.#erase(`/v1/covers/${id}`, () => {
      const next = card.nextElementSibling ?? card.previousElementSibling;
      card.remove();
      (next?.querySelector("a") ?? this.word).focus();
      this.#count();
      announce("gallery.deleted", { count: 1 });
    });
  }

  async removeAll() {
    if (!(await confirmed("ask.empty", "gallery.empty"))) return;
    await this.#erase("/v1/covers", async () => {
      await this.reload();
      this.word.focus();
      announce("gallery.deleted.all");
    });
  }

  async #erase(path, done) {
    try {
      await remove(path);
      await done();
    } catch (error) {
      hush(this.status, error.status ? error.message : t("problem.offline"));
    }
  }
}
