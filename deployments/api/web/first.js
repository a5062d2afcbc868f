// Runs before the page is painted, so that it does not flash in the wrong theme or language.
(() => {
  const root = document.documentElement;
  const kept = (name) => {
    try {
      return localStorage.getItem(`songdalle.${name}`);
    } catch {
      return null; // storage is switched off: the system's settings hold
    }
  };
  const theme = kept("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const language = kept("language") ?? navigator.language.slice(0, 2);
  root.lang = language === "ko" ? "ko" : "en";

  // Whoever is quicker than the page's scripts, or waits for one that never comes, is told.
  root.dataset.scripts = "coming";
  const late = () => {
    if (root.dataset.scripts !== "here") root.dataset.scripts = "late";
  };
  const early = (event) => {
    const pressed = event.type === "submit" || event.target.closest("button");
    if (root.dataset.scripts === "here" || !pressed) return;
    event.preventDefault();
    late();
  };
  addEventListener("submit", early, true);
  addEventListener("click", early, true);
  addEventListener("error", (event) => event.target instanceof HTMLScriptElement && late(), true);
})();
