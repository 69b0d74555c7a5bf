/** The line at the foot (connection, parts still loading) and the word under the name (what the persona does). */

import { say, word } from './strings.js';

const PARTS = ['text', 'speech', 'pictures', 'voice'];

export class Status {
  #connection = 'connecting';
  #ready = {};
  #mood = {};

  constructor({ line, retry, mood }) {
    Object.assign(this, { line, retry, mood });
    this.refresh();
  }

  /** connecting, open, lost, or locked (one must log in first). */
  connection(state) {
    // A new attempt after a loss is no news: the line goes on saying "lost" until it works.
    if (!(state === 'connecting' && this.#connection === 'lost')) this.#connection = state;
    this.refresh();
  }

  /** `ready` by part: true, false while loading; a part that is absent does not exist. */
  ready(ready) {
    this.#ready = ready;
    this.refresh();
  }

  /** What goes on: {thinking, speaking, listening}. */
  doing(mood) {
    Object.assign(this.#mood, mood);
    this.refresh();
  }

  refresh() {
    const lost = this.#connection === 'lost';
    const locked = this.#connection === 'locked';
    this.retry.hidden = !lost;
    const loading = PARTS.filter((part) => this.#ready[part] === false);
    if (locked) this.#show('locked', {}, 'lost');
    else if (this.#connection !== 'open') this.#show(lost ? 'lost' : 'connecting', {}, lost ? 'lost' : 'busy');
    else if (loading.length) {
      const parts = loading.map((part) => word(`part_${part}`)).join(word('comma'));
      this.#show(loading.includes('text') ? 'loading_all' : 'loading', { parts }, 'busy');
    } else this.#show('', {}, 'calm');
    const { listening, speaking, thinking } = this.#mood;
    const now = this.#connection !== 'open' ? (lost || locked ? 'away' : 'waking')
      : listening ? 'listening' : speaking ? 'speaking' : thinking ? 'thinking' : 'ready';
    this.mood.dataset.mood = now;
    say(this.mood, `mood_${now}`);
  }

  #show(key, values, kind) {
    this.line.dataset.kind = kind;
    const text = key ? word(key, values) : '';
    if (this.line.textContent !== text) this.line.textContent = text; // a screen reader speaks only what is new
  }
}
