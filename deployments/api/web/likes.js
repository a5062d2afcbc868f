// More like this: what of a cover stays, by three knobs; or one part of its drawing anew.

import { make } from "./dom.js";
import { percent, say } from "./language.js";

const PLACES = {
  "upper-left": { top: 0, left: 0, height: 4, width: 4 },
  "upper-right": { top: 0, left: 4, height: 4, width: 4 },
  "lower-left": { top: 4, left: 0, height: 4, width: 4 },
  "lower-right": { top: 4, left: 4, height: 4, width: 4 },
  middle: { top: 2, left: 2, height: 4, width: 4 },
};
const LAYERS = [0, 1];

/** The form of a cover; `again(changes)` draws a round. */
export function likes(set, cover, again) {
  const codes = make("input", { type: "range", id: "like-codes", min: 0, max: 100, step: 10, value: 100 });
  const shown = make("output", { for: "like-codes" });
  const show = () => say(shown, "like.share", () => ({ share: percent(codes.value / 100) }));
  codes.addEventListener("input", show);
  show();
  const composition = check("composition");
  const finish = check("finish");
  const wrong = make("p", { class: "wrong", role: "status" });
  const layer = choice("like-layer", LAYERS.map((number) => [number, `like.layer.${number}`]));
  const place = choice("like-place", Object.keys(PLACES).map((name) => [name, `like.place.${name}`]));
  const parent = (more) => ({ parent: { id: set.id, rank: cover.rank, ...more }, prompt: null, seed: null });
  const more = () => {
    if (codes.value === "100" && composition.checked && finish.checked) {
      say(wrong, "like.same");
      return;
    }
    again(parent({ codes: codes.value / 100, composition: composition.checked, finish: finish.checked }));
  };
  const redraw = () => again(parent({ part: { layer: Number(layer.value), ...PLACES[place.value] } }));
  return make(
    "details",
    { class: "likes" },
    make("summary", { t: "like.heading" }),
    make("div", { class: "field" }, make("label", { for: "like-codes", t: "like.codes" }), codes, shown),
    label(composition, "like.composition"),
    label(finish, "like.finish"),
    wrong,
    press("like.go", more),
    make("div", { class: "field" }, make("label", { for: "like-layer", t: "like.layer" }), layer),
    make("div", { class: "field" }, make("label", { for: "like-place", t: "like.place" }), place),
    press("like.redraw", redraw),
  );
}

const check = (name) => make("input", { type: "checkbox", id: `like-${name}` });

const label = (box, key) => make("label", { class: "check", for: box.id }, box, make("span", { t: key }));

const choice = (id, options) =>
  make("select", { id }, options.map(([value, key]) => make("option", { value, t: key })));

const press = (key, onClick) => make("button", { type: "button", class: "button", t: key, on: { click: onClick } });
