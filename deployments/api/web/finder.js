// Lyrics by title: search, choose, and the song is in the form.

import { get, query } from "./api.js";
import { fill } from "./compose.js";
import { find, make } from "./dom.js";
import { hush, say } from "./language.js";

export function setUp() {
  const field = find("find-query");
  find("find-go").addEventListener("click", search);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // Enter would draw
    search();
  });
}

let latest = 0;

async function search() {
  const wanted = find("find-query").value.trim();
  const status = find("find-status");
  const mine = ++latest;
  find("found").replaceChildren();
  if (wanted === "") {
    find("find-query").focus();
    return;
  }
  say(status, "find.busy");
  try {
    const { songs } = await get(`/v1/songs?${query({ q: wanted })}`);
    if (mine !== latest) return;
    say(status, songs.length ? "find.found" : "find.none", { count: songs.length });
    find("found").replaceChildren(...songs.map(entry));
  } catch (error) {
    if (mine !== latest) return;
    if (error.status === 404) say(status, "find.off");
    else failed(error);
  }
}

function entry(song) {
  const about = [song.artist, song.album, song.seconds ? duration(song.seconds) : null];
  const button = make(
    "button",
    { type: "button", on: { click: () => take(song, button) } },
    make("strong", { text: song.title }),
    make("span", { text: about.filter(Boolean).join(" · ") }),
  );
  return make("li", {}, button);
}

const duration = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, "0")}`;

async function take(song, button) {
  button.disabled = true;
  try {
    const { lyrics } = await get(`/v1/songs/${encodeURIComponent(song.id)}`);
    if (!lyrics) {
      say(find("find-status"), "find.nolyrics");
      return;
    }
    fill({ title: song.title, artist: song.artist ?? "", lyrics });
    find("found").replaceChildren();
    say(find("find-status"), "find.taken");
    find("finder").open = false;
    find("lyrics").focus();
  } catch (error) {
    failed(error);
  } finally {
    button.disabled = false;
  }
}

function failed(error) {
  const status = find("find-status");
  if (error.status) hush(status, error.message);
  else say(status, "problem.offline");
}
