// One job's events from the first to the last, over as many connections as it takes.

import { Refusal, request, token } from "./api.js";
import { readEvents } from "./sse.js";

const SILENCE_MS = 25_000; // heartbeats come every 10 s: two may be lost
const GIVE_UP_MS = 180_000;
const LONGEST_WAIT_MS = 8_000;
const LAST = new Set(["done", "failed"]);
// What a proxy or a restarting service says; anything else that is refused stays refused.
const PASSING = new Set([0, 408, 425, 429, 500, 502, 503, 504]);

/** Follow a new order, or a job that is there (`eventsUrl`).
 *
 * `onEvent(name, data)` gets each event, once; `onConnection(lost)` each loss and return of the connection.
 * Resolves after `done` or `failed`.
 * Throws a `Refusal` if the service refuses, or stays away; an AbortError if `signal` says so. */
export async function follow({ order, eventsUrl }, { onEvent, onConnection, signal }) {
  const idempotency = token(); // an order sent again after a loss is still one job
  let lastId = null;
  let lostAt = null;
  let tries = 0;
  let url = eventsUrl;

  function accept(connection) {
    const headers = {
      "Content-Type": "application/json",
      Prefer: "respond-async", // such a job is done even if this page is closed
      "Idempotency-Key": idempotency,
    };
    return request("/v1/covers", { method: "POST", headers, body: JSON.stringify(order), signal: connection });
  }

  function listen(connection) {
    const accept = { Accept: "text/event-stream" };
    const headers = lastId === null ? accept : { ...accept, "Last-Event-ID": lastId };
    return request(url, { headers, signal: connection });
  }

  function tell(event, data) {
    try {
      onEvent(event, data);
    } catch (bug) {
      reportError(bug); // a fault of the page is no fault of the connection
    }
  }

  for (;;) {
    const watch = watchdog(signal);
    try {
      if (!url) {
        const job = await (await accept(watch.signal)).json();
        tell(job.status === "done" ? "done" : "queued", job);
        if (job.status === "done") return;
        url = job.events_url;
      }
      const response = await listen(watch.signal);
      if (lostAt !== null) onConnection(false);
      lostAt = null;
      for await (const { id, event, data } of readEvents(response.body)) {
        watch.rest();
        if (event === "comment") continue;
        tries = 0;
        lastId = id || lastId;
        tell(event, JSON.parse(data));
        if (LAST.has(event)) return;
      }
      throw new Refusal({ detail: "" }, 0);
    } catch (error) {
      signal.throwIfAborted();
      const refused = error instanceof Refusal && error.status !== 0;
      const first = !url && lostAt === null && tries === 0;
      if (refused && (first || !PASSING.has(error.status))) throw error;
      lostAt ??= Date.now();
      if (Date.now() - lostAt > GIVE_UP_MS) throw error;
      onConnection(true);
      const wait = Math.min(LONGEST_WAIT_MS, 500 * 2 ** tries++);
      await pause(error.retryAfter ? error.retryAfter * 1000 : wait, signal);
    } finally {
      watch.stop();
    }
  }
}

/** A signal that aborts with the given one, or when nothing came for too long. */
function watchdog(signal) {
  const controller = new AbortController();
  const stop = () => controller.abort();
  signal.addEventListener("abort", stop, { once: true });
  let timer = setTimeout(stop, SILENCE_MS);
  return {
    signal: controller.signal,
    rest() {
      clearTimeout(timer);
      timer = setTimeout(stop, SILENCE_MS);
    },
    stop() {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      stop();
    },
  };
}

/** Wait, but not longer than until the network is back or `signal` aborts. */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const end = (settle) => () => {
      clearTimeout(timer);
      window.removeEventListener("online", back);
      signal.removeEventListener("abort", aborted);
      settle();
    };
    const back = end(resolve);
    const aborted = end(() => reject(signal.reason));
    const timer = setTimeout(back, ms);
    window.addEventListener("online", back);
    signal.addEventListener("abort", aborted);
  });
}
