/**
 * The conversation as it runs: what was sent and is not yet answered, and what each message of the
 * server does to the transcript, the voice and the face.
 */

import { drop, embedded, token } from './session.js';
import { Socket } from './socket.js';
import { keep, recall, wipe } from './storage.js';
import { guess, language, word } from './strings.js';
import { upload, UploadError } from './upload.js';

const REST = 6000; // milliseconds from the end of an answer to a neutral face

export class Exchange {
  #running = new Map(); // id → {text, pictures, sound, media, asked, answered} of what is not done
  #voiced = null; // id of the one answer whose voice is wanted: the newest
  #rest = 0;
  #at = ''; // position of the newest frame that has arrived
  #deciding = false; // the user's answer to the question for consent is on its way

  /**
   * Parts of the page, and what it does on `welcome`, `ready`, `asked(question, language)`, `decided(consent, here)`,
   * `undecided()`, `forgotten`, `connected(state)`, `restore(message)`.
   */
  constructor({ transcript, voice, face, status, stop, ...page }) {
    Object.assign(this, { transcript, voice, face, status, stopButton: stop, page });
    this.socket = new Socket({
      hello: () => ({ type: 'hello', conversation: recall('conversation'), language: language(), at: this.#at, token: token() }),
      receive: (message, bytes) => this.#receive(message, bytes),
      changed: (state) => this.page.connected(state),
    });
  }

  start() { this.socket.connect(); }

  retry() { this.socket.retry(); }

  send(message) {
    return this.socket.send(message) || (this.transcript.notice({ key: 'not_connected', tone: 'warn' }), false);
  }

  /** Whether a message could go out now; says so where it could not. */
  reachable(key = 'not_connected') {
    if (!this.socket.open) this.transcript.notice({ key, tone: 'warn' });
    return this.socket.open;
  }

  /** Send the user's answer to the question for consent; what becomes of it comes back. */
  decide(granted, code) {
    if (!this.#deciding) this.#deciding = this.send({ type: 'consent', granted, language: code });
  }

  /** Send a message of the user's; false where it must wait. */
  say(message) {
    if (!this.reachable('kept')) return false;
    this.hush(); // a new question ends the talk about the old one
    const id = fresh();
    this.#voiced = id;
    this.#running.set(id, { ...message, media: null, asked: false, answered: false });
    const pictures = message.pictures.map((picture) => URL.createObjectURL(picture));
    this.transcript.user({ id, text: message.text, pictures, spoken: Boolean(message.sound) });
    this.transcript.waiting(id);
    this.#ask(id);
    this.settle();
    return true;
  }

  /** Go on waiting for what was asked before the page was loaded anew. */
  #adopt() {
    for (const { id, text } of JSON.parse(recall('unanswered') || '[]')) {
      if (this.#running.has(id)) continue;
      this.#running.set(id, { text, pictures: [], media: [], asked: true, answered: false });
      this.transcript.user({ id, text });
      this.transcript.waiting(id);
    }
  }

  /** Keep the texts that have no answer yet, for a page that is loaded anew. */
  #note() {
    const open = [...this.#running].filter(([, { asked, answered, media }]) => asked && !answered && !media?.length);
    keep('unanswered', open.length ? JSON.stringify(open.map(([id, { text }]) => ({ id, text }))) : null);
  }

  /** Stop the running answer and its voice. */
  stop() {
    this.socket.send({ type: 'stop' });
    for (const id of this.#running.keys()) this.transcript.done(id, 'stopped');
    this.#running.clear();
    this.hush();
    this.settle();
  }

  /** Be silent about everything asked so far. */
  hush() {
    this.#voiced = null;
    this.voice.stop();
  }

  /** Bring the face, the status and the stop button in line with what goes on. */
  settle() {
    this.#note();
    const thinking = [...this.#running.values()].some(({ answered }) => !answered);
    const { speaking } = this.voice;
    this.stopButton.hidden = this.#running.size === 0 && !speaking;
    this.status.doing({ thinking, speaking });
    clearTimeout(this.#rest);
    if (!thinking && this.face.thinking) this.face.express('neutral');
    if (thinking && !speaking) this.face.express(this.face.canThink ? 'thinking' : 'neutral');
    else if (!speaking && this.#running.size === 0) this.#rest = setTimeout(() => this.face.express('neutral'), REST);
  }

  async #ask(id) {
    const message = this.#running.get(id);
    const files = message.sound ? [message.sound] : message.pictures;
    try {
      message.media = await Promise.all(files.map(upload));
    } catch (error) {
      if (!(error instanceof UploadError)) throw error;
      if (this.#running.has(id)) this.#giveBack(id, error.message);
      return;
    }
    if (!this.#running.has(id)) return; // stopped or lost meanwhile
    message.asked = this.#send(id);
    if (!message.asked) this.#giveBack(id, word('not_connected'));
    this.#note();
  }

  #send(id) {
    const { text, media } = this.#running.get(id);
    return this.socket.send({ type: 'message', id, text, media, speak: !this.voice.muted });
  }

  /** What could not be sent returns to the composer; a recording waits in its bubble. */
  #giveBack(id, reason) {
    const message = this.#running.get(id);
    this.#running.delete(id);
    if (message.sound) this.#offerAgain(id, message);
    else {
      this.transcript.remove(id);
      this.page.restore(message);
    }
    this.transcript.notice(reason ? { text: reason, tone: 'warn' } : { key: 'upload_failed', tone: 'warn' });
    this.settle();
  }

  #offerAgain(id, message) {
    this.transcript.undelivered(id, () => this.say({ text: message.text, pictures: message.pictures, sound: message.sound }));
  }

  #receive(message, bytes) {
    const { type, id } = message;
    if (message.at && type !== 'welcome') this.#at = message.at;
    if (type === 'welcome') this.#welcome(message);
    else if (type === 'ready') this.page.ready(message.ready);
    else if (type === 'heard') this.transcript.heard(id, message.transcript, message.language);
    else if (type === 'seen') this.transcript.seen(id, message.text, message.labels);
    else if (type === 'text') this.transcript.append(id, message.delta);
    else if (type === 'reply' && id.startsWith('call:')) this.#called(id, message.reply);
    else if (type === 'reply') this.#reply(id, message.reply);
    else if (type === 'sound') { if (id === this.#voiced) this.voice.play(bytes, message.visemes); }
    else if (type === 'done') this.#done(id);
    else if (type === 'error') this.#error(message);
    else if (type === 'consent') this.#decided(message.consent);
    else if (type === 'erased') this.transcript.notice({ text: message.text });
    else if (type === 'forgotten') this.#forgotten(message.text);
  }

  #welcome(message) {
    keep('conversation', message.conversation);
    this.transcript.persona = message.persona.name;
    const history = message.history ?? [];
    this.#at = message.at ?? '';
    if (this.transcript.empty) {
      this.#recount(history);
      this.#adopt();
    }
    this.#catchUp(history, message.resumed);
    this.page.welcome(message);
    this.#decided(message.consent);
  }

  /** Hear what is decided about keeping the conversation, here, in words or in another tab. */
  #decided(consent) {
    this.page.decided(consent, this.#deciding);
    this.#deciding = false;
  }

  #recount(history) {
    history.forEach(({ role, text, language: spoken }, i) => {
      if (role === 'user') this.transcript.user({ id: `past-${i}`, text, language: spoken });
      else this.transcript.told({ id: `past-${i}`, text, language: spoken });
    });
  }

  /**
   * After a lost connection, or a page loaded anew: ask again what has no answer. The server answers a message once,
   * however often it comes. Where it has lost the thread, its history tells what was answered meanwhile.
   */
  #catchUp(history, resumed) {
    for (const [id, message] of this.#running) {
      if (!message.asked) continue; // its upload still runs; it will be sent on this connection
      if (resumed) { // all that was missed follows
        this.#send(id);
        continue;
      }
      const at = history.findLastIndex(({ role, text }) => role === 'user' && message.text && text === message.text);
      const answer = at >= 0 ? history[at + 1] : undefined;
      if (answer?.role === 'persona') {
        this.transcript.reply(id, answer);
        this.#done(id, true);
      } else if (message.answered) this.#done(id, true);
      else if (message.sound || message.pictures.length) {
        Object.assign(message, { asked: false });
        this.#ask(id); // its files went with the server
      } else {
        this.transcript.clearWords(id);
        this.#send(id);
      }
    }
    this.settle();
  }

  #reply(id, reply) {
    const message = this.#running.get(id);
    const erased = ['personac.forgotten', 'personac.withdrawn'].indexOf(reply.skill); // maybe in another tab
    if (!message && erased < 0) return; // stopped meanwhile
    this.socket.send({ type: 'got', id });
    if (erased === 0) {
      this.#forgotten(reply.text);
      return;
    }
    if (!message) {
      this.transcript.notice({ text: reply.text });
      return;
    }
    message.answered = true;
    if (!reply.skill?.startsWith('personac.')) this.page.asked(reply.consent, reply.language);
    this.transcript.reply(id, reply);
    if (reply.transcript) this.transcript.heard(id, reply.transcript, guess(reply.transcript));
    this.settle();
    this.face.express(reply.expression);
  }

  /** What the persona says by itself, because it is due. */
  #called(id, reply) {
    this.socket.send({ type: 'got', id });
    if (this.transcript.answering(id)) return; // told once more after a lost connection
    this.transcript.waiting(id);
    this.transcript.reply(id, reply);
    this.transcript.done(id);
    this.face.express(reply.expression);
    this.settle();
  }

  #done(id, answered = false) {
    const message = this.#running.get(id);
    if (message?.renewed) { // it is on its way once more
      message.renewed = false;
      return;
    }
    this.transcript.done(id, message && !message.answered && !answered ? 'no_answer' : '');
    this.#running.delete(id);
    this.settle();
  }

  #error({ id, code, message }) {
    if (code === 'undecided') {
      this.#deciding = false;
      this.page.undecided();
      return;
    }
    if (code === 'session_over' && drop()) {
      this.socket.restart();
      return;
    }
    const own = this.#running.get(id);
    if (code === 'session_over' || code === 'login_needed') {
      this.socket.lock();
      if (!embedded) location.assign('login');
      return;
    }
    if (code === 'media_gone' && own && !own.again && (own.sound || own.pictures.length)) {
      Object.assign(own, { again: true, renewed: true, asked: false }); // the server was started anew meanwhile
      this.#ask(id);
      return;
    }
    if (id !== undefined && this.#running.has(id)) {
      this.transcript.heard(id, '');
      this.transcript.done(id);
      this.#running.delete(id);
    }
    this.transcript.notice(message ? { text: message, tone: 'warn' } : { key: 'trouble', tone: 'warn' });
    this.settle();
  }

  #forgotten(text) {
    wipe();
    this.#at = '';
    this.#running.clear();
    this.hush();
    this.page.forgotten(text);
    this.settle();
    this.socket.restart(); // into a new conversation, under the same name: one browser is one user in all its tabs
  }
}

function fresh() {
  const parts = crypto.getRandomValues(new Uint32Array(3)); // randomUUID exists only on https
  return [...parts].map((each) => each.toString(36)).join('');
}
