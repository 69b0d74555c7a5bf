/** The page on which one logs in, in the browser's language. */

import { setLanguage } from './strings.js';

setLanguage(navigator.language);
const again = new URLSearchParams(location.search).get('again');
document.getElementById('wrong').hidden = again !== 'key';
document.getElementById('failed').hidden = again !== 'oidc';
