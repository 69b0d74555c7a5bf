"""Check links and pictures in Markdown: those to files must lead to a file of the persona, others be well formed.

Nothing is fetched.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from ...diagnostics import Diagnostic, Span
from ..names import nearest

_CODE = re.compile(
    r"^ {0,3}(`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)|(?<!`)(`++).+?(?<!`)\2(?!`)|<!--.*?(?:-->|\Z)",
    re.DOTALL | re.MULTILINE,
)
_LINK = re.compile(
    r"(?P<picture>!?)\[(?P<words>(?:[^\[\]\n]|\[[^\[\]\n]*\]\([^()\n]*\))*)\]"
    r"(?:\((?P<to>(?:[^()\n]|\([^()\n]*\))*)\)|（(?P<wide>[^（）\n]*)）)"
)
_REFERENCE = re.compile(r"^ {0,3}\[[^\]\n^][^\]\n]*\]:[ \t]+(?P<to>\S+)", re.MULTILINE)
_PICTURE = re.compile(r"<img\b[^<>]*?\bsrc\s*=\s*(?P<quote>[\"'])(?P<to>[^\"'>\n]*)(?P=quote)", re.IGNORECASE)
_TITLE = re.compile(r"(?<!\s)\s+(\"[^\"]*\"|'[^']*'|\([^()]*\))\s*$")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_FILE = re.compile(r"[^\s/\\]+\.[A-Za-z0-9]{2,5}(#.*)?$")
_HOST = re.compile(r"([\w-]+\.)+[^\W\d_]{2,}|localhost|[\d.]+|\[[0-9A-Fa-f:.]+\]", re.UNICODE)
_SHAPES = ("data:", "mailto:", "tel:", "sms:", "geo:", "weixin:")


def check_links(content: str, file: Path, root: Path) -> list[Diagnostic]:
    """Return the findings about the links and pictures of one Markdown file in a persona's folder."""
    text = _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), content)
    starts = [0, *(match.end() for match in re.finditer("\r\n|\n|\r", text))]
    found = []
    for at, target, picture, problem in _targets(text):
        line = bisect_right(starts, at)
        column = at - starts[line - 1] + 1
        span = Span(str(file), line, column, line, column + max(1, len(target)))
        finding = problem or _problem(target, picture, file, root)
        if finding is not None:
            code, message, advice = finding
            found.append(Diagnostic(code, "warning", message, span, advice))
    return found


_Finding = tuple[str, str, str]


def _targets(text: str) -> Iterator[tuple[int, str, bool, _Finding | None]]:
    """Yield (offset, target, whether a picture, what is wrong with its form)."""
    for match in _LINK.finditer(text):
        if match["wide"] is not None:
            to = match["wide"].strip()
            if _FILE.search(to) or _SCHEME.match(to):
                message = "this is no link: its brackets （ ） are full-width ones"
                yield match.start("wide") - 1, f"（{match['wide']}）", False, ("P0211", message, f"write ({to})")
            continue
        yield from _inner(match, text)
        given = match["to"]
        to = _TITLE.sub("", given).strip()
        at = match.start("to") + len(given) - len(given.lstrip())
        if to.startswith("<") and to.endswith(">"):
            yield at + 1, to[1:-1], bool(match["picture"]), None
        elif re.search(r"\s", to):
            message = "this is no link for Markdown: there is a blank in it"
            yield at, to, False, ("P0211", message, f"put < > around it: (<{to}>)")
        else:
            yield at, to, bool(match["picture"]), None
    for pattern, picture in ((_REFERENCE, False), (_PICTURE, True)):
        for match in pattern.finditer(text):
            to, at = match["to"], match.start("to")
            bracketed = to.startswith("<") and to.endswith(">")
            yield (at + 1, to[1:-1], picture, None) if bracketed else (at, to, picture, None)


def _inner(match: re.Match[str], text: str) -> Iterator[tuple[int, str, bool, _Finding | None]]:
    """Yield a picture that is itself a link: [![…](picture)](page)."""
    for inside in _LINK.finditer(text, match.start("words"), match.end("words")):
        if inside["to"] is not None:
            yield inside.start("to"), _TITLE.sub("", inside["to"]).strip(), bool(inside["picture"]), None


def _problem(target: str, picture: bool, file: Path, root: Path) -> _Finding | None:
    if not target:
        return "P0211", "this link leads nowhere", "write a file or an address between the brackets"
    if target.startswith("#") or target.lower().startswith(_SHAPES):
        return None
    scheme = _SCHEME.match(target)
    if scheme or target.startswith("//"):
        return _web(target, scheme[1].lower() if scheme else "")
    return _missing(target, picture, file, root)


def _web(target: str, scheme: str) -> _Finding | None:
    if scheme not in ("http", "https", ""):
        near = nearest(scheme, ("http", "https"))
        if len(scheme) == 1:
            return (
                "P0210",
                "this link leads out of the persona's folder",
                "copy the file into it, and write its path from here",
            )
        if near:
            return "P0211", f"`{scheme}:` is not how a web address begins", f"did you mean `{near}://`?"
        return None
    rest = target[len(scheme) + 1 :] if scheme else target
    if not rest.startswith("//"):
        return "P0211", "a web address has two slashes after the colon", f"write {scheme}://{rest.lstrip('/')}"
    try:
        parts = urlsplit(target)
        host = parts.hostname or ""
        parts.port  # noqa: B018  # raises on a port that is no number
    except ValueError:
        host = ""
    if not _HOST.fullmatch(host):
        return "P0211", "this web address names no site", "write it as https://www.example.com/page"
    return None


def _missing(target: str, picture: bool, file: Path, root: Path) -> _Finding | None:
    """Return what is wrong with a link to a file, which begins in the folder of the page."""
    code, what = ("P0212", "picture") if picture else ("P0210", "file")
    path = unquote(re.split(r"[?#]", target)[0])
    if re.match(r"(?i)(www\.|https?//)|[\w.-]+\.(com|org|net|cn|io)(/|$)", target):
        address = re.sub(r"(?i)^https?//", "", target)
        return "P0211", "this web address lacks its beginning", f"write https://{address}"
    if "\\" in path:
        return code, "a path has slashes, not backslashes", f"write {path.replace(chr(92), '/')}"
    try:
        there = (file.parent / path).resolve()
        inside = there.is_relative_to(root.resolve()) and not path.startswith(("/", "~"))
        if inside and there.exists():
            return None
        from_root = (root / path.lstrip("/")).is_file()
    except (OSError, ValueError):
        return code, f"`{target[:80]}` is not a path", "write the path of a file, from the folder of this page"
    if from_root:
        up = Path(os.path.relpath(root / path.lstrip("/"), file.parent)).as_posix()
        return code, f"there is no {what} `{path}` beside this page", f"paths begin at the page: write {up}"
    if not inside:
        return (
            code,
            "this link leads out of the persona's folder",
            "copy the file into it, and write its path from here",
        )
    near = _near(path, file)
    advice = (
        f"did you mean `{near}`?"
        if near
        else "paths begin in the folder of this page; put the file there, or delete the link"
    )
    return code, f"there is no {what} `{path[:80]}`", advice


def _near(path: str, file: Path) -> str | None:
    folder = PurePosixPath(path).parent
    try:
        names = [item.name for item in (file.parent / folder).iterdir() if item.is_file()][:500]
    except OSError:
        return None
    stems = {PurePosixPath(name).stem: name for name in names}
    found = nearest(PurePosixPath(path).stem, stems)
    return str(folder / stems[found]) if found else None
