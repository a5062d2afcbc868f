// "Make the sleeve": title, artist and layout of one cover, shown small and saved as stores take it.

import { request, saveBlob } from "./api.js";
import { find, icon, make } from "./dom.js";
import { hush, number, say, t } from "./language.js";

const CLOSE = "m5 5 10 10M15 5 5 15";
const LAYOUTS = ["headline", "corner", "centred", "split", "none"];
const SHOWN = 1000; // pixels of the sleeve that is looked at
const SAVED = 3000;
const MAX_NAME = 200;
const MAX_TRACKS = 40;

/** Open the dialog for a cover of a set. */
export function openRelease(set, cover) {
  const dialog = find("release-dialog");
  const image = make("img", { class: "large", width: 512, height: 512, hidden: true });
  const title = make("input", { id: "release-title", maxlength: MAX_NAME, value: set.title ?? "" });
  say(image, "release.alt", () => ({ title: title.value }), "alt");
  const artist = make("input", { id: "release-artist", maxlength: MAX_NAME, value: set.artist ?? "" });
  const layout = make(
    "select",
    { id: "release-layout" },
    ["", ...LAYOUTS].map((name) => make("option", { value: name, t: `release.layout.${name || "seed"}` })),
  );
  const tracks = make("textarea", { id: "release-tracks", rows: 4, spellcheck: "false" });
  const notice = make("input", { type: "checkbox", id: "release-notice", checked: true, "aria-describedby": "release-notice-hint" });
  const status = make("p", { class: "hint", role: "status", id: "release-status" });
  const fields = { title, artist, layout, tracks, notice };
  const errors = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const about = field.getAttribute("aria-describedby");
      field.setAttribute("aria-describedby", [about, `release-${name}-error`].filter(Boolean).join(" "));
      return [name, make("p", { class: "wrong", id: `release-${name}-error`, hidden: true })];
    }),
  );
  const buttons = [
    action("release.show", "button", () => look("front")),
    action("release.front", "button primary", () => download("front")),
    action("release.back", "button", () => download("back")),
  ];
  let shown = "";
  let asked = null;

  const order = (face, size) => ({
    size,
    face,
    title: title.value,
    artist: artist.value,
    layout: layout.value || null,
    notice: notice.checked,
    ...(face === "back" ? { tracks: lines(tracks.value) } : {}),
  });

  async function ask(face, size) {
    for (const [name, note] of Object.entries(errors)) {
      note.hidden = true;
      fields[name].removeAttribute("aria-invalid");
    }
    if (face === "back" && lines(tracks.value).length > MAX_TRACKS) {
      say(errors.tracks, "release.tracks.many", { most: MAX_TRACKS });
      return refuse("tracks");
    }
    if (face === "back" && lines(tracks.value).length === 0) {
      say(errors.tracks, "release.tracks.none");
      return refuse("tracks");
    }
    asked?.abort();
    asked = new AbortController();
    say(status, "release.busy");
    buttons.forEach((button) => (button.disabled = true));
    try {
      const response = await request(`/v1/covers/${set.id}/images/${cover.rank}/release`, {
        method: "POST",
        body: JSON.stringify(order(face, size)),
        headers: { "Content-Type": "application/json" },
        signal: asked.signal,
      });
      const facts = JSON.parse(response.headers.get("X-Release") ?? "{}");
      return { blob: await response.blob(), facts };
    } catch (error) {
      if (error.name === "AbortError") return null;
      say(status, "empty");
      const [first] = (error.errors ?? []).filter((one) => one.field in fields);
      if (first) {
        hush(errors[first.field], first.message);
        return refuse(first.field);
      }
      if (error.status) hush(status, error.message);
      else say(status, "problem.offline");
      return null;
    } finally {
      buttons.forEach((button) => (button.disabled = false));
    }
  }

  function refuse(name) {
    errors[name].hidden = false;
    fields[name].setAttribute("aria-invalid", "true");
    fields[name].focus();
    return null;
  }

  async function look(face) {
    const made = await ask(face, SHOWN);
    if (!made) return;
    URL.revokeObjectURL(shown);
    shown = URL.createObjectURL(made.blob);
    image.src = shown;
    image.hidden = false;
    say(status, "release.shown", () => ({ layout: t(`release.layout.${made.facts.layout}`) }));
    buttons[0].focus();
  }

  async function download(face) {
    const made = await ask(face, SAVED);
    if (!made) return;
    saveBlob(made.blob, `sleeve-${set.id.slice(0, 8)}-${cover.rank}-${face}.jpg`);
    const facts = () => ({ size: made.facts.size, megabytes: number(made.facts.bytes / 1e6, 1) });
    say(status, made.facts.notice === "visible" ? "release.saved" : "release.saved.unmarked", facts);
  }

  const field = (name, control, hint) =>
    make(
      "div",
      { class: "field" },
      make("label", { for: control.id, t: `release.${name}` }),
      control,
      hint ? make("p", { class: "hint", t: hint }) : null,
      errors[name],
    );

  dialog.replaceChildren(
    make(
      "div",
      { class: "cover-bar" },
      make("h2", { id: "release-heading", t: ["release.heading", { rank: cover.rank }] }),
      make("button", { type: "button", class: "switch icon", label: "cover.close", on: { click: () => dialog.close() } }, icon(CLOSE)),
    ),
    make(
      "form",
      { class: "cover-body", on: { submit: (event) => event.preventDefault() } },
      make("figure", { class: "cover-picture" }, image, make("figcaption", { t: "disclosure.after" })),
      make(
        "div",
        { class: "cover-side" },
        field("title", title, "release.exactly"),
        field("artist", artist),
        field("layout", layout),
        field("tracks", tracks, "release.tracks.hint"),
        make(
          "div",
          { class: "field" },
          make("label", { class: "check", for: "release-notice" }, notice, make("span", { t: "release.notice" })),
          make("p", { class: "hint", id: "release-notice-hint", t: "release.notice.hint" }),
          errors.notice,
        ),
        status,
        make("div", { class: "actions" }, buttons),
      ),
    ),
  );
  dialog.addEventListener(
    "close",
    () => {
      asked?.abort();
      URL.revokeObjectURL(shown);
    },
    { once: true },
  );
  dialog.showModal();
  look("front");
}

const lines = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

const action = (key, style, onClick) =>
  make("button", { type: "button", class: style, t: key, on: { click: onClick } });
