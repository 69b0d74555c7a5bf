/**
 * Play the answer's sounds one after another and say which mouth shape belongs to each moment.
 * The AudioContext's clock is the only clock. Knows nothing about faces or messages.
 */

const LEAD = 0.03; // seconds between scheduling a sound and its start

export class Voice {
  #context = null;
  #gain = null;
  #muted = false;
  #chain = Promise.resolve();
  #waiting = 0; // sounds taken but not yet ended
  #generation = 0; // raised by stop(): older sounds are dropped
  #tracks = [];
  #end = 0;
  #drawing = false;

  /** `viseme(name)` for each mouth shape ('' at rest); `changed(speaking)`; `played()` after each whole sound; `failed()`. */
  constructor({ viseme, changed, played, failed }) {
    Object.assign(this, { viseme, changed, played, failed });
  }

  get speaking() { return this.#waiting > 0; }

  get muted() { return this.#muted; }

  set muted(muted) {
    this.#muted = muted;
    if (this.#gain) this.#gain.gain.setTargetAtTime(muted ? 0 : 1, this.#context.currentTime, 0.02);
  }

  /** Call from a user's gesture: browsers keep sound locked until then. */
  unlock() {
    if (!this.#context) {
      this.#context = new AudioContext();
      this.#gain = this.#context.createGain();
      this.#gain.gain.value = this.#muted ? 0 : 1;
      this.#gain.connect(this.#context.destination);
    }
    if (this.#context.state !== 'running') this.#context.resume().catch(() => {});
  }

  /** Queue one sound. `bytes` is a whole WAV file, `visemes` [[seconds, name], …] from its start. */
  play(bytes, visemes) {
    this.unlock();
    const generation = this.#generation;
    this.#waiting += 1;
    if (this.#waiting === 1) this.changed(true);
    const decoded = this.#context.decodeAudioData(bytes);
    decoded.catch(() => {}); // reported below, in its turn
    this.#chain = this.#chain.then(async () => {
      try {
        const buffer = await decoded;
        if (generation === this.#generation) this.#schedule(buffer, visemes || [], generation);
      } catch {
        if (generation !== this.#generation) return;
        this.failed();
        this.#ended(generation);
      }
    });
  }

  /** Be silent at once and drop what is queued. */
  stop() {
    this.#generation += 1;
    for (const { source } of this.#tracks) source.stop();
    this.#tracks = [];
    this.#end = 0;
    const was = this.speaking;
    this.#waiting = 0;
    this.viseme('');
    if (was) this.changed(false);
  }

  #schedule(buffer, visemes, generation) {
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#gain);
    const start = Math.max(this.#context.currentTime + LEAD, this.#end);
    this.#end = start + buffer.duration;
    const track = { source, start, end: this.#end, visemes };
    this.#tracks.push(track);
    source.onended = () => {
      if (generation !== this.#generation) return;
      this.#tracks = this.#tracks.filter((each) => each !== track);
      this.played();
      this.#ended(generation);
    };
    source.start(start);
    if (!this.#drawing) this.#draw();
  }

  #ended(generation) {
    if (generation !== this.#generation) return;
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    this.viseme('');
    this.changed(false);
  }

  #draw() {
    this.#drawing = this.#tracks.length > 0;
    if (!this.#drawing) return;
    const now = this.#context.currentTime - (this.#context.outputLatency || 0);
    const track = this.#tracks.find(({ start, end }) => start <= now && now < end);
    const cue = track?.visemes.findLast(([seconds]) => seconds <= now - track.start);
    this.viseme(cue ? cue[1] : track ? 'closed' : '');
    requestAnimationFrame(() => this.#draw());
  }
}
