"""Know the signs that look like those of YAML and are not: full-width, typographic and invisible ones.

They come from Chinese and Japanese input methods, from word processors and from web pages. For YAML they are letters.
"""

from __future__ import annotations

import re
import unicodedata

from ..findings import Findings
from ..nodes import Mapping, Node, Scalar

_OPENING, _CLOSING = "“‘„«＂”", "”’“»＂"
_DASHES = "–—－―−"
_BRACKETS = {"［": "[", "］": "]", "｛": "{", "｝": "}", "【": "[", "】": "]"}
_INVISIBLE = {
    "\u200b": "a zero-width space", "\u200c": "a zero-width sign", "\u200d": "a zero-width sign",
    "\u200e": "a direction mark", "\u200f": "a direction mark", "\u2060": "a word joiner",
    "\ufeff": "a byte-order mark", "\u00ad": "a soft hyphen", "\u00a0": "a no-break space",
    "\u202f": "a narrow no-break space", "\u3000": "a full-width blank",
}  # fmt: skip
_WIDE_KEY = re.compile(r"(?P<before>\s*(?:-\s+)?)(?P<key>[\w.-]{1,40})\s*：\s*(?P<value>.*)")
_QUOTED = re.compile(r"(?:^|[:\[{,，]|-)\s*(?P<quote>[“‘„＂])")
_WIDE_COMMA = re.compile(r"，(?=\s*[\w-]+:\s)")


def mistyped(given: str) -> str | None:
    """Return what to do about a name or a value in which signs only look like those that are meant, or None."""
    hidden = next((sign for sign in given if sign in _INVISIBLE), None)
    if hidden is not None and given.startswith(hidden) and hidden in "\u00a0\u202f\u3000":
        return f"{_INVISIBLE[hidden]} (U+{ord(hidden):04X}) indents this line; YAML is indented with ordinary blanks"
    if hidden is not None:
        tidy = _tidy("".join(c for c in given if c not in _INVISIBLE or c in "\u00a0\u3000"))
        return f"{_INVISIBLE[hidden]} (U+{ord(hidden):04X}) stands in it, which cannot be seen; type it again: {tidy}"
    if given[:1] in tuple(_OPENING) and given[-1:] in tuple(_CLOSING) and len(given) > 2:
        tidy = _tidy(given[1:-1])
        return f'the quotes {given[0]} {given[-1]} are taken for letters; write {tidy}, without them or in "…"'
    if given[:1] in tuple(_DASHES):
        return f"`{given[0]}` is a long dash; an item of a list begins with the short `-` and a blank"
    bracket = next((sign for sign in given if sign in _BRACKETS), None)
    if bracket is not None and given[:1] in _BRACKETS:
        tidy = _tidy(re.sub("[，、,] *", ", ", "".join(_BRACKETS.get(sign, sign) for sign in given)))
        return f"`{bracket}` is a full-width bracket, which YAML takes for a letter; write {tidy}"
    key = _WIDE_KEY.fullmatch(given.split(" ")[0]) if "：" in given else None
    if key and not key["before"].strip():
        told = f"write `{key['key']}: …`, with `:` and a blank"
        return f"`：` is a full-width colon, which YAML takes for a letter; {told}"
    comma = next((sign for sign in given if sign in "，、；"), None)
    if comma is not None and len(given) <= 60:
        tidy = ", ".join(part.strip() for part in re.split("[，、；]", given) if part.strip())
        return f"`{comma}` does not separate items, it is taken for a letter; write {_tidy(tidy)}"
    tidy = _tidy(given)
    wide = any("\uff01" <= sign <= "\uff5e" for sign in given)
    return f"these are full-width signs; write {tidy}" if wide and tidy.isascii() else None


def _tidy(text: str) -> str:
    shown = " ".join(unicodedata.normalize("NFKC", text).split())
    return shown if len(shown) <= 60 else shown[:59] + "…"


def explain_signs(lines: list[str], line: int, opened: int, in_braces: bool) -> tuple[str, str, tuple[int, int]] | None:
    """Return (what is wrong, what to do, (line, column)) when such a sign made a text malformed; lines count from 0.

    `line` is where YAML stopped, `opened` where what it was reading began, `in_braces` whether that is a `{`.
    """
    filled = (n for n in range(line - 1, -1, -1) if lines[n].strip() and not lines[n].lstrip().startswith("#"))
    above = next(filled, line)
    for number in dict.fromkeys((line, above) if in_braces else (line, opened, above)):
        row = lines[number]
        blank = re.match(r"[ \t]*([\u00a0\u202f\u3000])", row)
        if blank:
            shown = f"{_INVISIBLE[blank[1]]} (U+{ord(blank[1]):04X})"
            return f"{shown} indents this line", "indent it with ordinary blanks", (number, blank.start(1))
        if row.lstrip().startswith("＃"):
            message = "the sign `＃` is a full-width one, which YAML takes for a letter"
            return message, "begin a comment with `#`", (number, row.index("＃"))
        dash = re.match(rf"\s*([{_DASHES}])\s", row)
        if dash:
            message = f"`{dash[1]}` is a long dash, which YAML takes for a letter"
            return message, "begin an item of a list with the short `-` and a blank", (number, dash.start(1))
        key = _WIDE_KEY.match(row)
        if key and (key["key"].isascii() or not key["before"].strip()):
            advice = f"write `{key['key']}: …`, with `:` and a blank after it"
            message = "the colon `：` is a full-width one, which YAML takes for a letter"
            return message, advice, (number, row.index("："))
    row = lines[line]
    quote = _QUOTED.search(row)
    if quote:
        message = f"the quote `{quote['quote']}` is a typographic one, which YAML takes for a letter"
        return message, 'write straight quotes around the text: "…"', (line, quote.start("quote"))
    for at, sign in enumerate(row):
        if sign in _BRACKETS and re.search(r"[:\-\[{,]\s*$", row[:at]):
            message = f"the bracket `{sign}` is a full-width one, which YAML takes for a letter"
            return message, f"write `{_BRACKETS[sign]}`", (line, at)
    comma = _WIDE_COMMA.search(row) if in_braces else None
    if comma:
        message = "the comma `，` is a full-width one, which YAML takes for a letter"
        return message, "write `,` and a blank between the items", (line, comma.start())
    return None


def check_typography(tree: Node, findings: Findings) -> None:
    """Report texts that stand in typographic quotes, which become part of them."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            _quotes(node, findings)
        else:
            stack += node.entries.values() if isinstance(node, Mapping) else node.items


def _quotes(node: Scalar, findings: Findings) -> None:
    said = node.written
    if len(said) < 3 or (said[0], said[-1]) not in (("“", "”"), ("‘", "’"), ("„", "“"), ("＂", "＂"), ("”", "”")):
        return
    if any(finding.span == node.span for finding in findings.all):
        return  # told already
    inner = said[1:-1]
    if re.search(r"[”＂’]\s*[,，、]\s*[“＂‘]", inner):
        message = "this is one text for YAML: `，` and typographic quotes do not separate"
        findings.warning("P0122", message, node.span, 'write "…", "…", with straight quotes and commas')
    elif not any(sign in inner for sign in _OPENING + _CLOSING):
        message = f"the quotes {said[0]} {said[-1]} are part of this text, and will be shown"
        findings.warning("P0122", message, node.span, 'delete them, or write straight ones: "…"')
