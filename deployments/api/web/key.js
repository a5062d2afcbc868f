// Asks for the key when the service wants one; the page then starts again with it.

import { setKey } from "./api.js";
import { find, make } from "./dom.js";

export function setUp() {
  document.addEventListener("songdalle:key", ask);
}

function ask() {
  const dialog = find("ask");
  if (dialog.open) return;
  const field = make("input", { type: "password", id: "key", autocomplete: "current-password", maxlength: 200 });
  const form = make(
    "form",
    { class: "field" },
    make("label", { id: "ask-text", for: "key", t: "key.ask" }),
    field,
    make(
      "div",
      { class: "row" },
      make("button", { type: "button", class: "button", t: "key.later", on: { click: () => dialog.close() } }),
      make("button", { type: "submit", class: "button primary", t: "key.go" }),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    setKey(field.value.trim());
    location.reload();
  });
  dialog.replaceChildren(form);
  dialog.showModal();
}
