// The candidates: records that turn while they are drawn, then covers in the order of their ranks.

import { at } from "./api.js";
import { icon, make } from "./dom.js";
import { number, say } from "./language.js";

const HEART = "M10 17.2 3.7 11A4.1 4.1 0 0 1 9.5 5.2l.5.5.5-.5a4.1 4.1 0 0 1 5.8 5.8z";
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Sleeves {
  /** `onOpen(rank)` when a finished cover is chosen. */
  constructor(count, onOpen) {
    this.onOpen = onOpen;
    this.tiles = Array.from({ length: count }, (_, candidate) => new Tile(candidate));
    this.node = make("ul", { class: "sleeves", label: "sleeves.label" }, this.tiles.map((tile) => tile.node));
  }

  /** How much of all is drawn, 0 to 1. */
  get fraction() {
    const drawn = this.tiles.reduce((sum, tile) => sum + tile.fraction, 0);
    return drawn / Math.max(1, this.tiles.length);
  }

  preview({ candidate, fraction, image }) {
    this.#tile(candidate).preview(fraction, image);
  }

  cover({ candidate, seed, score, image }) {
    this.#tile(candidate).cover(seed, score, image);
  }

  /** The tile of a candidate; a page that was loaded anew does not know how many there will be. */
  #tile(candidate) {
    while (this.tiles.length <= candidate) {
      const tile = new Tile(this.tiles.length);
      this.tiles.push(tile);
      this.node.append(tile.node);
    }
    return this.tiles[candidate];
  }

  /** The finished set: every tile gets its rank and moves to its place. */
  settle(set) {
    const before = new Map(this.tiles.map((tile) => [tile, tile.node.getBoundingClientRect()]));
    const free = new Set(this.tiles);
    const ranked = set.covers.map((cover) => {
      const known = [...free].find((tile) => tile.seed === cover.seed);
      const tile = known ?? [...free].find((one) => one.seed === null) ?? [...free][0] ?? new Tile(0);
      free.delete(tile);
      return tile;
    });
    const scores = set.covers.map((cover) => cover.score);
    const [low, high] = [Math.min(...scores), Math.max(...scores)];
    this.tiles = ranked;
    this.node.replaceChildren(...ranked.map((tile) => tile.node));
    ranked.forEach((tile, i) => {
      const share = high > low ? (scores[i] - low) / (high - low) : 1;
      tile.rank(set.covers[i], set, share, this.onOpen);
    });
    if (!calm()) for (const tile of ranked) glide(tile.node, before.get(tile));
  }

  /** Nothing more will come. */
  halt() {
    this.node.dataset.halted = "";
  }

  /** Show whether a cover is a favourite. */
  favour(rank, favourite) {
    this.tiles[rank - 1]?.favour(favourite);
  }
}

/** Let a node glide from where it was to where it is. */
function glide(node, from) {
  if (!from?.width) return;
  const to = node.getBoundingClientRect();
  const [dx, dy] = [from.left - to.left, from.top - to.top];
  if (!dx && !dy) return;
  node.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: "none" }], {
    duration: 520,
    easing: "cubic-bezier(.2, .8, .2, 1)",
  });
}

class Tile {
  constructor(candidate) {
    this.seed = null;
    this.fraction = 0;
    this.image = make("img", { alt: "", width: 256, height: 256, hidden: true });
    this.art = make("div", { class: "art" }, make("div", { class: "disc", "aria-hidden": "true" }), this.image);
    this.caption = make("div", { class: "caption" });
    this.node = make("li", { class: "sleeve", "data-state": "waiting" }, this.art, this.caption);
    say(this.caption, "sleeve.waiting", { number: candidate + 1 });
  }

  preview(fraction, image) {
    this.#drawn(fraction, "drawing");
    this.#show(image);
    say(this.caption, "sleeve.drawing", { share: Math.round(fraction * 100) });
  }

  cover(seed, score, image) {
    this.seed = seed;
    this.#drawn(1, "drawn");
    this.#show(image);
    say(this.caption, "sleeve.score", () => ({ score: number(score, 1) }));
  }

  rank(cover, set, share, onOpen) {
    this.seed = cover.seed;
    this.#drawn(1, "ranked");
    const shown = () => ({ rank: cover.rank, score: number(cover.score, 1), prompt: set.prompt });
    const button = make("button", { type: "button", class: "open", label: ["sleeve.open", shown] });
    button.addEventListener("click", () => onOpen(cover.rank));
    this.heart = make("span", { class: "heart", hidden: true, role: "img", label: "cover.favourite" }, icon(HEART));
    this.art.replaceChildren(this.image, button, this.heart);
    say(this.image, "sleeve.alt", shown, "alt");
    this.image.hidden = false;
    arrive(this.image, cover.url);
    const score = make("span", { class: "score", t: ["sleeve.score", shown] });
    const bar = make("span", { class: "score-bar", "aria-hidden": "true", vars: { "--share": share } });
    const place = make("span", { class: "rank", text: String(cover.rank) });
    const caption = make("div", { class: "caption" }, place, score, bar);
    this.caption.replaceWith(caption);
    this.caption = caption;
  }

  favour(favourite) {
    this.heart.hidden = !favourite;
  }

  #show(image) {
    if (!image) return;
    this.image.src = image;
    this.image.hidden = false;
  }

  #drawn(fraction, state) {
    this.fraction = fraction;
    this.node.dataset.state = state;
    this.node.style.setProperty("--fraction", fraction);
  }
}

/** Put the final picture where a preview is, once it has come: without a blink. */
export function arrive(image, path) {
  const url = at(path);
  const next = new Image();
  next.addEventListener("load", () => {
    image.src = url;
  });
  if (image.src) next.src = url;
  else image.src = url;
}
