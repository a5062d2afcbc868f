// A set's family: the set that it goes on from, and those that go on from it.

import { at, get, query } from "./api.js";
import { make } from "./dom.js";
import { say } from "./language.js";

const MOST = 12;

/** A section that shows itself once there is a family. */
export function family(set) {
  const list = make("ul", { class: "family-list" });
  const node = make(
    "section",
    { class: "family", "aria-labelledby": "family-heading", hidden: true },
    make("h3", { id: "family-heading", t: "family.heading" }),
    list,
  );
  fill(set, list).then((found) => (node.hidden = !found));
  return node;
}

async function fill(set, list) {
  const entries = [];
  if (set.parent) {
    const parent = await get(`/v1/covers/${set.parent.id}`).catch(() => null); // it may be deleted
    if (parent?.covers) entries.push(entry("family.parent", parent.id, parent.covers[0].url, parent.prompt));
  }
  const page = await get(`/v1/covers?${query({ parent: set.id, limit: MOST })}`).catch(() => ({ covers: [] }));
  entries.push(...page.covers.map((child) => entry("family.child", child.id, child.image_url, child.prompt)));
  list.replaceChildren(...entries);
  return entries.length > 0;
}

function entry(key, id, url, prompt) {
  const image = make("img", { src: at(url), width: 96, height: 96, loading: "lazy" });
  say(image, "family.alt", () => ({ prompt }), "alt");
  return make("li", {}, make("a", { href: `#/covers/${id}` }, image, make("span", { t: key })));
}
