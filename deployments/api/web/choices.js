// Groups of chips, of which one is chosen: radio buttons, so that keys and screen readers know them.

import { make } from "./dom.js";

/** Fill `container` with a chip for each `{value, key, mood?}`; `onChange(value)` after a choice. */
export function chips(container, name, options, onChange) {
  container.replaceChildren(
    ...options.map(({ value, key, mood }) => {
      const input = make("input", { type: "radio", name, value });
      input.addEventListener("change", () => onChange?.(value));
      return make("label", { class: "chip", "data-mood": mood }, input, make("span", { t: key }));
    }),
  );
}

export const chosen = (container) => container.querySelector("input:checked")?.value ?? "";

/** Choose a value; false if there is no such chip. */
export function choose(container, value) {
  const inputs = [...container.querySelectorAll("input")];
  const input = inputs.find((one) => one.value === value);
  if (input) input.checked = true;
  return input !== undefined;
}
