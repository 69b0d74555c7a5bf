/**
 * The persona's face: which expression and which mouth it shows, and that it blinks.
 * Knows nothing about messages or sound.
 */

import { safeSvg } from './svg.js';

const calm = matchMedia('(prefers-reduced-motion: reduce)');

export class Face {
  #expressions = new Map();
  #visemes = new Map();
  #wanted = 'neutral';

  constructor(element) {
    this.element = element;
    this.#blinkLater();
  }

  /** Fetch the face, and fall back to the name's first letter. */
  async load(exists, personaName) {
    if (exists) {
      try {
        const response = await fetch(new URL('face', document.baseURI));
        if (response.ok && await this.#insert(response)) return;
      } catch { /* the letter will do */ }
    }
    this.#monogram(personaName);
  }

  /** Show an expression by name; "neutral", or the first there is, where the face has no such. */
  express(expression) {
    this.#wanted = expression || 'neutral';
    const names = this.#expressions;
    let shown = this.#wanted;
    if (names.size && !names.has(shown)) shown = names.has('neutral') ? 'neutral' : names.keys().next().value;
    for (const [each, group] of names) show(group, each === shown);
    this.element.dataset.expression = shown;
    this.mouth(this.element.dataset.viseme);
  }

  get canThink() { return this.#expressions.has('thinking'); }

  get thinking() { return this.element.dataset.expression === 'thinking'; }

  /** Show a mouth shape; the expression's own resting mouth where it is empty or unknown. */
  mouth(viseme) {
    this.element.dataset.viseme = viseme || '';
    const speaking = this.#visemes.has(viseme);
    for (const [each, group] of this.#visemes) show(group, each === viseme);
    for (const group of this.#expressions.values()) {
      for (const mouth of group.querySelectorAll('.mouth')) show(mouth, !speaking);
    }
  }

  async #insert(response) {
    const type = response.headers.get('Content-Type') || '';
    if (!type.includes('svg')) {
      const image = new Image();
      image.alt = '';
      image.src = URL.createObjectURL(await response.blob());
      await image.decode();
      this.element.replaceChildren(image);
      return true;
    }
    const svg = safeSvg(await response.text(), '#face svg');
    if (!svg) return false;
    this.#expressions = groups(svg, 'expression');
    this.#visemes = groups(svg, 'viseme');
    this.element.replaceChildren(svg);
    this.express(this.#wanted);
    return true;
  }

  #monogram(personaName) {
    const letter = document.createElement('span');
    letter.className = 'monogram';
    letter.textContent = [...(personaName || '·')][0];
    this.element.replaceChildren(letter);
  }

  #blinkLater() {
    setTimeout(() => {
      if (!calm.matches && !document.hidden) {
        this.element.classList.add('blink');
        setTimeout(() => this.element.classList.remove('blink'), 130);
      }
      this.#blinkLater();
    }, 3000 + Math.random() * 3000);
  }
}

function groups(svg, kind) {
  return new Map([...svg.querySelectorAll(`[data-${kind}]`)].map((group) => [group.dataset[kind], group]));
}

/** Visibility is the `display` attribute; a style of the drawing's own must not overrule it. */
function show(group, visible) {
  group.style.removeProperty('display');
  if (visible) group.removeAttribute('display');
  else group.setAttribute('display', 'none');
}
