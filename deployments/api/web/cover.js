// One cover, large: its score and seed, how the visitor likes it, and what can be done with it.

import { at, save } from "./api.js";
import { find, icon, make } from "./dom.js";
import { number, say } from "./language.js";
import { likes } from "./likes.js";
import { ratingForm } from "./rating.js";
import { openRelease } from "./release.js";

const BACK = "M12.5 4 6.5 10l6 6";
const ON = "m7.5 4 6 6-6 6";
const CLOSE = "m5 5 10 10M15 5 5 15";

/** Open the dialog. `round(set, changes)` draws again; `onFavourite(rank, is)` hears of hearts. */
export function openCover(set, rank, { round, onFavourite }) {
  const dialog = find("cover-dialog");
  let shown = rank;
  const turn = (by) => {
    shown = ((shown - 1 + by + set.covers.length) % set.covers.length) + 1;
    fill();
  };
  const again = (changes) => {
    dialog.close();
    round(set, changes);
  };

  function fill() {
    const cover = set.covers[shown - 1];
    const about = () => ({ rank: cover.rank, score: number(cover.score, 1), prompt: set.prompt });
    const image = make("img", { class: "large", src: at(cover.url), width: 512, height: 512 });
    say(image, "sleeve.alt", about, "alt");
    const unsaved = make("p", { class: "wrong", role: "status" });
    const heading = make("h2", {
      id: "cover-heading",
      t: ["cover.heading", { rank: cover.rank, count: set.covers.length }],
    });
    dialog.replaceChildren(
      make(
        "div",
        { class: "cover-bar" },
        heading,
        press("cover.previous", BACK, () => turn(-1)),
        press("cover.next", ON, () => turn(1)),
        press("cover.close", CLOSE, () => dialog.close()),
      ),
      make(
        "div",
        { class: "cover-body" },
        make("figure", { class: "cover-picture" }, image, make("figcaption", { t: "disclosure.after" })),
        make(
          "div",
          { class: "cover-side" },
          facts(set, cover),
          ratingForm(cover, `/v1/covers/${set.id}/ratings`, onFavourite),
          make(
            "div",
            { class: "actions" },
            action("cover.save", "button primary", () =>
              save(cover.url, `cover-${set.id.slice(0, 8)}-${cover.rank}.png`).catch(() => say(unsaved, "problem.save")),
            ),
            unsaved,
            action("cover.release", "button", () => {
              dialog.close();
              openRelease(set, cover);
            }),
            action("cover.seed", "button", () => again({ prompt: set.prompt, seed: cover.seed })),
            action("cover.style", "button", () => again({ style: set.style ?? null, seed: null })),
          ),
          likes(set, cover, again),
        ),
      ),
    );
  }

  function onKey(event) {
    if (event.target.matches("input, textarea, select")) return; // arrows belong to the stars there
    if (event.key === "ArrowLeft") turn(-1);
    else if (event.key === "ArrowRight") turn(1);
    else return;
    event.preventDefault();
    dialog.focus();
  }

  fill();
  dialog.addEventListener("keydown", onKey);
  dialog.addEventListener("close", () => dialog.removeEventListener("keydown", onKey), { once: true });
  dialog.showModal();
}

function facts(set, cover) {
  const row = (key, value) => [make("dt", { t: key }), make("dd", value)];
  return make(
    "dl",
    { class: "cover-facts" },
    row("cover.score", { t: ["cover.score.value", () => ({ score: number(cover.score, 2) })] }),
    row("cover.seed.name", { text: String(cover.seed) }),
    row("stage.prompt", { text: set.prompt, lang: "en" }),
  );
}

const press = (key, path, onClick) =>
  make("button", { type: "button", class: "switch icon", label: key, on: { click: onClick } }, icon(path));

const action = (key, style, onClick) =>
  make("button", { type: "button", class: style, t: key, on: { click: onClick } });
