/**
 * A persona on any page: one script element whose src is HOST/widget.js
 * Draws a button, and opens the persona's own page in a frame above it. Touches nothing else of the page, sets no
 * cookie, and shows nothing where the persona does not allow the page's origin. The script's own attributes may say:
 * data-language, data-position (left, right), data-open, data-token (a session token made by the site's server).
 */

(() => {
  const script = document.currentScript;
  const base = new URL('.', script.src);
  const { language = document.documentElement.lang || navigator.language, position, open, token } = script.dataset;
  const words = /^zh/i.test(language)
    ? { open: '与{name}聊天', close: '关闭与{name}的聊天' }
    : { open: 'Chat with {name}', close: 'Close the chat with {name}' };
  const ICON = {
    open: 'M4 5.5h16v11H9.5L4 20.5z',
    close: 'M6 6l12 12M18 6L6 18',
  };

  const STYLE = `
    :host { all: initial; }
    .root { position: fixed; z-index: 2147483000; bottom: 1.25rem; right: 1.25rem; }
    .root.left { right: auto; left: 1.25rem; }
    button {
      display: grid; place-items: center; width: 3.75rem; height: 3.75rem; margin: 0 0 0 auto; padding: 0; border: 0;
      border-radius: 50%; background: var(--accent); color: var(--ink); cursor: pointer; overflow: hidden;
      box-shadow: 0 2px 6px rgb(0 0 0 / 18%), 0 8px 28px rgb(0 0 0 / 18%); transition: transform .15s ease;
    }
    .left button { margin: 0 auto 0 0; }
    button:hover { transform: translateY(-2px); }
    button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
    svg { width: 1.7rem; height: 1.7rem; fill: none; stroke: currentColor; stroke-width: 1.8;
      stroke-linecap: round; stroke-linejoin: round; }
    iframe {
      display: block; width: min(25rem, calc(100vw - 2.5rem)); height: min(40rem, calc(100dvh - 7.5rem));
      margin: 0 0 .9rem; border: 0; border-radius: 1.1rem; background: Canvas;
      box-shadow: 0 2px 8px rgb(0 0 0 / 14%), 0 18px 60px rgb(0 0 0 / 24%);
    }
    iframe[hidden] { display: none; }
    @media (max-width: 30rem) {
      .root.opened { inset: 0; display: flex; flex-direction: column-reverse; background: var(--accent); }
      .opened iframe { flex: 1; width: 100%; height: auto; margin: 0; border-radius: 0; box-shadow: none; }
      .opened button { align-self: flex-end; flex: none; width: 3.2rem; height: 2.75rem; margin: 0; border-radius: 0; box-shadow: none; }
      .opened button:hover { transform: none; }
      .opened button:focus-visible { outline-color: var(--ink); outline-offset: -5px; }
    }
    @media (prefers-reduced-motion: reduce) { button { transition: none; } }`;

  const svg = (path) => {
    const NS = ['http', 'www.w3.org/2000/svg'].join(':' + '/' + '/');
    const drawing = document.createElementNS(NS, 'svg');
    drawing.setAttribute('viewBox', '0 0 24 24');
    drawing.setAttribute('aria-hidden', 'true');
    drawing.append(document.createElementNS(NS, 'path'));
    drawing.firstChild.setAttribute('d', path);
    return drawing;
  };

  // Where the browser lets a frame of another site store nothing, this page stores it for the frame: for this tab only.
  const place = `personac:${base}:${token ?? ''}`;
  const recall = () => { try { return sessionStorage.getItem(place); } catch { return null; } };
  const keep = (kept) => { try { sessionStorage.setItem(place, kept); } catch { /* it lives as long as the page */ } };

  function build(persona) {
    const host = document.createElement('div');
    host.dataset.personac = '';
    const shadow = host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    const root = document.createElement('div');
    root.className = `root ${position || persona.position}`;
    root.style.setProperty('--accent', persona.accent);
    root.style.setProperty('--ink', persona.ink);
    const button = document.createElement('button');
    button.type = 'button';
    root.append(button);
    shadow.append(root);
    document.body.append(host);

    let frame = null;
    const show = (opened) => {
      if (opened && !frame) frame = root.insertBefore(chat(persona), button);
      if (frame) frame.hidden = !opened;
      root.classList.toggle('opened', opened);
      button.replaceChildren(svg(opened ? ICON.close : ICON.open));
      button.setAttribute('aria-expanded', String(opened));
      button.setAttribute('aria-label', words[opened ? 'close' : 'open'].replace('{name}', persona.name));
      button.title = button.getAttribute('aria-label');
    };
    button.addEventListener('click', () => show(!frame || frame.hidden));
    addEventListener('message', ({ origin, source, data }) => {
      if (origin !== base.origin || !frame || source !== frame.contentWindow) return;
      if (data?.personac === 'keep') keep(data.kept);
      if (data !== 'personac:close') return;
      show(false);
      button.focus();
    });
    show(open !== undefined);
  }

  function chat(persona) {
    const frame = document.createElement('iframe');
    const kept = recall();
    const said = new URLSearchParams({ language, ...(token ? { token } : {}), ...(kept ? { kept } : {}) });
    frame.title = persona.name;
    frame.allow = 'microphone; autoplay';
    frame.src = `${new URL('embed', base)}#${said}`; // what stands behind the # is not sent to the server
    return frame;
  }

  fetch(new URL('widget.json', base), { credentials: 'omit' })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
    .then((persona) => (document.body ? build(persona) : addEventListener('DOMContentLoaded', () => build(persona))))
    .catch(() => console.warn('personac: this page is not among connectors.web.origins of the persona, or its server is down'));
})();
