// Draws what data.json says: tiles, a plot of each sign by hour, surges, escalations, and the rules that fired.

const WORDS = {
  en: {
    title: "Monitor", turns: "Turns", refused: "Refusals", escalated: "Escalations", handed_off: "Hand-offs",
    attacks: "Attacks", out_of_scope: "Out of scope", negative: "Negative emotion",
    feedback_bad: "Bad opinions", feedback_good: "Good opinions", rules: "Rules that fired", risks: "Dangers found",
    day: "24 hours", week: "7 days", month: "30 days", of: "of turns", ofOpinions: "of opinions",
    surge: "Surge", since: "since", nothing: "Nothing was counted in the last {range}.", lost: "The server does not answer; trying again.",
    alerts: "Alerts: {sent} sent, {open} waiting, {failed} given up.", updated: "Updated {at}. Hours are yours ({zone}).",
    most: "at most {n} in {unit}", hour: "an hour", hours: "{n} hours", one: "a day",
    recent: "Recent escalations", read: "Read", close: "Close", user: "User", persona: "Persona",
    noted: "What was said last, personal data masked. That you opened it is in the audit log.",
    gone: "Nothing of this conversation is kept (any more).", unread: "It could not be opened: {why}",
    elsewhere: "nothing of this conversation is kept here. Another process serves this persona too, and may still hold it in its memory: open it there.",
    unavailable: "the server cannot read what is kept, or cannot write into the audit log ({why}).",
    not_found: "this escalation is not kept here (any more).",
    table: "Numbers", time: "From", count: "Count", rest: "At all other times it was 0.",
  },
  zh: {
    title: "监控", turns: "对话轮次", refused: "拒绝", escalated: "紧急上报", handed_off: "转人工",
    attacks: "越狱与注入", out_of_scope: "超出范围", negative: "负面情绪",
    feedback_bad: "差评", feedback_good: "好评", rules: "触发的规则", risks: "发现的风险",
    day: "24 小时", week: "7 天", month: "30 天", of: "占轮次", ofOpinions: "占评价",
    surge: "激增", since: "始于", nothing: "最近 {range}没有任何计数。", lost: "服务器没有响应，正在重试。",
    alerts: "提醒：已发送 {sent}，等待 {open}，放弃 {failed}。", updated: "更新于 {at}。时间为本地时区（{zone}）。",
    most: "每{unit}最多 {n}", hour: "小时", hours: " {n} 小时", one: "天",
    recent: "最近的紧急上报", read: "查看", close: "关闭", user: "用户", persona: "机器人",
    noted: "最近的对话，个人信息已遮盖。本次查看已记入审计日志。",
    gone: "这段对话没有（不再）保存。", unread: "无法打开：{why}",
    elsewhere: "这里没有保存这段对话。另一个进程也在运行这个机器人，内容可能还在它的内存中，请在那里打开。",
    unavailable: "服务器无法读取已保存的内容，或无法写入审计日志（{why}）。",
    not_found: "这条上报（已）不在这里保存。",
    table: "数据", time: "起始时间", count: "次数", rest: "其余时段均为 0。",
  },
};
const language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
const say = (key, values = {}) => WORDS[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const RANGES = { day: [24, 1], week: [168, 3], month: [720, 12] }; // hours, and hours of one bar
const SIGNS = ["turns", "refused", "escalated", "handed_off", "attacks", "out_of_scope", "negative", "feedback_bad", "feedback_good"];
const SHORT = { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" };
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 560, HEIGHT = 130, LEFT = 34, BOTTOM = 20, TOP = 8;

const [named, wanted] = location.hash.slice(1).split("/").map(decodeURIComponent);
let range = "week", chosen = named ?? "", data = null, away = false, offered = "";

const $ = (id) => document.getElementById(id);
const number = (n) => n.toLocaleString(language);
const sum = (row) => row.reduce((a, b) => a + b, 0);
const at = (seconds, options) => new Date(seconds * 1000).toLocaleString(language, options);

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function draw(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Return a round number that is at least n. */
function ceiling(n) {
  if (n <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(n));
  return [1, 2, 4, 5, 8, 10].map((m) => m * power).find((m) => m >= n);
}

/** Return the sums of groups of hours; the newest group is whole, so the oldest may be short. */
function grouped(row, size) {
  const groups = [];
  for (let end = row.length; end > 0; end -= size) groups.unshift(sum(row.slice(Math.max(0, end - size), end)));
  return groups;
}

/** Hold the plot of a sign and the table of its numbers, which stays while they change: so does its focus. */
class Figure {
  constructor(sign) {
    this.sign = sign;
    this.output = make("output");
    this.svg = draw("svg", {});
    this.rows = [];
    this.details = make("details", {}, make("summary", { "aria-label": `${say("table")}: ${say(sign)}` }, say("table")));
    this.details.addEventListener("toggle", () => this.list());
    this.element = make("figure", {}, make("figcaption", {}, make("h2", {}, say(sign)), this.output), this.svg, this.details);
  }

  update(persona, width) {
    const { svg, rows } = plot(persona, this.sign, width, this.output);
    this.svg.replaceWith(svg);
    this.svg = svg;
    this.rows = rows;
    this.list();
  }

  list() {
    this.details.querySelector("table")?.remove();
    if (!this.details.open) return;
    const head = make("tr", {}, make("th", { scope: "col" }, say("time")), make("th", { scope: "col" }, say("count")));
    const body = this.rows.filter(([, n]) => n).reverse().map(([time, n]) => make("tr", {}, make("td", {}, at(time, SHORT)), make("td", {}, number(n))));
    this.details.append(make("table", {}, make("caption", {}, say("rest")), head, ...body));
  }
}

/** Return the plot of a sign, and [time, count] of each bar; the one that is pointed at is told in the output. */
function plot(persona, sign, width, output) {
  const [hours, size] = RANGES[data.range];
  const row = grouped(persona.signs[sign], size);
  const top = ceiling(Math.max(...row));
  const step = (width - LEFT) / row.length, high = HEIGHT - BOTTOM - TOP;
  const y = (n) => TOP + high * (1 - n / top);
  const end = persona.start + hours * 3600;
  const x = (seconds) => LEFT + ((seconds - persona.start) / (hours * 3600)) * (width - LEFT);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `${say(sign)}: ${number(sum(row))}` });
  for (const surge of persona.surges.filter((one) => one.sign === sign)) {
    const from = Math.max(LEFT, x(surge.since)), to = Math.min(width, x(surge.until ?? persona.now));
    svg.append(draw("rect", { class: "surge", x: from, y: TOP, width: Math.max(3, to - from), height: high }));
    svg.append(draw("line", { class: "surge-edge", x1: from, x2: from, y1: TOP, y2: TOP + high }));
  }
  for (const part of [0, 0.5, 1]) {
    svg.append(draw("line", { class: "grid", x1: LEFT, x2: width, y1: y(top * part), y2: y(top * part) }));
    svg.append(draw("text", { x: LEFT - 6, y: y(top * part) + 4, "text-anchor": "end" }, number(top * part)));
  }
  const bars = row.map((n, i) => {
    const bar = draw("rect", { class: "bar", x: LEFT + i * step + step * 0.12, y: y(n), width: step * 0.76, height: Math.max(0, y(0) - y(n)), rx: Math.min(2, step / 4) });
    svg.append(bar);
    return bar;
  });
  const label = hours <= 24 ? { hour: "2-digit", minute: "2-digit" } : { month: "numeric", day: "numeric" };
  const every = hours <= 24 ? 6 * 3600 : hours <= 168 ? 86400 : 5 * 86400;
  const first = new Date(persona.start * 1000);
  first.setHours(hours <= 24 ? Math.ceil(first.getHours() / 6) * 6 : 24, 0, 0, 0);
  for (let time = first.getTime() / 1000; time < end - every * 0.3; time += every) {
    svg.append(draw("text", { x: x(time), y: HEIGHT - 4, "text-anchor": "middle" }, at(time, label)));
  }
  const unit = size === 1 ? say("hour") : size === 24 ? say("one") : say("hours", { n: size });
  const rest = say("most", { n: number(Math.max(...row)), unit });
  if (output.textContent !== rest) output.textContent = rest; // it is read aloud when it changes
  const begin = (i) => end - (row.length - i) * size * 3600;
  const point = (event) => {
    const box = svg.getBoundingClientRect();
    const i = Math.floor((((event.clientX - box.left) / box.width) * width - LEFT) / step);
    bars.forEach((bar, own) => bar.classList.toggle("on", own === i));
    output.textContent = i in row ? `${at(begin(i), SHORT)} · ${number(row[i])}` : rest;
  };
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointerleave", () => {
    bars.forEach((bar) => bar.classList.remove("on"));
    output.textContent = rest;
  });
  return { svg, rows: row.map((n, i) => [begin(i), n]) };
}

function tile(persona, sign) {
  const total = sum(persona.signs[sign]);
  const opinions = sign.startsWith("feedback");
  const whole = opinions ? sum(persona.signs.feedback_good) + sum(persona.signs.feedback_bad) : sum(persona.signs.turns);
  const share = whole ? (100 * total) / whole : 0;
  const rate = sign === "turns" ? "\u00a0" : `${share.toLocaleString(language, { maximumFractionDigits: share < 10 ? 1 : 0 })} % ${say(opinions ? "ofOpinions" : "of")}`;
  return make("div", { class: "tile" }, make("p", { class: "name" }, say(sign)), make("p", { class: "number" }, number(total)), make("p", { class: "rate" }, rate));
}

function list(persona, title, prefix) {
  const rows = Object.entries(persona.signs).filter(([sign]) => sign.startsWith(prefix)).map(([sign, row]) => [sign.slice(prefix.length), sum(row)]);
  const shown = rows.filter(([, n]) => n).sort((a, b) => b[1] - a[1]).slice(0, 12);
  if (!shown.length) return [];
  const table = make("table", {}, ...shown.map(([name, n]) => make("tr", {}, make("td", {}, name), make("td", {}, number(n)))));
  return [make("div", { class: "list" }, make("h2", {}, title), table)];
}

/** Show what was said in a conversation that a rule escalated. */
async function read(persona, id) {
  const note = $("talk-note"), turns = $("talk-turns");
  turns.replaceChildren();
  $("talk-title").textContent = $("talk-close").textContent = note.textContent = "";
  try {
    const response = await fetch(`escalation.json?persona=${encodeURIComponent(persona.slug)}&id=${encodeURIComponent(id)}`);
    const told = await response.json();
    if (!response.ok) throw new Error(told.code in WORDS[language] ? say(told.code, { why: told.message }) : told.message ?? String(response.status));
    $("talk-title").textContent = `${told.rule} · ${at(told.at, SHORT)}`;
    note.textContent = say(told.turns.length ? "noted" : "gone");
    for (const turn of told.turns) {
      if (turn.said) turns.append(line("user", turn.said, turn));
      if (turn.answered) turns.append(line("persona", turn.answered, turn));
    }
  } catch (error) {
    $("talk-title").textContent = id;
    note.textContent = say("unread", { why: error.message });
  }
  $("talk-close").textContent = say("close");
  if (!$("talk").open) $("talk").showModal();
}

function line(role, text, turn) {
  const head = make("p", { class: "who" }, `${say(role)} · ${at(turn.at, SHORT)}`);
  return make("li", { class: role, lang: turn.language }, head, make("p", {}, text));
}

/** List the escalations, newest first; rows that were there stay, as somebody may be about to press their button. */
function escalations(persona) {
  $("escalations").hidden = !persona.escalations.length;
  const table = $("escalations").querySelector("table"), ids = persona.escalations.map((one) => `escalation-${one.id}`);
  for (const row of [...table.rows]) if (!ids.includes(row.id)) row.remove();
  persona.escalations.forEach((one, i) => {
    if (table.rows[i]?.id === ids[i]) return;
    const button = make("button", { type: "button", "aria-label": `${say("read")}: ${one.rule}, ${at(one.at, SHORT)}` }, say("read"));
    button.addEventListener("click", () => read(persona, one.id));
    const row = make("tr", { id: ids[i] }, make("td", {}, at(one.at, SHORT)), make("td", {}, one.rule), make("td", {}, one.channel), make("td", {}, button));
    if (one.id === wanted) row.className = "wanted";
    table.insertBefore(row, table.rows[i] ?? null);
  });
}

/** Offer the personas; the buttons are made anew only when there are others. */
function personas(shown) {
  const known = data.personas.length > 1 ? data.personas : [], key = JSON.stringify(known.map((one) => [one.slug, one.name]));
  if (key !== offered) {
    offered = key;
    $("personas").replaceChildren(...known.map((one) => {
      const button = make("button", { type: "button" }, one.name);
      button.addEventListener("click", () => { chosen = one.slug; history.replaceState(null, "", `#${encodeURIComponent(chosen)}`); show(); });
      return button;
    }));
  }
  known.forEach((one, i) => $("personas").children[i].setAttribute("aria-pressed", one === shown));
}

/** Say that the server is away, or that nothing was counted of a persona in the time that is shown. */
function state(persona) {
  const empty = persona && Object.values(persona.signs).every((row) => !sum(row));
  const told = away ? say("lost") : empty ? say("nothing", { range: say(data.range) }) : "";
  if ($("state").textContent !== told) $("state").textContent = told; // it is read aloud when it changes
  $("state").className = away ? "wrong" : "";
}

function show() {
  const persona = data.personas.find((one) => one.slug === chosen) ?? data.personas[0];
  $("title").textContent = data.personas.length > 1 ? say("title") : `${persona.name} · ${say("title")}`;
  document.title = `${persona.name} · ${say("title")}`;
  personas(persona);
  state(persona);
  const open = persona.surges.filter((surge) => surge.until === null);
  $("surges").hidden = !open.length;
  $("surges").replaceChildren(...open.map((surge) => make("p", {}, `${say("surge")}: ${say(surge.sign)} · ${say("since")} ${at(surge.since, SHORT)}`)));
  $("tiles").replaceChildren(...SIGNS.map((sign) => tile(persona, sign)));
  escalations(persona);
  const room = $("main").clientWidth;
  const width = room < 620 ? 360 : WIDTH;
  const wide = room < 980 ? width : 2 * WIDTH + 45; // over both columns, with what lies between them
  figures.forEach((figure, i) => figure.update(persona, i ? width : wide));
  $("rules").replaceChildren(...list(persona, say("rules"), "rule:"), ...list(persona, say("risks"), "risk:"));
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const alerts = say("alerts", { sent: 0, open: 0, failed: 0, ...persona.alerts });
  $("foot").textContent = `${alerts} ${say("updated", { at: at(persona.now, { hour: "2-digit", minute: "2-digit" }), zone })}`;
}

async function load() {
  const asked = range;
  try {
    const response = await fetch(`data.json?hours=${RANGES[asked][0]}`);
    if (!response.ok) throw new Error(String(response.status));
    const told = await response.json();
    if (asked !== range) return; // another was asked for meanwhile
    data = { ...told, range: asked };
    away = false;
    $("main").hidden = false;
    show();
  } catch {
    away = true;
    state();
  }
}

document.documentElement.lang = language;
const figures = SIGNS.map((sign) => new Figure(sign));
figures[0].element.className = "wide";
$("plots").append(...figures.map((figure) => figure.element));
$("escalations").append(make("div", { class: "list" }, make("h2", {}, say("recent")), make("table")));
$("ranges").append(...Object.keys(RANGES).map((name) => {
  const button = make("button", { "aria-pressed": name === range }, say(name));
  button.addEventListener("click", () => {
    range = name;
    for (const other of $("ranges").children) other.setAttribute("aria-pressed", other === button);
    load();
  });
  return button;
}));
$("talk-close").addEventListener("click", () => $("talk").close());
let drawn = innerWidth;
addEventListener("resize", () => { if (data && innerWidth !== drawn) { drawn = innerWidth; show(); } });
load().then(() => {
  const persona = data?.personas.find((one) => one.slug === chosen);
  if (persona && wanted) read(persona, wanted);
});
setInterval(load, 30_000);
