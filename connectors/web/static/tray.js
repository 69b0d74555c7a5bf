/**
 * The pictures chosen for the next message: by button, by paste, by drop; each a chip that can be
 * taken away again. Knows nothing about sending.
 */

import { name, word } from './strings.js';

const MOST = 10; // pictures that the server takes in one message

export class Tray {
  #files = new Map(); // file → its chip
  limit = Infinity; // bytes that the server takes in one picture

  /** `refuse(key, values)` tells why a file was left out; `changed()` hears every change. */
  constructor({ list, button, input, curtain, refuse, changed }) {
    Object.assign(this, { list, refuse, changed });
    button.addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      this.add(input.files);
      input.value = '';
    });
    addEventListener('paste', (event) => {
      const files = event.clipboardData?.files ?? [];
      if (!files.length) return;
      event.preventDefault();
      this.add(files);
    });
    this.#acceptDrops(curtain);
  }

  get size() { return this.#files.size; }

  add(files) {
    for (const file of files) {
      if (!file.type.startsWith('image/')) this.refuse('not_picture', { name: file.name });
      else if (file.size > this.limit) this.refuse('too_big', { name: file.name, bytes: file.size, limit: this.limit });
      else if (this.#files.size >= MOST) this.refuse('too_many', { name: file.name, most: MOST });
      else this.#files.set(file, this.#chip(file));
    }
    this.#show();
  }

  /** Hand over the pictures and be empty. */
  take() {
    const files = [...this.#files.keys()];
    for (const chip of this.#files.values()) URL.revokeObjectURL(chip.querySelector('img').src);
    this.#files.clear();
    this.#show();
    return files;
  }

  #chip(file) {
    const chip = document.createElement('li');
    chip.className = 'chip';
    const image = new Image();
    image.src = URL.createObjectURL(file);
    image.alt = file.name;
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.className = 'remove';
    remove.textContent = '×';
    name(remove, 'remove', { name: file.name || word('picture_of') });
    remove.addEventListener('click', () => {
      URL.revokeObjectURL(image.src);
      this.#files.delete(file);
      this.#show();
    });
    chip.append(image, remove);
    return chip;
  }

  #show() {
    this.list.replaceChildren(...this.#files.values());
    this.list.hidden = this.#files.size === 0;
    this.changed();
  }

  #acceptDrops(curtain) {
    const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
    addEventListener('dragover', (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      curtain.hidden = false;
    });
    addEventListener('dragleave', (event) => { if (!event.relatedTarget) curtain.hidden = true; });
    addEventListener('drop', (event) => {
      curtain.hidden = true;
      if (!carriesFiles(event)) return;
      event.preventDefault();
      this.add(event.dataTransfer.files);
    });
  }
}
