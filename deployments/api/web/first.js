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
})();
