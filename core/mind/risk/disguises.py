"""Texts behind a disguise: encoded, spelled around, spaced out, reversed. Knows writing, not meaning.

What is undone: look-alike letters, unseen characters, full width; figures for letters; letters and Chinese characters
apart; base64, hex, binary, URL and HTML encoding, escapes; rot13; reversed text; strings joined by plus signs.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from ..disguise import fold
from .figures import without_figures

DEPTH = 2  # disguises one inside the other
READ = 6000  # characters of a text that are looked at
FOUND = 6  # texts behind a text, at most
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}(?:\s*\n[A-Za-z0-9+/_-]{4,})*={0,2}")
_HEX = re.compile(r"(?:(?:0x|\\x|%)?[0-9a-fA-F]{2}[\s,:]*){8,}")
_BINARY = re.compile(r"(?:[01]{8}\s*){5,}")
_ESCAPED = re.compile(r"\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}")
_APART = re.compile(r"(?<!\w)[^\W_](?:[\s.*_·|,/~-]{1,3}[^\W_](?!\w)){4,}")
_GAP = re.compile(r"\s{2,}|\s*[|/]\s*")
_CHINESE_APART = re.compile(  # by signs that no sentence has there, or one by one by commas
    r"(?<=[\u3400-\u9fff])[\s.*_·|/~+-]{1,2}(?=[\u3400-\u9fff])"
    r"|(?:(?<![\u3400-\u9fff][\u3400-\u9fff])(?<=[\u3400-\u9fff]))[,，、]\s?(?=[\u3400-\u9fff](?:[,，、。！？]|$))"
)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_UNUSUAL = re.compile(  # signs of sentences are usual, wide ones, too
    r"[^\x00-\u024f\u2010-\u2027\u2030-\u205e\u3000-\u9fff\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]"
)
_PLUS = re.compile(r"""["'”’]\s*\+\s*["'“‘]""")
_COMMON = re.compile(
    r"\b(?:the|to|a|an|of|and|how|what|is|in|for|me|my|you|i|do|make|with|can|your|from|without|give|write|tell|at|why|who|where"
    r"|when|which|that|this|these|they|their|them|its|be|been|have|has|had|should|would|could|will|does|did|not|but|or|if|by"
    r"|about|some|any|all|people|person|someone|get|want|need|use|help|please|best|way|he|she|his|her|him|we|our|us|are|were|there"
    r"|than|so|as|out|up|into|after|before|more|most|just|like|let|know|explain|describe|list|show|say)\b"
)
_COMMON_CHINESE = re.compile(
    "怎么|如何|什么|可以|教我|我想|告诉|请问|一个|哪里|为什么|帮我|制作|不想|没有|你的|我的|是不是|能不能|有没有|我们|他们|你们|这个|那个|自己"
    "|知道|应该|需要|时候|因为|所以|如果|但是|还是|多少|哪个|哪些|给我|他的|她的|不要|不能|不会|我要|怎样|一份|一段|一篇|写个|一种|出来|起来|朋友|公司"
    "|现在|今天|真的|觉得|就是|都是|别人|家里|方法|办法|最近|老师|孩子|让他|让她|把他|把她|有人|客户|员工|手机|账号|密码|老板|同事"
)


def unmasked(text: str) -> list[str]:
    """Return the texts that are hidden in a text, without the text itself; none for nearly all messages."""
    found: dict[str, None] = {}
    layer = [text[:READ]]
    for _ in range(DEPTH):
        layer = [inner for outer in layer for inner in _behind(outer) if inner != text and inner not in found]
        found.update(dict.fromkeys(layer))
    return list(found)[:FOUND]


def _behind(text: str) -> Iterator[str]:
    yield from _encoded(text)
    plain = fold(text)[0]
    if _UNUSUAL.search(text) and plain != text.casefold():
        yield plain
    spelled = without_figures(plain)
    if spelled is not None:
        yield spelled
    joined = _APART.sub(_together, _CHINESE_APART.sub("", text))
    if len(joined) < len(text):
        yield joined
    if _PLUS.search(text):
        yield _PLUS.sub("", text)
    for undo in (_rotated, _reversed):
        if _more_common(undo(plain), plain, 1 if _CHINESE.search(plain) else 2):
            yield undo(text)


def _encoded(text: str) -> Iterator[str]:
    """Yield what is encoded in a text."""
    if "%" in text and (decoded := unquote(text)) != text and "\ufffd" not in decoded:
        yield decoded
    if "&" in text and (decoded := html.unescape(text)) != text:
        yield decoded
    if _ESCAPED.search(text):
        yield _ESCAPED.sub(lambda match: chr(int(match[0][2:], 16)), text)
    for match in _BINARY.finditer(text):
        yield from _words(bytes(int(bits, 2) for bits in re.findall("[01]{8}", match[0])))
    for match in _HEX.finditer(text):
        yield from _words(bytes.fromhex(re.sub(r"0x|\\x|%|[\s,:]", "", match[0])))
    for match in _BASE64.finditer(text):
        letters = re.sub(r"\s", "", match[0]).rstrip("=").replace("-", "+").replace("_", "/")
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        try:
            yield from _words(base64.b64decode(letters + "=" * (-len(letters) % 4)))
        except binascii.Error:
            continue


def _words(data: bytes) -> Iterator[str]:
    """Yield what bytes say, where they are text."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    written = sum(c.isalpha() or c.isspace() for c in text)
    if len(text) > 4 and written > 0.7 * len(text) and text.isprintable() | ("\n" in text):
        yield text


def _together(match: re.Match[str]) -> str:
    words = (re.sub(r"[\W_]", "", word) for word in _GAP.split(match[0]))
    return " ".join(word for word in words if word)


def _rotated(text: str) -> str:
    return codecs.encode(text, "rot13")


def _reversed(text: str) -> str:
    return text[::-1]


def _more_common(one: str, other: str, least: int) -> bool:
    """Tell whether one text has more common words than another, by at least so many."""
    counts = [len(_COMMON.findall(text)) + len(_COMMON_CHINESE.findall(text)) for text in (one, other)]
    return counts[0] >= counts[1] + least and counts[0] >= 1 + counts[1] // 2
