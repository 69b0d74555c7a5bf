/**
 * The connection to the server: JSON frames out and in, each "sound" paired with the binary frame
 * that follows it, and a new connection with back-off when one is lost. Knows no message's meaning.
 */

import { begin } from './session.js';

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15_000;

export class Socket {
  #socket = null;
  #timer = 0;
  #wait = FIRST_WAIT;
  #sound = null;
  #ready = false;
  #attempt = 0;

  /** `hello()` gives the first frame; `receive(message, bytes)` gets each; `changed(state)` hears connecting, open, lost, locked. */
  constructor({ hello, receive, changed }) {
    Object.assign(this, { hello, receive, changed });
    addEventListener('online', () => this.retry());
    addEventListener('offline', () => this.#socket?.close());
  }

  get open() { return this.#ready; }

  async connect() {
    clearTimeout(this.#timer);
    const attempt = ++this.#attempt;
    this.changed('connecting');
    const begun = await begin();
    if (attempt !== this.#attempt) return; // another one has started meanwhile
    if (begun === 'locked') { this.lock(); return; }
    if (!begun) { this.#lost(); return; }
    const url = new URL('ws', document.baseURI);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#sound = null;
    socket.onopen = () => socket.send(JSON.stringify(this.hello()));
    socket.onmessage = ({ data }) => { if (socket === this.#socket) this.#take(data); };
    socket.onclose = () => { if (socket === this.#socket) this.#lost(); };
  }

  /** Send a frame; false where there is no connection. */
  send(message) {
    if (!this.#ready || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Connect at once if the connection is lost. */
  retry() {
    if (this.#ready || this.#socket?.readyState === WebSocket.OPEN) return;
    this.#wait = FIRST_WAIT;
    this.connect();
  }

  /** Leave this connection and say hello on a new one. */
  restart() {
    const old = this.#socket;
    this.#ready = false;
    this.connect();
    old?.close();
  }

  /** End it and try no more: whoever is here must log in first. */
  lock() {
    const old = this.#socket;
    this.#socket = null;
    this.#ready = false;
    this.#attempt += 1;
    old?.close();
    this.changed('locked');
  }

  #take(data) {
    if (typeof data !== 'string') {
      const sound = this.#sound;
      this.#sound = null;
      if (sound) this.receive(sound, data);
      return;
    }
    let message;
    try { message = JSON.parse(data); } catch { return; }
    if (message.type === 'sound') { this.#sound = message; return; }
    if (message.type === 'welcome') {
      this.#ready = true;
      this.#wait = FIRST_WAIT;
      this.changed('open');
    }
    this.receive(message);
  }

  #lost() {
    this.#ready = false;
    this.changed('lost');
    this.#timer = setTimeout(() => this.connect(), this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }
}
