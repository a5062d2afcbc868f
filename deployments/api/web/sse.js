// Server-sent events out of a response's body: `EventSource` cannot POST.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

/** Yields `{id, event, data}`; comments (heartbeats) as `{event: "comment"}`. */
export async function* readEvents(body) {
  let event = { id: "", event: "", data: [] };
  for await (const line of readLines(body)) {
    if (line === "") {
      if (event.data.length) yield { ...event, event: event.event || "message", data: event.data.join("\n") };
      event = { id: event.id, event: "", data: [] };
      continue;
    }
    const colon = line.indexOf(":");
    if (colon === 0) {
      yield { event: "comment" };
      continue;
    }
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") event.data.push(value);
    else if (field === "event") event.event = value;
    else if (field === "id" && !value.includes("\0")) event.id = value;
  }
}

/** Lines that end in CR LF, LF or CR; an unfinished last one is dropped, as the standard says. */
async function* readLines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      rest += value;
      const whole = rest.endsWith("\r") ? rest.length - 1 : rest.length; // its LF may come next
      const lines = rest.slice(0, whole).split(/\r\n|\n|\r/);
      rest = lines.pop() + rest.slice(whole);
      yield* lines;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
