/** What the page keeps for this tab, by persona; it lives on where the browser refuses to store. */

const memory = new Map();
const scoped = (key) => `personac:${location.pathname}:${key}`;

export function recall(key) {
  try { return sessionStorage.getItem(scoped(key)); } catch { return memory.get(key) ?? null; }
}

export function keep(key, value) {
  memory.set(key, value);
  try {
    if (value === null || value === '') sessionStorage.removeItem(scoped(key));
    else sessionStorage.setItem(scoped(key), value);
  } catch { /* private mode: memory has it */ }
}
