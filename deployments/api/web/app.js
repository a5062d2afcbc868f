// The page: the view that the address names.

import * as compose from "./compose.js";
import * as drawing from "./drawing.js";
import { find } from "./dom.js";
import * as finder from "./finder.js";
import * as gallery from "./gallery.js";
import * as key from "./key.js";
import { sayAll, t } from "./language.js";
import * as ratings from "./ratings.js";
import { setUpSwitches } from "./switches.js";

const VIEWS = ["draw", "gallery", "ratings"];
const root = document.documentElement;

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
document.addEventListener("songdalle:language", entitle);
compose.setUp(drawing.draw);
finder.setUp();
key.setUp();
addEventListener("hashchange", route);
route();
root.dataset.scripts = "here"; // first.js waits for it
