/**
 * Make a drawing from elsewhere safe to stand inside the page: no code, no clashing ids, and its
 * styles carried over in ways that the page's Content-Security-Policy allows.
 */

const BANNED = 'script, style, x-script, x-style, foreignObject, iframe, object, embed, a, [attributeName*="href"]';
const PREFIX = 'face-';

const local = (text) => text.replace(/url\(\s*(['"]?)#/g, `url($1#${PREFIX}`);

/** Renamed before it is parsed, so that the browser has nothing to block and to complain about. */
const quiet = (text) => text
  .replace(/(<\/?)(style|script)\b/gi, '$1x-$2')
  .replace(/\s(style|on\w+)\s*=/gi, ' data-$1=');

/** Parse an SVG document's text; null where it is none. `scope` is the selector its style sheets stay under. */
export function safeSvg(text, scope) {
  const parsed = new DOMParser().parseFromString(quiet(text), 'image/svg+xml');
  if (parsed.querySelector('parsererror') || parsed.documentElement.localName !== 'svg') return null;
  for (const sheet of parsed.querySelectorAll('x-style')) adopt(sheet.textContent, scope);
  for (const element of parsed.querySelectorAll(BANNED)) element.remove();
  const svg = document.importNode(parsed.documentElement, true);
  for (const element of [svg, ...svg.querySelectorAll('*')]) clean(element);
  svg.setAttribute('aria-hidden', 'true'); // the page names the face
  svg.setAttribute('focusable', 'false');
  return svg;
}

function clean(element) {
  for (const { name, value } of [...element.attributes]) {
    const plain = name.toLowerCase();
    if (plain.startsWith('on') || plain.startsWith('data-on') || plain === 'style') element.removeAttribute(name);
    else if (plain === 'data-style') {
      element.removeAttribute(name);
      element.style.cssText = local(value);
    } else if (plain === 'id') element.setAttribute('id', PREFIX + value);
    else if (plain === 'href' || plain === 'xlink:href') {
      if (value.startsWith('#')) element.setAttribute(name, `#${PREFIX}${value.slice(1)}`);
      else if (!value.startsWith('data:image/')) element.removeAttribute(name);
    } else if (value.includes('url(')) element.setAttribute(name, local(value));
  }
}

/** Keep a style sheet's plain rules, nested under the scope so that none reaches the page. */
function adopt(text, scope) {
  try {
    const theirs = new CSSStyleSheet();
    theirs.replaceSync(text);
    const rules = [...theirs.cssRules].filter((rule) => rule instanceof CSSStyleRule);
    for (const rule of rules) rule.selectorText = rule.selectorText.replace(/#(?=[\w-])/g, `#${PREFIX}`);
    const ours = new CSSStyleSheet();
    ours.replaceSync(`${scope} { ${rules.map((rule) => local(rule.cssText)).join('\n')} }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, ours];
  } catch { /* an old browser: the drawing does without */ }
}
