// The five moods: their names, and how much of each a song has.

import { make } from "./dom.js";
import { known, percent, t } from "./language.js";

export const MOODS = ["Sadness", "Power", "Tension", "Joyful", "Calmness"];

export const moodName = (mood) => (known(`mood.${mood}`) ? t(`mood.${mood}`) : mood);

/** A bar a mood. The list itself says names and shares: it is its own text alternative. */
export function moodChart({ label, scores }) {
  return make(
    "ul",
    { class: "mood-chart", label: "mood.chart" },
    MOODS.filter((mood) => mood in scores).map((mood) =>
      make(
        "li",
        { "data-mood": mood, class: mood === label ? "leading" : null, vars: { "--share": scores[mood] } },
        make("span", { class: "mood-name", t: `mood.${mood}` }),
        make("span", { class: "mood-bar", "aria-hidden": "true" }),
        make("span", { class: "mood-share", t: ["mood.share", () => ({ share: percent(scores[mood]) })] }),
      ),
    ),
  );
}

/** A mood's name beside a dot of its colour. */
export function moodTag(mood) {
  return make("span", { class: "mood-tag", "data-mood": mood }, make("span", { t: `mood.${mood}` }));
}
