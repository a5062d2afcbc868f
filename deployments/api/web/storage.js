// What the browser keeps for the next visit; everything works without it.

const PREFIX = "songdalle.";

export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, typeof value === "string" ? value : JSON.stringify(value));
  } catch {
    // Full or switched off: nothing that a visitor could do about it.
  }
}

export function kept(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** A kept object; an empty one if there is none or it is damaged. */
export function keptObject(name) {
  try {
    const value = JSON.parse(kept(name) ?? "{}");
    return value !== null && typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}
