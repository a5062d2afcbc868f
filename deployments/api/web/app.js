// The page: switches of language and theme, and the view that the address names.

import * as compose from "./compose.js";
import * as drawing from "./drawing.js";
import { find } from "./dom.js";
import * as finder from "./finder.js";
import * as gallery from "./gallery.js";
import * as key from "./key.js";
import { language, say, sayAll, setLanguage, t } from "./language.js";
import * as ratings from "./ratings.js";
import { keep } from "./storage.js";

const VIEWS = ["draw", "gallery", "ratings"];
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function setUpSwitches() {
  const speech = find("language");
  const other = () => (language() === "ko" ? "en" : "ko");
  const name = () => {
    say(speech, "language.other");
    speech.lang = other();
  };
  speech.addEventListener("click", () => {
    setLanguage(other());
    name();
    entitle();
  });
  name();
  const theme = find("theme");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const show = () => theme.setAttribute("aria-pressed", isDark());
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    keep("theme", root.dataset.theme);
    show();
  });
  dark.addEventListener("change", show);
  show();
}

let view = "";

function route() {
  const [, first = "", second = ""] = location.hash.split("/");
  const id = first === "covers" && /^[0-9a-f]{32}$/.test(second) ? second : null;
  const wanted = VIEWS.includes(first) ? first : "draw";
  const moved = view !== "" && view !== wanted;
  view = wanted;
  for (const name of VIEWS) {
    find(`view-${name}`).hidden = name !== view;
    const link = document.querySelector(`.views [data-view=${name}]`);
    if (name === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  entitle();
  if (view === "gallery") gallery.open();
  else if (view === "ratings") ratings.open();
  else if (id) drawing.show(id);
  else if (first === "") drawing.idle();
  if (moved) {
    scrollTo(0, 0);
    find("main").focus({ preventScroll: true });
  }
}

function entitle() {
  document.title = view === "draw" ? "Song DALL-E" : `${t(`nav.${view}`)} · Song DALL-E`;
}

function setUpSkip() {
  const main = find("main");
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address names a view and stays
    main.focus();
  });
}

sayAll();
setUpSkip();
setUpSwitches();
compose.setUp(drawing.draw);
finder.setUp();
key.setUp();
addEventListener("hashchange", route);
route();
root.dataset.scripts = "here"; // first.js waits for it
