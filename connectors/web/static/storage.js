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
