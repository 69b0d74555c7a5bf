/**
 * The message box: it grows with its text, keeps a draft through a reload, sends on Enter, and gives
 * a text back when sending fails. Knows nothing about the connection.
 */

import { keep, recall } from './storage.js';
import { say } from './strings.js';

export class Composer {
  limit = Infinity; // characters that the server takes

  /** `send({text, pictures})` says whether it took the message; only then is the box emptied. */
  constructor({ form, text, count, button, tray, send }) {
    Object.assign(this, { text, count, button, tray, send });
    text.value = recall('draft') ?? '';
    text.addEventListener('input', () => this.refresh());
    text.addEventListener('keydown', (event) => {
      // While an input method composes (Chinese, Japanese …), Enter chooses a word; 229 is Safari's way to say so.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.refresh();
  }

  /** Put back what could not be sent, before whatever was written since. */
  restore({ text, pictures }) {
    this.text.value = [text, this.text.value].filter(Boolean).join('\n');
    this.tray.add(pictures);
    this.refresh();
  }

  /** Bring the height, the draft, the counter and the button up to date. */
  refresh() {
    const { value } = this.text;
    keep('draft', value);
    this.text.style.height = 'auto';
    this.text.style.height = `${this.text.scrollHeight}px`;
    const over = value.trim().length - this.limit;
    this.count.hidden = over <= 0;
    if (over > 0) say(this.count, 'too_long', { n: over });
    this.text.setAttribute('aria-invalid', String(over > 0));
    this.button.disabled = over > 0 || !(value.trim() || this.tray.size);
  }

  #submit() {
    this.refresh();
    if (this.button.disabled) return;
    const text = this.text.value.trim();
    const pictures = this.tray.take();
    if (!this.send({ text, pictures })) {
      this.tray.add(pictures);
      return;
    }
    this.text.value = '';
    this.refresh();
  }
}
