/**
 * Who this browser is: by a cookie that no script reads, and inside another site's page, where there are no cookies, by
 * a signed token. Knows their way from the server and back; does not know what is said.
 */

import { keep, recall } from './storage.js';

export const embedded = location.pathname.endsWith('/embed');
// only who embeds may choose a session: a link that names one would bring people into somebody else's
const given = new URLSearchParams(parent === window ? '' : location.hash.slice(1));

/** The embedding page's wish, such as its language; null where it has none. */
export const wish = (key) => (embedded ? given.get(key) : null);

/** The token of this session; empty on the page of its own, which has a cookie. */
export const token = () => (embedded ? wish('token') || recall('token') || '' : '');

/** Have a cookie or a token; false where the server gives none, `locked` where one must log in first. */
export async function begin() {
  if (!embedded) return named();
  if (token()) return true;
  try {
    const answer = await fetch(new URL('api/session', document.baseURI), {
      method: 'POST', credentials: 'omit', headers: { 'Content-Type': 'application/json' }, body: '{}',
    });
    if (answer.ok) keep('token', (await answer.json()).token);
    return answer.ok || (answer.status === 401 && 'locked');
  } catch {
    return false;
  }
}

// a tab waits for the other: two that open at once would else be two users, one of whom nobody is any more
async function named() {
  const ask = () => fetch(new URL('name', document.baseURI), { method: 'POST' });
  try {
    // locks are for secure pages and this machine only; elsewhere tabs that open in the same moment are two users
    return (await (navigator.locks ? navigator.locks.request('personac name', ask) : ask())).ok;
  } catch {
    return false;
  }
}

/** Forget a token that the server does not take any more; false where no other can be had. */
export function drop() {
  keep('token', null);
  return embedded && !wish('token');
}

/** The headers that say who sends a request. */
export const headers = () => (token() ? { Authorization: `Bearer ${token()}` } : {});
