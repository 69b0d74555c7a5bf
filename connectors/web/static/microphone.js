/** Record the microphone as a 16 kHz mono WAV file. Knows nothing about buttons or uploads. */

const RATE = 16_000; // samples a second that the server hears best

/** Why there is no recording: `reason` is denied, missing, insecure or failed. */
export class MicrophoneError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

export class Microphone {
  #session = null; // {stream, context, blocks} of the recording that counts

  /** Open the microphone and record; `level(0…1)` is called about 20 times a second. */
  async start(level) {
    if (!navigator.mediaDevices?.getUserMedia || !globalThis.AudioWorkletNode) throw new MicrophoneError('insecure');
    this.cancel();
    const session = { stream: null, context: null, blocks: [] };
    this.#session = session;
    try {
      session.stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
      session.context = new AudioContext();
      await session.context.audioWorklet.addModule(new URL('recorder.worklet.js', import.meta.url));
      await session.context.resume();
      const recorder = new AudioWorkletNode(session.context, 'recorder', {
        numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit',
      });
      recorder.port.onmessage = ({ data }) => {
        session.blocks.push(data);
        level(loudness(data));
      };
      session.context.createMediaStreamSource(session.stream).connect(recorder);
    } catch (error) {
      close(session);
      const reasons = { NotAllowedError: 'denied', SecurityError: 'denied', NotFoundError: 'missing', OverconstrainedError: 'missing' };
      throw new MicrophoneError(reasons[error.name] || 'failed');
    }
    if (session !== this.#session) close(session); // cancelled while the browser was asking
  }

  /** End the recording: the WAV file and its length in seconds. */
  async stop() {
    const { context, blocks } = this.#session;
    this.cancel();
    const samples = await resample(blocks, context.sampleRate);
    return { file: wav(samples), seconds: samples.length / RATE };
  }

  /** Close the microphone and forget what was recorded. */
  cancel() {
    if (this.#session) close(this.#session);
    this.#session = null;
  }
}

function close({ stream, context }) {
  for (const track of stream?.getTracks() ?? []) track.stop();
  if (context && context.state !== 'closed') context.close();
}

/** Loudness of a block on a scale that looks even: -55 dB → 0, -10 dB → 1. */
function loudness(block) {
  const power = block.reduce((sum, sample) => sum + sample * sample, 0) / block.length;
  const decibels = 10 * Math.log10(power + 1e-9);
  return Math.min(1, Math.max(0, (decibels + 55) / 45));
}

/** Blocks at any rate → Float32Array at 16 kHz, by the browser's own resampler. */
async function resample(blocks, rate) {
  const length = blocks.reduce((sum, block) => sum + block.length, 0);
  if (!length) return new Float32Array(0);
  const offline = new OfflineAudioContext(1, Math.ceil((length * RATE) / rate), RATE);
  const buffer = offline.createBuffer(1, length, rate);
  let offset = 0;
  for (const block of blocks) {
    buffer.copyToChannel(block, 0, offset);
    offset += block.length;
  }
  const source = offline.createBufferSource();
  source.buffer = buffer;
  source.connect(offline.destination);
  source.start();
  return (await offline.startRendering()).getChannelData(0);
}

/** Samples → a WAV file: 16-bit PCM, mono, 16 kHz (RIFF, little-endian). */
function wav(samples) {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const tag = (at, text) => [...text].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  tag(0, 'RIFF');
  view.setUint32(4, 36 + samples.length * 2, true);
  tag(8, 'WAVEfmt ');
  view.setUint32(16, 16, true); // length of the format block
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true); // bytes a second
  view.setUint16(32, 2, true); // bytes a sample
  view.setUint16(34, 16, true); // bits a sample
  tag(36, 'data');
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, i) => view.setInt16(44 + i * 2, Math.max(-1, Math.min(1, sample)) * 0x7fff, true));
  return new Blob([view], { type: 'audio/wav' });
}
