// What visitors said of the covers, in charts that are lists and tables: readable without seeing them.

import { get } from "./api.js";
import { find, make } from "./dom.js";
import { hush, known, number, percent, say } from "./language.js";
import { MOODS } from "./moods.js";

const MOST = 5;

/** Show the summary as it is now. */
export async function open() {
  const view = find("view-ratings");
  const status = make("p", { class: "hint", role: "status" });
  const charts = make("div", { class: "charts" });
  view.replaceChildren(
    make(
      "header",
      { class: "view-head" },
      make("div", {}, make("h1", { id: "ratings-heading", t: "ratings.heading" }), make("p", { class: "hint", t: "ratings.about" })),
    ),
    status,
    charts,
  );
  try {
    const summary = await get("/v1/ratings/summary");
    if (summary.count === 0) say(status, "ratings.none");
    else charts.append(...drawn(summary));
  } catch (error) {
    if (error.status) hush(status, error.message);
    else say(status, "problem.offline");
  }
}

function drawn({ count, satisfaction, favourites, mood_agreement, felt_moods, favourite_styles, by_style, by_mood }) {
  return [
    make(
      "dl",
      { class: "figures" },
      figure("ratings.count", () => number(count)),
      figure("ratings.satisfaction", () => number(satisfaction, 1)),
      figure("ratings.favourites", () => number(favourites)),
      figure("ratings.agreement", () => (mood_agreement === null ? "–" : percent(mood_agreement))),
    ),
    chart("ratings.matrix", "ratings.matrix.about", matrix(felt_moods)),
    chart("ratings.by_style", "ratings.scale", bars(by_style, "style")),
    chart("ratings.by_mood", "ratings.scale", bars(by_mood, "mood")),
    ...(Object.keys(favourite_styles).length
      ? [chart("ratings.favourite_styles", "ratings.favourite_styles.about", wishes(favourite_styles))]
      : []),
  ];
}

function figure(key, value) {
  return make("div", {}, make("dt", { t: key }), make("dd", { t: ["ratings.value", () => ({ value: value() })] }));
}

function chart(heading, about, body) {
  return make("section", { class: "chart" }, make("h2", { t: heading }), make("p", { class: "hint", t: about }), body);
}

/** Rows: the mood that was predicted; columns: the mood that was felt; dark: often. */
function matrix(counts) {
  const total = (row) => MOODS.reduce((sum, felt) => sum + (counts[row]?.[felt] ?? 0), 0);
  const head = MOODS.map((felt) => make("th", { scope: "col", "data-mood": felt }, make("span", { t: `mood.${felt}` })));
  const rows = MOODS.map((predicted) => {
    const all = total(predicted);
    const cells = MOODS.map((felt) => {
      const times = counts[predicted]?.[felt] ?? 0;
      const share = all ? times / all : 0;
      return make("td", {
        class: predicted === felt ? "same" : null,
        "data-mood": felt,
        vars: { "--share": share },
        t: ["ratings.value", () => ({ value: number(times) })],
      });
    });
    return make("tr", {}, make("th", { scope: "row", "data-mood": predicted }, make("span", { t: `mood.${predicted}` })), cells);
  });
  const table = make(
    "table",
    { class: "matrix" },
    make("thead", {}, make("tr", {}, make("td", { t: "ratings.matrix.corner" }), head)),
    make("tbody", {}, rows),
  );
  return make("div", { class: "scroller", tabindex: 0, role: "region", label: "ratings.matrix" }, table);
}

/** A bar from 1 to 5 for each row, with its mean and how many gave it. */
function bars(rows, kind) {
  const list = rows.map((row) => {
    const value = ["ratings.bar", () => ({ mean: number(row.satisfaction, 1), count: row.count })];
    return bar(kind, row.name || "none", (row.satisfaction - 1) / (MOST - 1), value);
  });
  return make("ul", { class: "bars" }, list);
}

/** A bar for each style, as long as it is often wanted. */
function wishes(counts) {
  const most = Math.max(...Object.values(counts));
  const list = Object.entries(counts).map(([name, count]) => bar("style", name, count / most, ["ratings.wish", { count }]));
  return make("ul", { class: "bars" }, list);
}

function bar(kind, name, share, value) {
  const key = `${kind}.${name}`;
  const label = make("span", { class: "meter-name" });
  if (known(key)) say(label, key);
  else label.textContent = name;
  return make(
    "li",
    { "data-mood": kind === "mood" ? name : null, vars: { "--share": share } },
    label,
    make("span", { class: "meter", "aria-hidden": "true" }),
    make("span", { class: "meter-value", t: value }),
  );
}
