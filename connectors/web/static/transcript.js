/**
 * The conversation on the page: bubbles, captions, notices. All text from elsewhere goes in as
 * textContent. Knows nothing about the connection or the voice.
 */

import { downloads } from './downloads.js';
import { fold } from './sources.js';
import { guess, name, say } from './strings.js';

const NEAR = 80; // pixels from the end that still count as "reading the newest"

export class Transcript {
  #users = new Map(); // message id → the user's bubble
  #answers = new Map(); // message id → the persona's bubble
  #pinned = true;
  persona = '';
  choose = () => false; // what a choice does: true where it was sent

  constructor({ log, jump }) {
    Object.assign(this, { log, jump });
    log.addEventListener('scroll', () => {
      this.#pinned = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
      jump.hidden = this.#pinned;
    }, { passive: true });
    jump.addEventListener('click', () => this.#follow(true));
    new ResizeObserver(() => this.#follow()).observe(log);
  }

  get empty() { return !this.log.querySelector('.bubble:not(.greeting)'); }

  clear() {
    this.log.replaceChildren();
    this.#users.clear();
    this.#answers.clear();
  }

  /** The user's message; `pictures` are URLs, `spoken` says that its words are still to be heard. */
  user({ id, text, language, pictures = [], spoken = false }) {
    for (const row of this.log.querySelectorAll('.offered')) row.remove(); // they were of the question before
    const bubble = this.#bubble('user', id);
    if (pictures.length) bubble.prepend(gallery(pictures));
    this.#users.set(id, bubble);
    if (spoken) {
      bubble.classList.add('spoken', 'pending');
      say(part(bubble), 'heard_pending');
    } else this.#write(bubble, text, language);
    this.#follow(true);
  }

  /** A place for the answer that is being made. */
  waiting(id) {
    const bubble = this.#bubble('persona', id);
    bubble.classList.add('waiting');
    bubble.setAttribute('aria-busy', 'true'); // a screen reader waits for the whole answer
    this.#answers.set(id, bubble);
    this.#follow(true);
  }

  answering(id) {
    return this.#answers.has(id);
  }

  /** A whole answer from before, or the greeting. */
  told({ id, text, language, greeting = false }) {
    const bubble = this.#bubble('persona', id);
    bubble.classList.add('done');
    bubble.classList.toggle('greeting', greeting);
    this.#write(bubble, text, language);
    this.#follow();
  }

  greet(text, language) {
    const bubble = this.log.querySelector('.greeting');
    if (bubble) this.#write(bubble, text, language);
    else this.told({ id: 'greeting', text, language, greeting: true });
  }

  heard(id, text, language) {
    const bubble = this.#users.get(id);
    if (!bubble || !(text || bubble.classList.contains('pending'))) return;
    bubble.classList.remove('pending');
    if (text) this.#write(bubble, text, language);
    else say(part(bubble), 'heard_nothing');
    this.#follow();
  }

  seen(id, text, labels = []) {
    const bubble = this.#users.get(id);
    const caption = [labels.join(', '), text].filter(Boolean).join('\n');
    if (!bubble || !caption) return;
    const line = bubble.querySelector('.caption') ?? bubble.appendChild(element('p', 'caption'));
    line.textContent = caption;
    line.lang = guess(caption);
    this.#follow();
  }

  append(id, delta) {
    const bubble = this.#answers.get(id);
    if (!bubble || bubble.classList.contains('done')) return;
    bubble.classList.remove('waiting');
    const text = part(bubble);
    const words = element('span', 'words');
    words.textContent = delta;
    text.append(words);
    text.lang = guess(text.textContent);
    this.#follow();
  }

  /** Take back the words of an answer that is told once more. */
  clearWords(id) {
    const bubble = this.#answers.get(id);
    if (bubble && !bubble.classList.contains('done')) part(bubble).replaceChildren();
  }

  reply(id, reply) {
    const bubble = this.#answers.get(id);
    if (!bubble) return;
    bubble.classList.remove('waiting');
    if (part(bubble).textContent !== reply.text) this.#write(bubble, reply.text, reply.language);
    part(bubble).lang = reply.language || guess(reply.text);
    const details = fold(reply);
    bubble.querySelector('details')?.remove();
    bubble.querySelectorAll('.offered, .downloads').forEach((row) => row.remove());
    if (reply.skill === 'personac.export') {
      bubble.append(downloads(reply.language, () => this.notice({ key: 'download_failed', tone: 'warn' })));
    }
    bubble.querySelectorAll('.shown, .cards').forEach((each) => each.remove());
    bubble.append(...(reply.media ?? []).map((media) => this.#picture(media)).filter(Boolean));
    if (reply.cards?.length) {
      const row = element('div', 'cards');
      row.append(...reply.cards.map((card) => this.#card(card, reply.language)));
      bubble.append(row);
    }
    if (reply.choices?.length) bubble.append(this.#offer(reply.choices, reply.language));
    if (details) bubble.append(details);
    details?.addEventListener('toggle', () => this.#follow());
    this.#follow();
  }

  /** The answer is over; `key` says why where it is not whole. An empty one is replaced by that word. */
  done(id, key = '') {
    const bubble = this.#answers.get(id);
    if (!bubble) return;
    const empty = bubble.classList.contains('waiting');
    bubble.classList.remove('waiting');
    bubble.removeAttribute('aria-busy');
    bubble.classList.add('done');
    if (empty && !key) bubble.parentElement.remove();
    else if (key) say(bubble.appendChild(element('p', 'remark')), key);
    this.#follow();
  }

  /** Mark a user's message as not delivered, with a button to try again. */
  undelivered(id, again) {
    const bubble = this.#users.get(id);
    if (!bubble) return;
    bubble.classList.add('unsent');
    const line = element('p', 'remark');
    const button = element('button', 'link');
    button.type = 'button';
    say(button, 'again');
    button.addEventListener('click', () => { if (again()) this.remove(id); });
    const reason = element('span');
    say(reason, 'unsent');
    line.append(reason, button);
    bubble.append(line);
    this.done(id);
    this.#follow();
  }

  remove(id) {
    for (const bubbles of [this.#users, this.#answers]) {
      bubbles.get(id)?.parentElement?.remove();
      bubbles.delete(id);
    }
  }

  /** A gentle line between the bubbles: the interface's own words by key, or the server's text. */
  notice({ key, values, text, tone = 'calm' }) {
    const line = element('p', `notice ${tone}`);
    if (key) say(line, key, values);
    else Object.assign(line, { textContent: text, lang: guess(text) });
    if (this.log.lastElementChild?.textContent === line.textContent) return; // said just now
    this.log.append(line);
    this.#follow(true);
  }

  #picture({ kind, mime, name, data }) {
    if (kind !== 'image' || !/^image\/(png|jpeg|gif|webp|svg\+xml)$/.test(mime)) return null;
    const picture = element('img', 'shown');
    picture.src = `data:${mime};base64,${data}`;
    picture.alt = name;
    picture.addEventListener('load', () => this.#follow());
    return picture;
  }

  /** A card of a plugin: texts and a picture, never markup. */
  #card({ title, text, facts, picture, link }, language) {
    const card = element('section', 'card');
    card.lang = language || guess(title);
    const shown = picture && this.#picture(picture);
    if (shown) card.append(shown);
    card.append(Object.assign(element('h3'), { textContent: title }));
    if (text) card.append(Object.assign(element('p'), { textContent: text }));
    if (facts.length) {
      const list = element('dl');
      for (const [name, value] of facts) {
        list.append(Object.assign(element('dt'), { textContent: name }), Object.assign(element('dd'), { textContent: value }));
      }
      card.append(list);
    }
    if (/^https:/.test(link)) {
      const open = element('a');
      Object.assign(open, { href: link, target: '_blank', rel: 'noopener noreferrer', textContent: new URL(link).host });
      card.append(open);
    }
    return card;
  }

  #offer(choices, language) {
    const row = element('div', 'offered');
    row.append(...choices.map((text) => {
      const button = element('button', 'plain');
      button.type = 'button';
      Object.assign(button, { textContent: text, lang: language || guess(text) });
      button.addEventListener('click', () => this.choose(text));
      return button;
    }));
    return row;
  }

  #bubble(role, id) {
    const turn = element('div', `turn ${role}`);
    const speaker = element('span', 'unseen');
    say(speaker, role === 'user' ? 'you' : 'they', { name: this.persona });
    const bubble = element('div', `bubble ${role}`);
    bubble.dataset.id = id;
    bubble.append(element('p', 'text'));
    turn.append(speaker, bubble);
    this.log.append(turn);
    return bubble;
  }

  #write(bubble, text, language) {
    const line = part(bubble);
    delete line.dataset.words;
    line.textContent = text;
    line.lang = language || guess(text);
  }

  #follow(always = false) {
    if (always) this.#pinned = true;
    if (!this.#pinned) { this.jump.hidden = false; return; }
    this.log.scrollTop = this.log.scrollHeight;
    this.jump.hidden = true;
  }
}

const part = (bubble) => bubble.querySelector('.text');

function gallery(pictures) {
  const row = element('div', 'pictures');
  row.append(...pictures.map((url) => {
    const image = new Image();
    image.src = url;
    name(image, 'picture_of');
    return image;
  }));
  return row;
}

function element(tag, className = '') {
  const made = document.createElement(tag);
  if (className) made.className = className;
  return made;
}
