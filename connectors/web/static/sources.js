/** What unfolds under an answer: its sources, how it was understood, and how long each stage took. */

import { has, say, word } from './strings.js';

const NOTABLE = 0.5; // milliseconds; what takes less is not worth a word

/** A <details> for a reply; null where there is nothing to tell. */
export function fold(reply) {
  const sources = reply.sources ?? [];
  const facts = [...understanding(reply), ...times(reply.milliseconds ?? {})];
  if (!sources.length && !facts.length) return null;
  const details = element('details', sources.length ? 'sources' : 'made');
  const summary = element('summary');
  if (sources.length === 1) say(summary, 'sources_one');
  else if (sources.length) say(summary, 'sources_many', { n: sources.length });
  else say(summary, 'made');
  details.append(summary);
  if (sources.length) {
    const list = element('ol', 'source-list');
    list.append(...sources.map(item));
    details.append(list);
  }
  if (facts.length) {
    const row = element('ul', 'facts');
    row.append(...facts.map(([key, values]) => {
      const fact = element('li');
      say(fact, key, values);
      return fact;
    }));
    details.append(row);
  }
  return details;
}

function item(source) {
  const li = element('li', 'source');
  const head = element('p', 'source-head');
  head.append(origin(source.source ?? source.id ?? ''));
  if (typeof source.score === 'number') {
    const score = element('span', 'score');
    say(score, 'score', { n: source.score.toFixed(2) });
    head.append(score);
  }
  const text = element('p', 'source-text');
  text.textContent = source.text ?? '';
  li.append(head, text);
  return li;
}

/** Where a passage comes from: a link only where it is a web address. */
function origin(source) {
  const link = /^https?:\/\//.test(source);
  const place = element(link ? 'a' : 'span', 'origin');
  place.textContent = source;
  if (link) Object.assign(place, { href: source, target: '_blank', rel: 'noopener noreferrer' });
  return place;
}

function understanding({ intent, confidence, out_of_scope: outside, rules, redactions }) {
  const facts = [];
  const percent = typeof confidence === 'number' ? ` (${Math.round(confidence * 100)} %)` : '';
  if (outside) facts.push(['out_of_scope']);
  else if (intent) facts.push(['understood_as', { intent: intent.replace(/_/g, ' ') + percent }]);
  for (const rule of rules ?? []) {
    const id = typeof rule === 'string' ? rule : [rule.id, rule.did].filter(Boolean).join(': ');
    facts.push(['rule', { id }]);
  }
  const kinds = new Set((redactions ?? []).map((each) => (typeof each === 'string' ? each : each.type ?? each.kind)));
  if (kinds.size) facts.push(['masked', { kinds: [...kinds].join(word('comma')) }]);
  return facts;
}

function times(milliseconds) {
  const worth = ([stage, ms]) => typeof ms === 'number' && (ms >= NOTABLE || stage === 'total');
  const stages = Object.entries(milliseconds).filter(worth);
  const round = (ms) => (ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms));
  return stages.map(([stage, ms]) => {
    const key = `stage_${stage.replace(/[\s-]+/g, '_')}`;
    return has(key) ? [key, { ms: round(ms) }] : ['stage_other', { stage: stage.replace(/_/g, ' '), ms: round(ms) }];
  });
}

function element(tag, className = '') {
  const made = document.createElement(tag);
  if (className) made.className = className;
  return made;
}
