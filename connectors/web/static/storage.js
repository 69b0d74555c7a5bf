/**
 * What the page keeps for this tab, by persona. Where the browser refuses to store for a page inside another site's,
 * that site's widget keeps it and hands it over when the page is loaded anew; else it lives as long as the page.
 */

const framed = parent !== window;
const handed = framed && new URLSearchParams(location.hash.slice(1)).get('kept');
const memory = new Map(handed ? Object.entries(JSON.parse(handed)) : []);
const scoped = (key) => `personac:${location.pathname}:${key}`;

export function recall(key) {
  try { return sessionStorage.getItem(scoped(key)); } catch { return memory.get(key) ?? null; }
}

/** Let go of everything but how the page is to look and sound, and by what token the browser is known. */
export function wipe() {
  const kept = ['language', 'muted', 'token'].map((key) => [key, recall(key)]);
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(scoped(''))) sessionStorage.removeItem(key);
  } catch { memory.clear(); }
  for (const [key, value] of kept) keep(key, value);
}

export function keep(key, value) {
  try {
    if (value === null || value === '') sessionStorage.removeItem(scoped(key));
    else sessionStorage.setItem(scoped(key), value);
  } catch {
    if (value === null || value === '') memory.delete(key);
    else memory.set(key, value);
    // only pages that the persona allows can have this one in a frame, so only they hear it
    if (framed) parent.postMessage({ personac: 'keep', kept: JSON.stringify(Object.fromEntries(memory)) }, '*');
  }
}
