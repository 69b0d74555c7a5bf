"""Turn the texts of other programs into what a persona says: macros resolved, marks of HTML and control signs removed.

Everything here gives the same result for the same text, so that an export can tell whether an author changed it. No
text is ever run: neither scripts nor the regular expressions of lorebooks.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace

from ..language import script_of

MAX_ROUNDS = 8
_MACRO = re.compile(r"\{\{([^{}]*)\}\}")
_OLD = re.compile(r"<(char|bot|user)>", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HIDDEN = frozenset({"script", "style", "noscript", "template", "iframe", "object", "svg"})
_OTHER_ELEMENTS = """
    a abbr article audio b big blockquote body br button canvas center code dd del details div dl dt em embed fieldset
    figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i img input label li link main mark meta nav ol option
    p pre q s section select small span strike strong sub summary sup table tbody td textarea th thead title tr tt u ul
    var video"""
_ELEMENTS = _HIDDEN.union(_OTHER_ELEMENTS.split())
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,11})(?=[\s/>])[^<>]{0,2000}>|<!--")
_YOU = {"en": "you", "zh": "你", "ja": "あなた", "ko": "당신"}
_THE_USER = {"en": "the user", "zh": "用户", "ja": "ユーザー", "ko": "사용자"}
_CODES = {"han": "zh", "kana": "ja", "hangul": "ko", "cyrillic": "ru", "arabic": "ar"}
_AGREEMENT = {"has": "have", "is": "are", "was": "were", "does": "do"}


@dataclass(slots=True)
class Speaker:
    """Know who `{{char}}` and `{{user}}` are, and collect the macros that are not known.

    Without a `user` the text speaks to the user, as "you" in its own language; `language` is for texts of macros only.
    """

    char: str
    user: str | None = None
    language: str = "en"
    unknown: set[str] = field(default_factory=set)


def language_of(text: str) -> str:
    """Return the language of a text by its script; Latin letters are taken for English."""
    return _CODES.get(script_of(text), "en")


def of_the_user(language: str) -> str:
    """Return how a text in a language speaks of the user."""
    return _THE_USER.get(language, _THE_USER["en"])


def said(text: str, speaker: Speaker) -> str:
    """Return a text as a persona says it."""
    return harmless(resolve(text, speaker)).strip()


def clean(text: str) -> str:
    """Return a text without signs that cannot be shown; line ends become those of Unix."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))


def one_line(text: str, limit: int = 80) -> str:
    """Return a text on one line of at most `limit` characters."""
    return " ".join(clean(text).split())[:limit].strip()


def resolve(text: str, speaker: Speaker) -> str:
    """Return a text with its macros replaced (character card V3, "Curly Braced Syntaxes", and the older signs)."""
    text = clean(text)
    text = _OLD.sub(lambda match: "{{user}}" if match[1].lower() == "user" else "{{char}}", text)
    if "{{" not in text:
        return text
    if re.search(r"[a-zA-Z]{2}", _MACRO.sub("", text)) or not text.isascii():
        speaker = replace(speaker, language=language_of(_MACRO.sub("", text)))
    text = _address(text, speaker)
    for _ in range(MAX_ROUNDS):
        replaced = _MACRO.sub(lambda match: _in_place(match, _replacement(match[1], speaker)), text)
        if replaced == text:
            break
        text = replaced
    return text


def harmless(text: str) -> str:
    """Return a text without the tags of HTML, and without what scripts and style sheets hold."""
    if "<" not in text:
        return text
    kept: list[str] = []
    position, hidden = 0, ""
    while match := _TAG.search(text, position):
        if not hidden:
            kept.append(text[position : match.start()])
        position = match.end()
        if match[0] == "<!--":
            end = text.find("-->", position)
            position = len(text) if end < 0 else end + 3
            continue
        name = match[2].lower()
        if hidden:
            hidden = "" if match[1] and name == hidden else hidden
        elif name not in _ELEMENTS:
            kept.append(match[0])
        elif name in _HIDDEN and not match[1] and not match[0].endswith("/>"):
            hidden = name
        elif name in ("br", "p", "div", "li", "tr"):
            kept.append("\n")
    if not hidden:
        kept.append(text[position:])
    return re.sub(r"\n{3,}", "\n\n", "".join(kept))


def _address(text: str, speaker: Speaker) -> str:
    """Make sentences that speak to the user by name speak to nobody by name."""
    if speaker.user is not None:
        return text
    if speaker.language != "en":
        return re.sub(r"[，、]\{\{user\}\}(?=[。，！？…~～])", "", text, flags=re.IGNORECASE)
    text = re.sub(r",[ ]?\{\{user\}\}(?=[ ]?[.,!?~…])", "", text, flags=re.IGNORECASE)
    text = re.sub(
        r"\{\{user\}\} (has|is|was|does)\b", lambda m: f"{{{{user}}}} {_AGREEMENT[m[1].lower()]}", text, flags=re.I
    )
    return re.sub(r"\{\{user\}\}['’]s\b", "your", text, flags=re.IGNORECASE)


def _in_place(match: re.Match[str], instead: str) -> str:
    """Return what stands for a macro, with a capital letter where it begins a sentence."""
    if match[1].strip().lower() != "user":
        return instead
    before = match.string[max(0, match.start() - 3) : match.start()]
    begins = not before.strip() or before.endswith("\n") or re.search(r"[.!?*\"“]\s*$", before) is not None
    return instead[:1].upper() + instead[1:] if begins else instead


def _replacement(inner: str, speaker: Speaker) -> str:
    name, colon, rest = inner.strip().partition(":")
    name = name.strip().lower()
    if name.startswith("//") or (colon and name in ("comment", "hidden_key")):
        return ""
    if not colon and name in ("char", "bot"):
        return speaker.char
    if not colon and name == "user":
        return speaker.user if speaker.user is not None else _YOU.get(speaker.language, "you")
    if colon and name in ("random", "pick"):
        options = _options(rest)
        return options[_chance(inner, len(options))] if options else ""
    if colon and name == "roll":
        sides = re.fullmatch(r":?\s*(?:1?d)?(\d{1,9})\s*", rest.lower())
        return str(1 + _chance(inner, int(sides[1]))) if sides and int(sides[1]) else ""
    if colon and name == "reverse":
        return rest.removeprefix(":")[::-1]
    if not colon and name == "newline":
        return "\n"
    if name not in ("original", "trim", "noop"):
        speaker.unknown.add(one_line(inner, 40))
    return ""


def _options(rest: str) -> list[str]:
    """Return the choices in `A,B` (a comma inside of one is written with a backslash) or in `:A::B`."""
    if rest.startswith(":"):
        inner = rest[1:]
        if "::" in inner:
            return [option.strip() for option in inner.split("::")]
        rest = inner
    parts = rest.replace("\\,", "\x00").split(",")
    return [part.replace("\x00", ",").strip() for part in parts] if rest.strip() else []


def _chance(seed: str, count: int) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode("utf-8", "replace")).digest()[:8], "big") % max(1, count)
