/** Send bytes ahead of the message that names them. */

import { headers } from './session.js';

/** An upload that did not work; `message` is the server's own plain words, or empty. */
export class UploadError extends Error {}

/** POST the bytes; give the id that the server chose. */
export async function upload(blob) {
  let response;
  try {
    response = await fetch(new URL('media', document.baseURI), {
      method: 'POST', body: blob, headers: { 'Content-Type': blob.type || 'application/octet-stream', ...headers() },
    });
  } catch {
    throw new UploadError('');
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok || !answer.id) throw new UploadError(answer.message || '');
  return answer.id;
}
