/**
 * The hold-to-talk button: by pointer, by Space or Enter, and by a screen reader's click (press to
 * start, press again to send). Knows nothing about what becomes of the recording.
 */

import { say } from './strings.js';

const SHORTEST = 300; // milliseconds held; less is a slip
const BYTES_A_SECOND = 32_000;
const LONGEST = 120; // seconds

export class Talk {
  #began = 0;
  #state = 'idle'; // idle, opening, recording, closing
  #attempt = 0;
  #clock = 0;
  limit = Infinity; // bytes that the server takes

  /** `allowed()` may refuse; `listening(on)`, `recorded({file, seconds})`, `slipped()`, `failed(reason)` hear what happens. */
  constructor({ button, words, time, microphone, allowed, listening, recorded, slipped, failed }) {
    Object.assign(this, { button, words, time, microphone, allowed, listening, recorded, slipped, failed });
    button.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      this.#begin('talk_now');
    });
    button.addEventListener('pointerup', () => this.#finish());
    button.addEventListener('pointercancel', () => this.#cancel());
    button.addEventListener('contextmenu', (event) => event.preventDefault());
    button.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#cancel();
      if (event.key !== ' ' && event.key !== 'Enter') return;
      event.preventDefault();
      if (!event.repeat) this.#begin('talk_now');
    });
    button.addEventListener('keyup', (event) => {
      if (event.key !== ' ' && event.key !== 'Enter') return;
      event.preventDefault();
      this.#finish();
    });
    button.addEventListener('blur', () => this.#cancel());
    button.addEventListener('click', (event) => {
      if (event.detail !== 0) return; // a pointer's click was handled above
      if (this.#state === 'idle') this.#begin('talk_press');
      else this.#finish();
    });
  }

  async #begin(words) {
    if (this.#state !== 'idle' || !this.allowed()) return;
    const attempt = ++this.#attempt;
    this.#began = performance.now();
    this.#set('opening', 'talk_open');
    try {
      await this.microphone.start((level) => this.#level(level));
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#set('idle', 'talk');
      this.failed(error.reason || 'failed');
      return;
    }
    if (attempt !== this.#attempt) return; // let go while the browser was asking
    this.#set('recording', words);
    this.#tick(performance.now());
  }

  async #finish() {
    if (this.#state !== 'opening' && this.#state !== 'recording') return;
    const early = this.#state === 'opening' || performance.now() - this.#began < SHORTEST;
    if (early) {
      this.#cancel();
      this.slipped();
      return;
    }
    this.#set('closing', 'talk');
    const sound = await this.microphone.stop().catch(() => null);
    this.#set('idle', 'talk');
    if (!sound) this.failed('failed');
    else if (sound.seconds * 1000 < SHORTEST / 2) this.slipped();
    else this.recorded(sound);
  }

  #cancel() {
    if (this.#state !== 'opening' && this.#state !== 'recording') return;
    this.#attempt += 1;
    this.microphone.cancel();
    this.#set('idle', 'talk');
  }

  #set(state, words) {
    const was = this.#state;
    this.#state = state;
    this.button.dataset.state = state;
    say(this.words, words);
    if (state !== 'recording') {
      clearTimeout(this.#clock);
      this.time.textContent = '';
      this.#level(0);
    }
    if ((was === 'recording') !== (state === 'recording')) this.listening(state === 'recording');
  }

  #level(level) { this.button.style.setProperty('--level', level.toFixed(3)); }

  #tick(since) {
    const seconds = (performance.now() - since) / 1000;
    this.time.textContent = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
    if (seconds >= Math.min(LONGEST, this.limit / BYTES_A_SECOND - 1)) this.#finish();
    else this.#clock = setTimeout(() => this.#tick(since), 250);
  }
}
