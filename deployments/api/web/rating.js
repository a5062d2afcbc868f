// The survey of a cover: stars, the mood it was felt to have, the style it should have, and whether it is a favourite.

import { put } from "./api.js";
import { icon, make } from "./dom.js";
import { hush, say } from "./language.js";
import { MOODS } from "./moods.js";
import { STYLES } from "./styles.js";

const STAR = "m10 1.8 2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z";
const STARS = [1, 2, 3, 4, 5];

/** A form that saves itself as soon as it has stars. `cover.rating` is what it was before. */
export function ratingForm(cover, url, onFavourite) {
  const status = make("p", { class: "hint", role: "status", t: "rating.hint" });
  const favourite = make("input", { type: "checkbox", name: "favourite" });
  const form = make(
    "form",
    { class: "rating" },
    make("fieldset", { class: "stars" }, make("legend", { t: "rating.stars" }), make("div", { class: "star-row" }, STARS.map(star))),
    make("fieldset", { class: "felt" }, make("legend", { t: "rating.felt" }), make("div", { class: "chips small" }, MOODS.map(mood))),
    make(
      "fieldset",
      { class: "felt" },
      make("legend", { t: "rating.favourite_style" }),
      make("div", { class: "chips small" }, STYLES.map(style)),
    ),
    make("label", { class: "check" }, favourite, make("span", { t: "rating.favourite" })),
    status,
  );
  recall(form, cover.rating);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", async () => {
    const given = read(form);
    if (given.satisfaction === null) {
      say(status, "rating.stars.first");
      return;
    }
    try {
      await put(url, { rank: cover.rank, ...given });
      cover.rating = given;
      say(status, "rating.saved");
      onFavourite(cover.rank, given.favourite);
    } catch (error) {
      if (error.status) hush(status, error.message);
      else say(status, "problem.offline");
    }
  });
  return form;
}

const star = (count) =>
  make(
    "label",
    { class: "star" },
    make("input", { type: "radio", name: "satisfaction", value: count }),
    icon(STAR),
    make("span", { class: "unseen", t: ["rating.star", { count }] }),
  );

const mood = (name) =>
  make(
    "label",
    { class: "chip", "data-mood": name },
    make("input", { type: "radio", name: "felt_mood", value: name }),
    make("span", { t: `mood.${name}` }),
  );

const style = (name) =>
  make(
    "label",
    { class: "chip" },
    make("input", { type: "radio", name: "favourite_style", value: name }),
    make("span", { t: `style.${name}` }),
  );

function read(form) {
  const data = new FormData(form);
  const stars = data.get("satisfaction");
  return {
    satisfaction: stars === null ? null : Number(stars),
    felt_mood: data.get("felt_mood"),
    favourite: data.has("favourite"),
    favourite_style: data.get("favourite_style"),
  };
}

function recall(form, rating) {
  if (!rating) return;
  for (const name of ["satisfaction", "felt_mood", "favourite_style"]) {
    const value = String(rating[name] ?? "");
    for (const input of form.querySelectorAll(`[name=${name}]`)) input.checked = input.value === value;
  }
  form.elements.favourite.checked = Boolean(rating.favourite);
}
