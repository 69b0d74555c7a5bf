/**
 * The words of the interface, in English and Chinese.
 * An element with data-words="key" shows that text; one with data-label="key" is named by it.
 * Knows nothing about the conversation.
 */

const WORDS = {
  en: {
    skip: 'Skip to the message box',
    tools: 'Settings', log: 'Conversation', composer: 'Write or talk', tray: 'Pictures to send',
    text_label: 'Your message', placeholder: 'Write to {name}…', placeholder_short: 'Write a message…',
    send: 'Send', stop: 'Stop the answer', picture: 'Add a picture', remove: 'Remove {name}',
    mute: 'Mute the voice', forget: 'Forget me', privacy: 'Your data', download_json: 'Save as JSON', download_html: 'Save as a page',
    download_failed: 'The file could not be fetched. Please try again.', switch_to: 'Switch to {name}',
    jump: 'Newest', drop: 'Let go to add the picture', face: '{name}’s face', you: 'You said:', they: '{name} said:',
    talk: 'Hold to talk', talk_open: 'Opening the microphone…', talk_now: 'Let go to send', talk_press: 'Press again to send',
    talk_help: 'Hold the button, or Space, while you speak. Escape cancels.',
    hint_hold: 'Hold the button down while you speak, then let go.',
    microphone_denied: 'The microphone is not allowed here. You can allow it in the browser’s settings for this page, or write instead.',
    microphone_missing: 'No microphone was found. You can write instead.',
    microphone_insecure: 'The browser offers the microphone only on a secure (https) page. You can write instead.',
    microphone_failed: 'The microphone could not be started. You can write instead.',
    heard_pending: 'Listening to what you said…', heard_nothing: 'Spoken message', mood_waking: 'Waking up…', mood_ready: 'Here for you', mood_thinking: 'Thinking…',
    mood_speaking: 'Speaking', mood_listening: 'Listening…', mood_away: 'Out of reach',
    connecting: 'Connecting…', lost: 'The connection is lost. Trying again…', retry: 'Try now',
    locked: 'Please log in on this site first; then we can talk here.',
    kept: 'Not connected just now. Your text stays here until it can be sent.',
    not_connected: 'Not connected just now. Please try again in a moment.',
    loading: 'Still loading: {parts}.', loading_all: 'Still loading {parts}. One moment, please.',
    part_text: 'understanding', part_speech: 'hearing', part_pictures: 'pictures', part_voice: 'voice', comma: ', ',
    too_long: '{n} characters too many', too_big: '“{name}” has {size}; at most {limit} can be sent.',
    too_many: '“{name}” was left out: at most {most} pictures go with one message.',
    not_picture: '“{name}” is not a picture, so it was left out.', upload_failed: 'The upload did not work. Please try again.',
    unsent: 'Not delivered', again: 'Send again', stopped: 'Stopped.', no_answer: 'No answer came.', trouble: 'Something went wrong. Please try again.',
    voice_failed: 'This part of the voice could not be played.',
    consent_title: 'May this be remembered?', consent_yes: 'Yes, that is fine', consent_no: 'No, keep nothing',
    consent_default: 'May this conversation be kept, so that it can go on later?',
    consent_granted: 'Thank you. You can have everything erased at any time.', consent_denied: 'All right, nothing will be kept.',
    consent_failed: 'That could not be written down just now, and nothing was changed. Please try it again.',
    forget_title: 'Erase everything about me?', forget_yes: 'Erase', forget_no: 'Keep it',
    forget_text: 'This conversation and all that was kept from it will be deleted. This cannot be undone.',
    forgotten: 'Everything kept about you has been erased.',
    sources_one: '1 source', sources_many: '{n} sources', made: 'How this was answered', score: 'match {n}',
    understood_as: 'understood as {intent}', out_of_scope: 'outside what I know', rule: 'rule {id}', masked: 'masked: {kinds}',
    stage_perceive: 'perceived in {ms} ms', stage_guard_in: 'checked in {ms} ms', stage_understand: 'understood in {ms} ms',
    stage_recall: 'looked up in {ms} ms', stage_decide: 'decided in {ms} ms', stage_act: 'worded in {ms} ms',
    stage_guard_out: 'verified in {ms} ms', stage_express: 'put together in {ms} ms',
    stage_store: 'kept in {ms} ms', stage_total: 'answered in {ms} ms', stage_other: '{stage} in {ms} ms',
    picture_of: 'Picture you sent',
    login_title: 'Log in', login_key: 'Key', login_enter: 'Enter', login_wrong: 'That is not the key. Please try again.',
    login_oidc: 'Log in with your account', login_failed: 'That log-in did not work. Please try it again.',
  },
  zh: {
    skip: '跳到输入框',
    tools: '设置', log: '对话', composer: '输入或说话', tray: '待发送的图片',
    text_label: '你的消息', placeholder: '写给{name}…', placeholder_short: '输入消息…',
    send: '发送', stop: '停止回答', picture: '添加图片', remove: '移除{name}',
    mute: '静音', forget: '忘记我', privacy: '我的数据', download_json: '保存为 JSON', download_html: '保存为网页',
    download_failed: '文件没有取到，请再试一次。', switch_to: '切换到{name}',
    jump: '最新消息', drop: '松开即可添加图片', face: '{name}的脸', you: '你说：', they: '{name}说：',
    talk: '按住说话', talk_open: '正在打开麦克风…', talk_now: '松开发送', talk_press: '再按一次发送',
    talk_help: '按住按钮或空格键说话，按 Esc 取消。',
    hint_hold: '请按住按钮说话，说完再松开。',
    microphone_denied: '此页面没有麦克风权限。你可以在浏览器设置中允许，或者直接打字。',
    microphone_missing: '没有找到麦克风，你可以直接打字。',
    microphone_insecure: '浏览器只在安全的 https 页面上开放麦克风，你可以直接打字。',
    microphone_failed: '麦克风无法启动，你可以直接打字。',
    heard_pending: '正在听你说的话…', heard_nothing: '语音消息', mood_waking: '正在醒来…', mood_ready: '随时为你效劳', mood_thinking: '思考中…',
    mood_speaking: '正在说话', mood_listening: '在听…', mood_away: '暂时联系不上',
    connecting: '正在连接…', lost: '连接已断开，正在重试…', retry: '立即重试',
    locked: '请先在本站登录，然后我们就可以在这里聊天。',
    kept: '暂时没有连接，你的文字会保留在这里。',
    not_connected: '暂时没有连接，请稍后再试。',
    loading: '仍在加载：{parts}', loading_all: '仍在加载{parts}，请稍候。',
    part_text: '理解', part_speech: '听觉', part_pictures: '图片', part_voice: '语音', comma: '、',
    too_long: '超出 {n} 个字符', too_big: '“{name}”有 {size}，最多可以发送 {limit}。',
    too_many: '“{name}”没有添加：一条消息最多 {most} 张图片。',
    not_picture: '“{name}”不是图片，没有添加。', upload_failed: '上传没有成功，请再试一次。',
    unsent: '未送达', again: '重新发送', stopped: '已停止。', no_answer: '没有收到回答。', trouble: '出了点问题，请再试一次。',
    voice_failed: '这一段语音无法播放。',
    consent_title: '可以记住这些吗？', consent_yes: '可以', consent_no: '不，什么都别留',
    consent_default: '可以保留这次对话，方便以后继续吗？',
    consent_granted: '谢谢。你随时可以要求全部删除。', consent_denied: '好的，什么都不会保留。',
    consent_failed: '暂时没能记下来，没有任何改变。请再试一次。',
    forget_title: '删除关于我的一切？', forget_yes: '删除', forget_no: '保留',
    forget_text: '这次对话以及由此保留的一切都会被删除，无法恢复。',
    forgotten: '关于你的一切都已删除。',
    sources_one: '1 个来源', sources_many: '{n} 个来源', made: '回答是怎么来的', score: '匹配 {n}',
    understood_as: '理解为 {intent}', out_of_scope: '超出所知范围', rule: '规则 {id}', masked: '已遮盖：{kinds}',
    stage_perceive: '感知 {ms} 毫秒', stage_guard_in: '检查 {ms} 毫秒', stage_understand: '理解 {ms} 毫秒',
    stage_recall: '查找 {ms} 毫秒', stage_decide: '决定 {ms} 毫秒', stage_act: '措辞 {ms} 毫秒',
    stage_guard_out: '核对 {ms} 毫秒', stage_express: '成文 {ms} 毫秒',
    stage_store: '保存 {ms} 毫秒', stage_total: '共 {ms} 毫秒', stage_other: '{stage} {ms} 毫秒',
    picture_of: '你发送的图片',
    login_title: '登录', login_key: '密钥', login_enter: '进入', login_wrong: '密钥不对，请再试一次。',
    login_oidc: '用你的账号登录', login_failed: '登录没有成功，请再试一次。',
  },
};

let current = 'en';

/** The primary subtag of a language code: "zh-CN" → "zh". */
export const primary = (code) => String(code || '').toLowerCase().split(/[-_]/)[0];

/** Those of the persona's languages that the interface speaks; English where there is none. */
export function offered(languages) {
  const found = [...new Set((languages || []).map(primary))].filter((code) => code in WORDS);
  return found.length ? found : ['en'];
}

export const language = () => current;

export function setLanguage(code) {
  current = primary(code) in WORDS ? primary(code) : 'en';
  document.documentElement.lang = current;
  for (const element of document.querySelectorAll('[data-words], [data-label]')) apply(element);
}

export const has = (key) => key in WORDS[current];

/** The text of a key, its {places} filled; a value that starts with "@" is itself a key. */
export function word(key, values = {}) {
  const text = WORDS[current][key] ?? WORDS.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = String(values[name] ?? '');
    return value.startsWith('@') ? word(value.slice(1)) : value;
  });
}

/** The text of a key in another language than the interface's, where it is known in it. */
export const wordIn = (code, key) => (WORDS[primary(code)] ?? WORDS[current])[key] ?? key;

/** Show a key's text in an element, now and after each change of language. */
export function say(element, key, values) {
  element.dataset.words = key;
  if (values) element.dataset.values = JSON.stringify(values);
  else delete element.dataset.values;
  apply(element);
}

/** Name an element (for screen readers and as its tip) by a key. */
export function name(element, key, values) {
  element.dataset.label = key;
  if (values) element.dataset.values = JSON.stringify(values);
  apply(element);
}

function apply(element) {
  const { words, label, values } = element.dataset;
  const filled = values ? JSON.parse(values) : {};
  if (words) element.textContent = word(words, filled);
  if (!label) return;
  element.setAttribute('aria-label', word(label, filled));
  if (element.matches('button')) element.title = word(label, filled);
}

/** The text in the interface's language out of {"en": …, "zh": …}, else the first: [text, language]. */
export function choose(texts) {
  if (typeof texts === 'string') return [texts, current];
  const known = Object.entries(texts || {});
  const [code, text] = known.find(([each]) => primary(each) === current) ?? known[0] ?? [current, ''];
  return [text, code];
}

/** The likely language of a text by its script, for `lang` attributes and screen readers. */
export function guess(text) {
  if (/[\u3040-\u30ff]/.test(text)) return 'ja';
  if (/[\uac00-\ud7af]/.test(text)) return 'ko';
  if (/[\u3400-\u9fff]/.test(text)) return 'zh';
  return /[a-z]/i.test(text) && current === 'zh' ? 'en' : current;
}

/** Bytes as people say them. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = bytes < 1e6 ? [1e3, 'kB'] : [1e6, 'MB'];
  const number = bytes / units[0];
  return `${number < 10 ? number.toFixed(1) : Math.round(number)} ${units[1]}`;
}
