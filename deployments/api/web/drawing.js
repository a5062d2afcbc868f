// The drawing that the page shows: starts it, follows it, cancels it, and asks for another round.

import { get, Refusal, remove } from "./api.js";
import * as compose from "./compose.js";
import { openCover } from "./cover.js";
import { announce, find } from "./dom.js";
import { hush, say } from "./language.js";
import { follow } from "./follow.js";
import { Result } from "./result.js";
import { keep, keptObject } from "./storage.js";

let current = null; // {id, result, controller, order, earlier, cancelling, lost, working}
let wanted = 0; // counts what was asked to be shown: a slow answer must not replace a later one

/** Draw an order; the address becomes the job's as soon as it has one.
 *  `earlier` is the set that it is another round of: it comes back if the order is refused. */
export function draw(order, earlier = null) {
  if (current?.working) return; // pressed twice
  const drawing = begin(order);
  drawing.earlier = earlier;
  run(drawing, { order });
  const { node } = drawing.result;
  const { top } = node.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) node.scrollIntoView(); // below the form on a phone, above after a scroll
}

/** Show a job or a finished set by its id, as the address says. */
export async function show(id) {
  if (current?.id === id) return;
  leave();
  hideProblem();
  const mine = wanted;
  try {
    const found = await get(`/v1/covers/${id}`);
    if (mine !== wanted) return;
    const finished = found.status === "done";
    const asked = keptObject("job"); // a job does not tell its title
    const order = finished ? { candidates: found.covers.length } : asked.id === id ? asked : { candidates: 0 };
    const drawing = begin({ ...order, ...found });
    drawing.id = id;
    if (finished) {
      settle(drawing, found);
    } else if (found.status === "failed" || found.status === "cancelled") {
      drawing.result.take("failed", found.error ?? { detail: found.status });
    } else {
      await run(drawing, { eventsUrl: found.events_url });
    }
  } catch (error) {
    if (mine !== wanted) return;
    blank();
    showProblem(error);
  }
}

/** The address names no job: one that is being drawn stays, a finished one makes room. */
export function idle() {
  if (!current?.working) blank();
}

/** Nothing to show but what the page explains to a newcomer. */
function blank() {
  leave();
  find("outcome").hidden = true;
  find("outcome").replaceChildren();
  find("blank").hidden = false;
}

/** Stop following; the job goes on and lands in the gallery. */
function leave() {
  current?.controller.abort();
  current = null;
  wanted += 1;
  busy(false);
}

function begin(order) {
  leave();
  hideProblem();
  const drawing = { id: null, order, controller: new AbortController(), cancelling: false, lost: false, working: false, earlier: null };
  drawing.result = new Result(order, {
    cancel: () => cancel(drawing),
    again: () => draw(drawing.order.lyrics ? onlyOrder(drawing.order) : { ...compose.choices(), lyrics: compose.lyrics() }),
    open: (set, rank) => openCover(set, rank, { round, onFavourite: (r, is) => drawing.result.sleeves.favour(r, is) }),
    round,
  });
  find("blank").hidden = true;
  find("outcome").replaceChildren(drawing.result.node);
  find("outcome").hidden = false;
  current = drawing;
  return drawing;
}

/** An order without what only an answer has. */
function onlyOrder({ lyrics, title, artist, seed, style, use_mood, mood, candidates, sentences, prompt, parent, ...rest }) {
  const { remove_profanity, remove_repeats } = rest;
  const all = { lyrics, title, artist, seed, style, use_mood, mood, candidates, sentences, prompt, parent, remove_profanity, remove_repeats };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

async function run(drawing, source) {
  const { result, controller } = drawing;
  drawing.working = true;
  busy(true);
  try {
    await follow(source, {
      signal: controller.signal,
      onConnection: (lost) => {
        drawing.lost = lost;
        result.connection(lost);
      },
      onEvent: (event, data) => taken(drawing, event, data),
    });
  } catch (error) {
    if (error.name === "AbortError" && controller.signal.aborted) return;
    result.failed(error.message);
    if (error instanceof Refusal && drawing.id === null) refused(drawing, error);
  } finally {
    drawing.working = false;
    if (current === drawing) busy(false);
  }
}

/** The service did not take the order: show what was there before, and why. */
function refused({ order, earlier }, error) {
  if (earlier === null) {
    blank();
    showProblem(error);
    return;
  }
  const drawing = begin({ ...earlier, candidates: earlier.covers.length });
  settle(drawing, earlier);
  history.replaceState(null, "", `#/covers/${earlier.id}`);
  drawing.result.rounds.refuse(order.prompt ?? earlier.prompt, error.message);
}

function taken(drawing, event, data) {
  if (event === "queued" && data.id && drawing.id === null) {
    drawing.id = data.id;
    const { title, artist, candidates } = drawing.order;
    keep("job", { id: data.id, title, artist, candidates });
    history.pushState(null, "", `#/covers/${data.id}`);
    if (drawing.cancelling) erase(drawing);
  }
  const unwelcome = event === "failed" && data.status === 422 && drawing.earlier !== null;
  if (unwelcome) refused(drawing, { message: data.detail });
  else if (event === "done") settle(drawing, data);
  else if (event === "failed" && drawing.cancelling) drawing.result.cancelled();
  else drawing.result.take(event, data);
}

function settle(drawing, set) {
  drawing.id = set.id;
  drawing.result.take("done", set);
  if (set.lyrics && compose.lyrics().trim() === "") compose.fill(set);
}

/** Cancel this job and no other. Without an id yet, as soon as it has one, or at once if nobody answers. */
function cancel(drawing) {
  drawing.cancelling = true;
  drawing.result.cancelButton.disabled = true;
  if (drawing.id !== null) erase(drawing);
  else if (drawing.lost) {
    drawing.controller.abort();
    drawing.result.cancelled();
  }
}

async function erase(drawing) {
  try {
    await remove(`/v1/covers/${drawing.id}?unfinished=true`);
    drawing.controller.abort();
    drawing.result.cancelled();
  } catch (error) {
    drawing.cancelling = false;
    drawing.result.cancelButton.disabled = false;
    announce("problem.cancel");
    say(drawing.result.status, "problem.cancel");
    if (error.status === 404) drawing.result.cancelled();
  }
}

/** Draw a finished set's song again, with what `changes` says, and the form's choices for the rest. */
function round(set, changes) {
  const lyrics = set.lyrics || compose.lyrics();
  if (lyrics.trim() === "") {
    showProblem(new Refusal({}, 0), "problem.nolyrics");
    return;
  }
  const { title, artist } = set;
  draw({ seed: null, parent: { id: set.id }, ...compose.choices(), lyrics, title, artist, ...changes }, set);
}

function busy(is) {
  const button = find("draw");
  say(button, is ? "compose.drawing" : "compose.draw");
  button.setAttribute("aria-disabled", is); // disabled, it would lose the keyboard's place
}

// ---- what went wrong before there was a job

function showProblem(error, key = null) {
  const box = find("problem");
  const said = document.createElement("p");
  if (key) say(said, key);
  else if (error.status === 401) say(said, "problem.key");
  else if (error.status === 0) say(said, "problem.offline");
  else hush(said, error.message);
  const fields = (error.errors ?? []).map(({ field, message }) => {
    const line = document.createElement("p");
    line.textContent = `${field}: ${message}`;
    return line;
  });
  box.replaceChildren(said, ...fields);
  box.hidden = false;
}

function hideProblem() {
  find("problem").hidden = true;
}
