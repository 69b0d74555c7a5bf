"""Make a persona of what another program tells about a character: who it is, how it greets, how it talks.

Several formats share this. A persona made here answers at once, without a language model: its greeting, a page about
itself, its examples of dialogue, and the question who it is.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...errors import BadInput
from ..language import guess_language
from .portable import Portable
from .said import language_of, one_line

ABOUT, DIALOGUE = "knowledge/about.md", "knowledge/dialogue.csv"
WHO, HELLO = "who_are_you", "greeting"
_WHO = {
    "en": ["Who are you?", "What is your name?", "Tell me about yourself.", "Introduce yourself, please.",
           "What are you like?", "What should I call you?", "Describe yourself.", "So who am I talking to?"],
    "zh": ["你是谁？", "你叫什么名字？", "介绍一下你自己。", "说说你自己吧。", "你是什么人？", "我该怎么称呼你？",
           "你是个什么样的人？", "能自我介绍一下吗？"],
    "ja": ["あなたは誰ですか？", "お名前は何ですか？", "自己紹介してください。", "あなたについて教えて。"],
    "ko": ["당신은 누구예요?", "이름이 뭐예요?", "자기소개 해 주세요.", "당신에 대해 말해 주세요."],
}  # fmt: skip
_HELLO = {
    "en": ["Hello", "Hi there", "Hey", "Good morning", "Good evening", "Nice to meet you", "Greetings!"],
    "zh": ["你好", "您好", "嗨", "早上好", "晚上好", "很高兴认识你", "哈喽"],
    "ja": ["こんにちは", "はじめまして", "おはようございます", "こんばんは"],
    "ko": ["안녕하세요", "안녕", "처음 뵙겠습니다", "좋은 아침이에요"],
}
_I_AM = {"en": "I'm {}.", "zh": "我是{}。", "ja": "{}です。", "ko": "저는 {}입니다."}
_HEADING = re.compile(r"^--- (.+) ---[ \t]*$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”')\]]*\s+|(?<=[。！？])[”」』]*|\n+")
_TRAIT = re.compile(r"([A-Za-z][\w /-]{0,30})\(\s*(\"[^\"()]*\"(?:\s*[+,]\s*\"[^\"()]*\")*)\s*\)")
_ORDER = re.compile(
    r"\b(?:never|always|must|should|don['’]t|do not|keep|answer|respond|reply|write|speak|let the user|avoid)\b"
    r"|不要|必须|请你|务必|永远|禁止|不能|避免|回答|回复",
    re.IGNORECASE,
)
_SPOKEN_TO = re.compile(r"\byou(?:r|rs|rself)?\b|你|您", re.IGNORECASE)
_SWAPS = [
    (re.compile(r"\byou are\b", re.I), "I am"), (re.compile(r"\byou['’]re\b", re.I), "I'm"),
    (re.compile(r"\byou were\b", re.I), "I was"), (re.compile(r"\byou['’]ve\b", re.I), "I've"),
    (re.compile(r"\byou['’]ll\b", re.I), "I'll"), (re.compile(r"\byourself\b", re.I), "myself"),
    (re.compile(r"(?<![.!?]\s)(?<!^)\byour\b"), "my"), (re.compile(r"\byour\b", re.I), "My"),
    (re.compile(r"\byours\b", re.I), "mine"),
    (re.compile(r"(?<=[a-z] )\byou(?=[.,;!?]|$| (?:to|with|by|in|on|at|and|or|about)\b)"), "me"),
    (re.compile(r"\byou\b", re.I), "I"), (re.compile(r"你们"), "我们"), (re.compile(r"[你您]"), "我"),
]  # fmt: skip


@dataclass(slots=True)
class Character:
    """Hold what is told about a character, as the persona will say it.

    `sections` are the parts of the instructions by title, the part without one first under ""; `about` are parts of
    the page about it, told of it in the third person or by itself; `dialogue` are pairs of question and answer.
    """

    name: str
    sections: dict[str, str] = field(default_factory=dict)
    greeting: str = ""
    greetings: list[str] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)
    dialogue: list[tuple[str, str]] = field(default_factory=list)

    def languages(self) -> list[str]:
        """Return the language of most of it, then those of the other greetings, by their scripts."""
        most = language_of("\n".join([self.greeting, *self.about.values()]).strip() or self.sections.get("", ""))
        return list(dict.fromkeys([most, *(language_of(text) for text in self.greetings)]))


def compose(character: Character) -> Portable:
    """Return the persona of a character."""
    languages = character.languages()
    persona: dict[str, Any] = {"personac": 1, "name": character.name}
    introduction = introduce(character)
    if introduction:
        persona["summary"] = one_line(introduction, 300)
    persona["languages"] = languages
    tone: dict[str, Any] = {}
    if instructions := join_sections(character.sections):
        tone["instructions"] = instructions
    if greeting := _greetings(character, languages):
        tone["greeting"] = greeting
    if tone:
        persona["tone"] = tone
    portable = Portable(persona)
    sources = []
    if any(character.about.values()):
        parts = [f"## {title}\n\n{on_page(text)}\n" for title, text in character.about.items() if text]
        portable.files[ABOUT] = "\n".join([f"# {character.name}\n", *parts]).encode()
        sources.append({"path": ABOUT})
    if character.dialogue:
        rows = [(question, answer, guess_language(answer, languages)) for question, answer in character.dialogue]
        portable.files[DIALOGUE] = table(("question", "answer", "language"), rows)
        sources.append({"path": DIALOGUE})
    if sources:
        persona["knowledge"] = sources
    persona["intents"] = _intents(character, languages, introduction)
    return portable


def _greetings(character: Character, languages: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in (character.greeting, *character.greetings):
        if text:
            found.setdefault(guess_language(text, languages), text)
    return found


def greeting_responses(greeting: str, greetings: Sequence[str], languages: Sequence[str]) -> dict[str, list[str]]:
    """Return what the persona answers to a greeting, by language: the other greetings, else the first one."""
    found: dict[str, list[str]] = {code: [] for code in languages}
    for text in dict.fromkeys(text for text in greetings if text):
        found[guess_language(text, languages)].append(text)
    if greeting and not found[own := guess_language(greeting, languages)]:
        found[own].append(greeting)
    return {code: texts for code, texts in found.items() if texts}


def _intents(character: Character, languages: Sequence[str], introduction: str) -> list[dict[str, Any]]:
    own = guess_language(introduction, languages) if introduction else ""
    said = {}
    for code in languages:
        called = _I_AM.get(code, _I_AM["en"]).format(character.name)
        glue = "" if code in ("zh", "ja") else " "
        said[code] = [f"{called}{glue}{introduction}" if code == own and not _named(introduction) else called]
    if own and _named(introduction):
        said[own] = [introduction]
    intents = [{"name": WHO, "examples": _examples(_WHO, languages), "responses": said}]
    responses = greeting_responses(character.greeting, character.greetings, languages)
    if responses:
        intents.append({"name": HELLO, "examples": _examples(_HELLO, languages), "responses": responses})
    return intents


def _examples(texts: Mapping[str, list[str]], languages: Sequence[str]) -> list[str]:
    return [text for code in languages for text in texts.get(code, [])] or texts["en"]


def _named(introduction: str) -> bool:
    return re.match(r"(I am|I['’]m|My name is)\b|我是|我叫|저는", introduction) is not None


def introduce(character: Character, limit: int = 320) -> str:
    """Return a few sentences that tell who the character is, in its own words where it is spoken to as "you"."""
    text = next((text for text in (*character.about.values(), character.sections.get("", "")) if text), "")
    traits = [f"{key.strip()}: {_list_of(values)}." for key, values in _TRAIT.findall(text)]
    if len(traits) >= 2:
        return _first(traits, limit)
    sentences = [one_line(part, limit) for part in _SENTENCE.split(text) if part and part.strip(" \t-*#>[]{}()")]
    told = [_own_words(part) for part in sentences if not _SPOKEN_TO.search(part) or not _ORDER.search(part)]
    return _first(told, limit)


def own_words(text: str) -> str:
    """Return the sentences of instructions that describe the character, as it would say them itself, each apart."""
    parts = [part.strip() for part in _SENTENCE.split(text) if part and part.strip()]
    return "\n\n".join(_own_words(part) for part in parts if not _ORDER.search(part))


def _own_words(sentence: str) -> str:
    for pattern, instead in _SWAPS:
        sentence = pattern.sub(instead, sentence)
    return sentence


def _first(parts: Iterable[str], limit: int) -> str:
    text = ""
    for part in parts:
        glue = "" if not text or language_of(text) in ("zh", "ja") else " "
        if text and len(text) + len(part) > limit:
            break
        text += glue + part
    return text


def _list_of(values: str) -> str:
    return ", ".join(re.findall(r'"([^"]*)"', values))


def on_page(text: str) -> str:
    """Return a text as it stands on the page: its headings below those of the page."""
    return re.sub(r"^#{1,2}(?=[ \t])", "###", text, flags=re.MULTILINE)


def as_part(text: str) -> str:
    """Return a text as a part of instructions: no line of it looks like the title of another part."""
    return _HEADING.sub(r"-- \1 --", text)


def join_sections(sections: Mapping[str, str]) -> str:
    """Return the parts of instructions as one text, each but the first under a line with its title."""
    parts = [text if not title else f"--- {title} ---\n{text}" for title, text in sections.items() if text]
    return "\n\n".join(parts)


def split_sections(instructions: str, titles: Iterable[str]) -> dict[str, str]:
    """Return the parts of instructions by title; lines that are no known title stay text."""
    known = set(titles)
    found: dict[str, str] = {}
    title, start = "", 0
    for match in _HEADING.finditer(instructions):
        if match[1] in known and match[1] not in found and match[1] != title:
            found[title] = instructions[start : match.start()].strip()
            title, start = match[1], match.end()
    found[title] = instructions[start:].strip()
    return found


def about_sections(page: str) -> dict[str, str]:
    """Return the parts of the page about a character by their headings."""
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    return dict(zip((title.strip() for title in parts[1::2]), (text.strip() for text in parts[2::2])))


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a table as CSV."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return file.getvalue().encode()


def read_rows(data: bytes, name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV by column; raise BadInput when it cannot be read."""
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        return [{(k or "").strip(): v.strip() for k, v in row.items() if isinstance(v, str)} for row in reader]
    except (csv.Error, UnicodeDecodeError):
        raise BadInput("bad_table", f"{name} is not a table that can be read; save it again as CSV.") from None
