"""What is kept of a user as one page to read: HTML with nothing to load and nothing that runs.

Knows the dictionary of an export; a list that it does not know becomes a table. All words of others are escaped.
Pictures, recordings and videos (`base64`) are shown and played out of the page itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

_WORDS: dict[str, dict[str, str]] = {
    "title": {"en": "What {name} keeps of you", "zh": "{name}保存的关于您的内容"},
    "made": {"en": "As of {at}", "zh": "截至{at}"},
    "who": {"en": "You are known as", "zh": "您的标识"},
    "consent": {"en": "Your decision", "zh": "您的决定"},
    "yes": {"en": "may be kept", "zh": "同意保存"},
    "no": {"en": "nothing may be kept", "zh": "不同意保存"},
    "none": {"en": "not decided", "zh": "尚未决定"},
    "nothing": {"en": "Nothing.", "zh": "没有内容。"},
    "you": {"en": "You", "zh": "您"},
    "turns": {"en": "Conversation", "zh": "对话"},
    "facts": {"en": "Facts", "zh": "记住的信息"},
    "consents": {"en": "Your decisions so far", "zh": "历次决定"},
    "feedback": {"en": "Feedback", "zh": "反馈"},
    "deliveries": {"en": "Messages on their way", "zh": "传送中的消息"},
    "media": {"en": "Pictures and recordings", "zh": "图片和录音"},
    "follow_ups": {"en": "What is planned for you", "zh": "已为您安排的事项"},
    "due": {"en": "Due (UTC)", "zh": "到期时间（UTC）"},
    "skill": {"en": "What will be done", "zh": "将执行的操作"},
    "slots": {"en": "With", "zh": "参数"},
    "receipts": {"en": "Receipts", "zh": "回执"},
    "note": {
        "en": "This page was made for you. The file with the same name that ends in .json holds the same for programs.",
        "zh": "此页面仅供您本人使用。同名的 .json 文件内容相同，供程序读取。",
    },
    "at": {"en": "Time (UTC)", "zh": "时间（UTC）"},
    "what": {"en": "What", "zh": "内容"},
    "channel": {"en": "Channel", "zh": "渠道"},
    "conversation_id": {"en": "Conversation", "zh": "对话"},
    "key": {"en": "Message", "zh": "消息"},
    "value": {"en": "Value", "zh": "值"},
    "good": {"en": "Helpful", "zh": "有帮助"},
    "session_only": {"en": "Held for this session only", "zh": "仅限本次会话，不会保存"},
    "state": {"en": "State", "zh": "状态"},
    "payload": {"en": "What you sent", "zh": "您发送的内容"},
    "answer": {"en": "Answer", "zh": "回答"},
    "asked": {"en": "asked", "zh": "已询问"},
    "granted": {"en": "agreed", "zh": "同意"},
    "denied": {"en": "declined", "zh": "不同意"},
    "kind": {"en": "Kind", "zh": "类型"},
    "mime": {"en": "Format", "zh": "格式"},
    "name": {"en": "Name", "zh": "名称"},
    "image": {"en": "Picture", "zh": "图片"},
    "audio": {"en": "Recording", "zh": "录音"},
    "video": {"en": "Video", "zh": "视频"},
}
_PLAYED = {  # what a browser shows of each kind; the bytes run nothing in it
    "image": '<img src="{source}" alt="{name}">',
    "audio": '<audio controls src="{source}" aria-label="{name}"></audio>',
    "video": '<video controls src="{source}" aria-label="{name}"></video>',
}
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_LONG = re.compile(r"\S{25}")  # a name of a program's, which may break anywhere
_ORDER = ("turns", "facts", "consents", "feedback", "media", "follow_ups", "deliveries", "receipts")
_STYLE = """
:root{color-scheme:light dark;--paper:#f6f5f1;--card:#fff;--ink:#1d2522;--soft:#5c6863;--line:#dfe3de;--own:#dcebe4;
--accent:#1f6b58}
@media(prefers-color-scheme:dark){:root{--paper:#141a18;--card:#1c2421;--ink:#e6ece9;--soft:#9aa8a2;--line:#2d3834;
--own:#234338;--accent:#7cc7ae}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:46rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{margin:0 0 .25rem;font-size:1.75rem;line-height:1.25}
h2{margin:2.5rem 0 .9rem;font-size:1.15rem;color:var(--accent)}
h2 span{color:var(--soft);font-weight:400}
h3{margin:1.5rem 0 .5rem;font-size:.82rem;font-weight:500;color:var(--soft);overflow-wrap:anywhere}
p{margin:.2rem 0}.soft{color:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.25rem;margin:1.5rem 0 0;padding:1rem 1.25rem;
background:var(--card);border:1px solid var(--line);border-radius:.9rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.turn{margin:0 0 1rem}
.said,.told{width:fit-content;max-width:85%;padding:.6rem .95rem;border-radius:1rem;white-space:pre-wrap;
overflow-wrap:anywhere}
.said{margin:0 0 .4rem auto;background:var(--own);border-bottom-right-radius:.25rem}
.told{background:var(--card);border:1px solid var(--line);border-bottom-left-radius:.25rem}
time{display:block;margin:0 0 .3rem;text-align:right;font-size:.78rem;color:var(--soft)}
.wide{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:.9rem}
table{width:100%;border-collapse:collapse;font-size:.92rem}
th,td{padding:.55rem .9rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
.at{white-space:nowrap}.long{min-width:11rem;overflow-wrap:anywhere}
.media{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15rem,100%),1fr));gap:.9rem;
align-items:start}.media+.wide{margin-top:.9rem}
figure{margin:0;padding:.7rem;background:var(--card);border:1px solid var(--line);border-radius:.9rem}
figure img,figure video{display:block;max-width:100%;max-height:20rem;margin:auto;border-radius:.4rem}
figure audio{display:block;width:100%}
figcaption{margin-top:.5rem;font-size:.82rem;color:var(--soft);overflow-wrap:anywhere}
thead th{border-top:0;color:var(--soft);font-weight:500;white-space:nowrap}
td{white-space:pre-wrap}
footer{margin-top:3rem;font-size:.85rem;color:var(--soft)}
@media print{body{background:#fff}.turn,figure{break-inside:avoid}}
"""


def page(kept: Mapping[str, Any], name: str, language: str, now: float) -> str:
    """Return an export as a page, in Chinese for zh and its variants, else in English; `now` is seconds since 1970."""
    code = "zh" if language.split("-")[0] == "zh" else "en"
    title = _word("title", code).format(name=name)
    decided = "none" if kept.get("consent") is None else "yes" if kept["consent"] else "no"
    facts = [(_word("who", code), str(kept.get("user", ""))), (_word("consent", code), _word(decided, code))]
    lists = {key: rows for key, rows in kept.items() if isinstance(rows, list)}
    keys = [key for key in _ORDER if key in lists] + sorted(lists.keys() - set(_ORDER))
    parts = [_section(key, lists[key], name, code) for key in keys]
    others = {k: v for k, v in kept.items() if k not in lists and k not in ("user", "consent")}
    facts += [(_word(key, code), _shown(value)) for key, value in others.items()]
    listed = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in facts)
    made = _word("made", code).format(at=f"{_time(now)} UTC")
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if code == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        'img-src data:; media-src data:">'
        f'<meta name="robots" content="noindex"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><main>"
        f'<header><h1>{escape(title)}</h1><p class="soft">{escape(made)}</p><dl>{listed}</dl></header>'
        f"{''.join(parts)}<footer>{escape(_word('note', code))}</footer></main></body></html>\n"
    )


def _section(key: str, rows: Sequence[Any], name: str, code: str) -> str:
    head = f"<section><h2>{escape(_word(key, code))} <span>{len(rows)}</span></h2>"
    if not rows:
        return f'{head}<p class="soft">{escape(_word("nothing", code))}</p></section>'
    if key == "media":
        return f"{head}{_media(rows, code)}</section>"
    return f"{head}{_talk(rows, name, code) if key == 'turns' else _table(rows, code)}</section>"


def _talk(rows: Sequence[Mapping[str, Any]], name: str, code: str) -> str:
    """Return the turns by conversation, each with who said what."""
    made: list[str] = []
    last: object = None
    for row in sorted(rows, key=lambda row: (str(row.get("conversation")), float(row.get("at") or 0))):
        where = (row.get("conversation"), row.get("channel"))
        if where != last:
            made.append(f"<h3>{escape(' · '.join(str(part) for part in reversed(where) if part))}</h3>")
            last = where
        said, told = escape(str(row.get("said") or "")), escape(str(row.get("answered") or ""))
        passing = f" · {escape(_word('session_only', code))}" if row.get("session_only") else ""
        made.append(
            f'<div class="turn"><time>{_time(row.get("at"))}{passing}</time>'
            + (f'<div class="said" aria-label="{escape(_word("you", code))}">{said}</div>' if said else "")
            + (f'<div class="told" aria-label="{escape(name)}">{told}</div>' if told else "")
            + "</div>"
        )
    return "".join(made)


def _media(rows: Sequence[Any], code: str) -> str:
    """Return the pictures, recordings and videos, and a table of what cannot be shown."""
    shown = [(row, _figure(row, code)) for row in rows]
    figures = "".join(figure for _, figure in shown)
    others = [row for row, figure in shown if not figure]
    return (f'<div class="media">{figures}</div>' if figures else "") + (_table(others, code) if others else "")


def _figure(row: Any, code: str) -> str:
    if not isinstance(row, Mapping):
        return ""
    kind, mime, data = str(row.get("kind")), str(row.get("mime") or ""), str(row.get("base64") or "")
    if kind not in _PLAYED or not _BASE64.fullmatch(data):
        return ""
    mime = mime if re.fullmatch(rf"{kind}/[\w.+-]+", mime) else f"{kind}/*"
    at, named = _time(row.get("at")), str(row.get("name") or "")
    name = f"{named or _word(kind, code)}, {at}"
    whole = _PLAYED[kind].format(source=f"data:{mime};base64,{data}", name=escape(name))
    told = [part for part in (at, named, str(row.get("conversation") or "")) if part]
    return f"<figure>{whole}<figcaption>{escape(' · '.join(told))}</figcaption></figure>"


def _table(rows: Sequence[Any], code: str) -> str:
    items = [row if isinstance(row, Mapping) else {"what": row} for row in rows]
    columns = [key for key in dict.fromkeys(key for row in items for key in row) if key != "base64"]
    heads = "".join(f"<th>{escape(_column(key, code))}</th>" for key in columns)
    lines = "".join(
        "<tr>" + "".join(_filled(key, _cell(key, row.get(key), code)) for key in columns) + "</tr>" for row in items
    )
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>'


def _filled(key: str, text: str) -> str:
    style = ' class="at"' if _is_time(key) else ' class="long"' if _LONG.search(text) else ""
    return f"<td{style}>{escape(text)}</td>"


def _column(key: str, code: str) -> str:
    return _word("conversation_id" if key == "conversation" else key, code)


def _cell(key: str, value: Any, code: str) -> str:
    if _is_time(key):
        return _time(value)
    if key in ("what", "kind") and isinstance(value, str):
        return _word(value, code)
    return _shown(value, code)


def _is_time(key: str) -> bool:
    return key in ("at", "due") or key.endswith("_at")


def _shown(value: Any, code: str = "en") -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False, indent=1)
    return str(value)


def _time(value: Any) -> str:
    try:
        return datetime.fromtimestamp(float(value), UTC).strftime("%Y-%m-%d %H:%M")
    except (TypeError, ValueError, OverflowError, OSError):
        return "–" if value is None else str(value)


def _word(key: str, code: str) -> str:
    texts = _WORDS.get(key)
    return texts[code] if texts else key.replace("_", " ")
