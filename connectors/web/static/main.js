/**
 * The page of one persona: joins the connection, the conversation, the face, the voice and the
 * microphone. Each of them knows only itself; what one has to do with another stands here.
 */

import { Composer } from './composer.js';
import { Exchange } from './exchange.js';
import { Face } from './face.js';
import { Microphone } from './microphone.js';
import { Status } from './status.js';
import { embedded, wish } from './session.js';
import { keep, recall } from './storage.js';
import { choose, guess, language, name, offered, primary, setLanguage, size, word, wordIn } from './strings.js';
import { Talk } from './talk.js';
import { Transcript } from './transcript.js';
import { Tray } from './tray.js';
import { Voice } from './voice.js';

const $ = (id) => document.getElementById(id);
const root = document.documentElement.dataset;
let persona = { name: '', summary: '', languages: ['en', 'zh'], greeting: {} };
let consent = ''; // what is decided about keeping the conversation: implied, ask, granted or denied
let questions = {}; // for consent, by language; none where nothing is ever kept

if (embedded) root.embedded = 'true';
setLanguage(recall('language') ?? wish('language') ?? navigator.language);

const status = new Status({ line: $('status'), retry: $('retry'), mood: $('mood') });
const transcript = new Transcript({ log: $('log'), jump: $('jump') });
const face = new Face($('face'));
const microphone = new Microphone();
const voice = new Voice({
  viseme: (viseme) => face.mouth(viseme),
  changed: () => exchange.settle(),
  played: () => { root.soundsPlayed = String(Number(root.soundsPlayed) + 1); },
  failed: () => transcript.notice({ key: 'voice_failed' }),
});
const exchange = new Exchange({ transcript, voice, face, status, stop: $('stop'), welcome, ready, asked, decided, undecided, forgotten, connected, restore });
const tray = new Tray({
  list: $('tray'), button: $('picture'), input: $('file'), curtain: $('drop'),
  refuse: (key, { name: file, most, bytes, limit }) =>
    transcript.notice({ key, values: { name: file, most, size: size(bytes ?? 0), limit: size(limit ?? 0) }, tone: 'warn' }),
  changed: () => composer.refresh(),
});
const composer = new Composer({
  form: $('composer'), text: $('text'), count: $('count'), button: $('send'), tray,
  send: (message) => exchange.say(message),
});
const talk = new Talk({
  button: $('talk'), words: $('talk-words'), time: $('talk-time'), microphone,
  allowed: () => exchange.reachable(),
  listening(on) {
    if (on) exchange.hush(); // or the microphone would hear it
    status.doing({ listening: on });
  },
  recorded: ({ file }) => exchange.say({ text: '', pictures: [], sound: file }),
  slipped: () => transcript.notice({ key: 'hint_hold' }),
  failed: (reason) => transcript.notice({ key: `microphone_${reason}`, tone: 'warn' }),
});

function restore(message) { composer.restore(message); }

function connected(state) {
  root.connected = String(state === 'open');
  status.connection(state);
  $('composer').hidden = state === 'locked';
}

function welcome(message) {
  const first = !persona.name;
  persona = { ...persona, ...message.persona };
  tray.limit = talk.limit = message.limits?.media_bytes ?? Infinity;
  composer.limit = message.limits?.text_characters ?? Infinity;
  document.title = persona.name;
  if (first) face.load(persona.has_face, persona.name);
  const languages = offered(persona.languages);
  speak(languages.includes(language()) ? language() : languages[0]);
  ready(message.ready ?? {});
  ({ consent, consent_text: questions } = message);
  const told = message.history?.findLast(({ role }) => role === 'persona');
  if (told) asked('', told.language);
  composer.refresh();
}

function ready(parts) {
  status.ready({ ...parts, voice: persona.has_voice ? parts.voice : undefined });
  $('talk').hidden = parts.speech === undefined || parts.speech === null;
  $('picture').hidden = parts.pictures === undefined || parts.pictures === null;
  $('mute').hidden = !persona.has_voice || parts.voice === undefined || parts.voice === null;
}

/** Show everything in this language. */
function speak(code) {
  setLanguage(code);
  const languages = offered(persona.languages);
  const next = languages[(languages.indexOf(code) + 1) % languages.length];
  const nextName = new Intl.DisplayNames([next], { type: 'language' }).of(next);
  $('language').hidden = languages.length < 2;
  $('language-name').textContent = nextName;
  $('language-name').lang = next;
  name($('language'), 'switch_to', { name: nextName });
  $('language').onclick = () => {
    keep('language', next);
    speak(next);
  };
  $('name').textContent = persona.name || '…';
  Object.assign($('summary'), { textContent: persona.summary, lang: guess(persona.summary) });
  name($('face'), 'face', { name: persona.name });
  $('text').placeholder = word(innerWidth < 700 ? 'placeholder_short' : 'placeholder', { name: persona.name });
  const [greeting, greetingLanguage] = choose(persona.greeting);
  if (greeting && transcript.empty) transcript.greet(greeting, greetingLanguage);
  status.refresh();
}

/** Ask whether the conversation may be kept, in the language that the user speaks, until that is decided. */
function asked(question, code) {
  const text = question || (questions?.[primary(code)] ?? questions?.en);
  if (consent !== 'ask' || !text || !$('consent').hidden) return;
  Object.assign($('consent-text'), { textContent: text, lang: primary(code) });
  for (const id of ['consent-yes', 'consent-no']) {
    $(id).textContent = wordIn(code, id.replace('-', '_'));
    $(id).lang = primary(code);
  }
  $('consent').hidden = false;
}

/** Take the question away once it is answered, and thank who has answered it `here`. */
function decided(now, here) {
  consent = now;
  if (consent === 'ask') return;
  $('consent').hidden = true;
  if (!here) return;
  say(`consent_${consent}`);
  $('text').focus();
}

function undecided() { say('consent_failed', 'warn'); }

/** A notice about consent, in the language of the question. */
function say(key, tone) { transcript.notice({ text: wordIn($('consent-text').lang, key), tone }); }

function forgotten(text) {
  $('consent').hidden = true;
  transcript.clear();
  transcript.notice(text ? { text } : { key: 'forgotten' });
}

for (const [id, granted] of [['consent-yes', true], ['consent-no', false]]) {
  $(id).addEventListener('click', () => exchange.decide(granted, $('consent-text').lang));
}

$('privacy').addEventListener('click', () => exchange.say({ text: language() === 'zh' ? '/隐私' : '/privacy', pictures: [] }));
transcript.choose = (text) => exchange.say({ text, pictures: [] });

const dialog = $('forget-dialog');
$('forget').addEventListener('click', () => dialog.showModal());
$('forget-no').addEventListener('click', () => dialog.close());
$('forget-yes').addEventListener('click', () => {
  dialog.close();
  exchange.send({ type: 'forget', language: language() });
});

function mute(muted) {
  voice.muted = muted;
  $('mute').setAttribute('aria-pressed', String(muted));
  keep('muted', muted ? 'yes' : null);
}
mute(recall('muted') === 'yes');
$('mute').addEventListener('click', () => mute(!voice.muted));
$('retry').addEventListener('click', () => exchange.retry());
$('stop').addEventListener('click', () => exchange.stop());
addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented || dialog.open) return;
  if (!$('stop').hidden) exchange.stop();
  else if (embedded) parent.postMessage('personac:close', '*'); // says nothing that others may not hear
});
for (const gesture of ['pointerdown', 'keydown']) addEventListener(gesture, () => voice.unlock(), { capture: true });
if (matchMedia('(pointer: fine)').matches) $('text').focus();

exchange.start();
