// Elements. Texts become text nodes and never markup, whoever wrote them.

import { say } from "./language.js";

const SVG = "http://www.w3.org/2000/svg";

export const find = (id) => document.getElementById(id);

/** An element. Options are attributes, but for: `t` (name of a text, or [name, values]), `label` (the same,
 *  as aria-label), `text`, `on` (listeners by event), `vars` (CSS variables by name). */
export function make(tag, options = {}, ...children) {
  return build(document.createElement(tag), options, children);
}

/** The same for SVG. */
export function makeSvg(tag, options = {}, ...children) {
  return build(document.createElementNS(SVG, tag), options, children);
}

function build(node, { t, label, text, on = {}, vars = {}, ...attributes }, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  for (const [name, listener] of Object.entries(on)) node.addEventListener(name, listener);
  for (const [name, value] of Object.entries(vars)) node.style.setProperty(name, value);
  if (text !== undefined) node.textContent = text;
  if (t !== undefined) say(node, ...[t].flat());
  if (label !== undefined) {
    const [key, values] = [label].flat();
    say(node, key, values, "aria-label");
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** An icon of one path, for eyes only. */
export function icon(path, size = 20) {
  return makeSvg(
    "svg",
    { viewBox: `0 0 ${size} ${size}`, class: "icon-shape", "aria-hidden": "true", focusable: "false" },
    makeSvg("path", { d: path }),
  );
}

let clearing = 0;

/** Let a screen reader say a text of the dictionary. */
export function announce(key, values) {
  const node = find("announcer");
  say(node, key, values);
  clearTimeout(clearing);
  clearing = setTimeout(() => say(node, "empty"), 8000); // or it is read again when one walks the page
}

/** Ask before something that cannot be undone; true if the visitor agrees. */
export function confirmed(key, action, values) {
  const dialog = find("ask");
  return new Promise((resolve) => {
    const answer = (value) => () => dialog.close(value);
    dialog.replaceChildren(
      make("p", { id: "ask-text", t: [key, values] }),
      make(
        "div",
        { class: "row" },
        make("button", { type: "button", class: "button", t: "ask.no", on: { click: answer("") } }),
        make("button", { type: "button", class: "button danger", t: action, on: { click: answer("yes") } }),
      ),
    );
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}
