/** The files of an export, fetched by who they are about and saved by the browser. */

import { headers } from './session.js';
import { say } from './strings.js';

/** A row of buttons that save what is kept of the user; `failed()` is called where one could not be fetched. */
export function downloads(language, failed) {
  const row = document.createElement('div');
  row.className = 'downloads';
  for (const kind of ['html', 'json']) {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', className: 'plain' });
    say(button, `download_${kind}`);
    button.addEventListener('click', () => save(kind, language).catch(failed));
    row.append(button);
  }
  return row;
}

async function save(kind, language) {
  const url = new URL(`api/me/files/${kind}?language=${encodeURIComponent(language)}`, document.baseURI);
  const answer = await fetch(url, { headers: headers() });
  if (!answer.ok) throw new Error(String(answer.status));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? `data.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
