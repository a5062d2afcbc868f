// The switches of language and theme in the bar.

import { find } from "./dom.js";
import { language, say, setLanguage } from "./language.js";
import { keep } from "./storage.js";

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

export function setUpSwitches() {
  const speech = find("language");
  const other = () => (language() === "ko" ? "en" : "ko");
  const name = () => {
    say(speech, "language.other");
    speech.lang = other();
  };
  speech.addEventListener("click", () => {
    setLanguage(other());
    name();
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
