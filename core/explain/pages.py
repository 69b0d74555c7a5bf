"""Find the page about a code, and the examples in it.

A page is Markdown: a title, why the finding matters, `## Bad` and `## Good` with the files of an example each. A
fence names its file (```yaml persona.yaml), and may add `encoding=gbk` or `repeat=N`, which makes the last line stand
N times: files that cannot be shown as they are. Knows nothing of checking: tests hold the examples against the checker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from ..diagnostics import CODES

_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"# (?P<code>P\d{4}): (?P<title>[^\n]+)\n")
_SECTION = re.compile(r"^## (Bad|Good)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ExampleFile:
    """Hold one file of an example."""

    path: str
    text: str
    encoding: str = "utf-8"
    repeat: int = 1

    def content(self) -> bytes:
        """Return what the file holds."""
        *before, last = self.text.splitlines(keepends=True) or [""]
        return ("".join(before) + last * self.repeat).encode(self.encoding)


@dataclass(frozen=True, slots=True)
class Page:
    """Hold a page; `text` is all of it, `why` what stands before the examples."""

    code: str
    title: str
    why: str
    bad: tuple[ExampleFile, ...]
    good: tuple[ExampleFile, ...]
    text: str


def page(code: str) -> Page | None:
    """Return the page about a code, in any case, the letter and zeros left out or not; None when there is none."""
    code = code.strip().upper()
    code = f"P{code.zfill(4)}" if code.isdecimal() else code
    if code not in CODES:
        return None
    file = files(__package__) / f"{code}.md"
    return parse(file.read_text(encoding="utf-8")) if file.is_file() else None


def texts() -> dict[str, str]:
    """Return all pages by code, as Markdown."""
    return {code: found.text for code in CODES if (found := page(code)) is not None}


def parse(text: str) -> Page:
    """Read a page; raise ValueError when it is not in the form that pages have."""
    title = _TITLE.match(text)
    if title is None:
        raise ValueError("a page begins with `# CODE: title`")
    # headings inside of an example are none of the page's
    outside = _FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)
    lines, shown = text.split("\n"), outside.split("\n")
    starts = {line.removeprefix("## ").strip(): at for at, line in enumerate(shown) if _SECTION.match(line)}
    if list(starts) != ["Bad", "Good"]:
        raise ValueError("a page has the sections `## Bad` and `## Good`, in this order")
    why = "\n".join(lines[1 : starts["Bad"]]).strip()
    bad = "\n".join(lines[starts["Bad"] : starts["Good"]])
    good = "\n".join(lines[starts["Good"] :])
    return Page(title["code"], title["title"].strip(), why, tuple(_examples(bad)), tuple(_examples(good)), text)


def readable(text: str) -> str:
    """Return a page with the name of each file in words before its fence, as Markdown viewers drop it there."""
    return _FENCE.sub(_named, text)


def _named(match: re.Match[str]) -> str:
    language, _, rest = match["info"].strip().partition(" ")
    name = rest.split(" ")[0]
    before = f"`{name}`\n\n" if name else ""
    return f"{before}{match['fence']}{language}\n{match['text']}{match['fence']}"


def _examples(section: str) -> Iterable[ExampleFile]:
    for match in _FENCE.finditer(section):
        words = match["info"].split()
        if len(words) < 2:
            continue  # a command or a message, shown for reading
        path, options = words[1], dict(word.split("=", 1) for word in words[2:] if "=" in word)
        unknown = set(options) - {"encoding", "repeat"}
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        yield ExampleFile(path, match["text"], options.get("encoding", "utf-8"), int(options.get("repeat", "1")))
