// Requests to the service and its problem objects (RFC 9457).

import { kept, keep } from "./storage.js";

/** The service answered with a problem, or (`status` 0) not at all. */
export class Refusal extends Error {
  constructor(problem, status, retryAfter = null) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.status = status;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
    this.requestId = problem.request_id ?? "";
  }
}

/** The key that an operator may ask for; empty in an open service. */
export const key = () => kept("key") ?? "";
export const setKey = (value) => keep("key", value || null);

/** A path of the service as seen from this page: the service may stand below a prefix, which the page's own
 *  address has, whether the service knows of it or a proxy hides it. */
export const at = (path) => path.slice(path.indexOf("/v1/") + 1);

/** `fetch` with the key; a problem becomes a `Refusal`. */
export async function request(path, options = {}) {
  const headers = new Headers(options.headers);
  if (key()) headers.set("Authorization", `Bearer ${key()}`);
  let response;
  try {
    response = await fetch(at(path), { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal({ detail: error.message }, 0);
  }
  if (response.status === 401) document.dispatchEvent(new Event("songdalle:key"));
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response) {
  const problem = await response.json().catch(() => ({}));
  const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new Refusal(problem ?? {}, response.status, Number.isFinite(wait) ? wait : null);
}

/** A JSON answer. */
export async function get(path, signal) {
  return (await request(path, { signal })).json();
}

export async function put(path, body) {
  await send("PUT", path, body);
}

/** Send JSON and get JSON. */
export async function post(path, body) {
  return (await send("POST", path, body)).json();
}

function send(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  return request(path, { method, body: JSON.stringify(body), headers });
}

export async function remove(path) {
  await request(path, { method: "DELETE" });
}

/** Query parameters, without those that are empty. */
export function query(values) {
  const kept = Object.entries(values).filter(([, value]) => value !== "" && value != null);
  return new URLSearchParams(kept).toString();
}

/** 32 hexadecimal digits of chance; `crypto.randomUUID` needs HTTPS, this does not. */
export function token() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Save a file of the service under a name. It is fetched, as a link sends no key and shows no problem. */
export async function save(url, name) {
  saveBlob(await (await request(url)).blob(), name);
}

/** Save a file that was fetched. */
export function saveBlob(blob, name) {
  const anchor = document.createElement("a");
  anchor.download = name;
  anchor.href = URL.createObjectURL(blob);
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 60_000);
}
