"""Leave out the warnings that an author has looked at and does not want to see again.

Three ways: `# personac: allow P0402` at the end of a line of YAML, or alone above it; `<!-- personac: allow P0405 -->`
in Markdown and HTML, in the same places; and `lints: {allow: [...]}` in the persona, for everything or for some files.
Errors are never left out.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..diagnostics import CODES, Diagnostic, Span, split_lines
from .nodes import Node, get, items, text
from .source import read_text
from .sources.tables import MAX_BYTES

UNUSED = "P0411"
_CODES = r"(?P<codes>P\d{4}(?:[\s,，]+P\d{4})*)"
_HASH = re.compile(rf"(?:^|(?<=\s))#\s*personac:\s*allow\s+{_CODES}(?!\w)[^#]*$")
_ANGLE = re.compile(rf"<!--\s*personac:\s*allow\s+{_CODES}(?!\w)[^>]*-->")
_COMMENTS = {
    ".yaml": (_HASH, re.compile(r"\s*#")),
    ".yml": (_HASH, re.compile(r"\s*#")),
    ".md": (_ANGLE, re.compile(r"\s*<!--.*-->\s*$")),
    ".html": (_ANGLE, re.compile(r"\s*<!--.*-->\s*$")),
    ".htm": (_ANGLE, re.compile(r"\s*<!--.*-->\s*$")),
}
_ENTRY = re.compile(r"(P\d{4})(?:\s+(.+))?")


class Silenced(NamedTuple):
    """Hold the findings that are shown and those that the author silenced."""

    shown: list[Diagnostic]
    hidden: list[Diagnostic]


@dataclass(frozen=True, slots=True)
class _Allow:
    """Hold one allowed code of a comment: where it is written, and the lines that it is for."""

    code: str
    span: Span
    lines: tuple[int, int]

    def fits(self, finding: Diagnostic) -> bool:
        return finding.code == self.code and self.lines[0] <= finding.span.line <= self.lines[1]


def silence(diagnostics: Iterable[Diagnostic], tree: Node | None, root: Path) -> Silenced:
    """Part findings into those that are shown and those that the author silenced; `root` is the persona's folder."""
    entries = list(_entries(tree))
    allows: dict[str, list[_Allow]] = {}
    result = Silenced([], [])
    for finding in diagnostics:
        path = finding.span.path
        if finding.severity == "error":
            result.shown.append(finding)
            continue
        if path not in allows:
            allows[path] = list(_allows(Path(path)))
        held = any(allow.fits(finding) for allow in allows[path]) or any(
            _covers(code, pattern, finding, root) for code, pattern, _ in entries
        )
        (result.hidden if held else result.shown).append(finding)
    return result


def unused(tree: Node | None, root: Path, files: Iterable[Path], hidden: Collection[Diagnostic]) -> list[Diagnostic]:
    """Report what is allowed and silences nothing; call it when every finding was looked for."""
    found = []
    for file in dict.fromkeys(files):
        mine = [finding for finding in hidden if Path(finding.span.path) == file]
        found += [_spare(allow.code, allow.span) for allow in _allows(file) if not any(map(allow.fits, mine))]
    for code, pattern, span in _entries(tree):
        if code in CODES and not any(_covers(code, pattern, finding, root) for finding in hidden):
            found.append(_spare(code, span))
    return found


def _spare(code: str, span: Span) -> Diagnostic:
    if code not in CODES:
        return Diagnostic(UNUSED, "warning", f"there is no finding {code}, so this silences nothing", span, "delete it")
    message = f"this silences nothing: there is no {code} ({CODES[code]}) here"
    return Diagnostic(UNUSED, "warning", message, span, "delete it; errors cannot be silenced")


def _entries(tree: Node | None) -> Iterator[tuple[str, str | None, Span]]:
    for node in items(get(tree, "lints", "allow")):
        match = _ENTRY.fullmatch((text(node) or "").strip())
        if match:
            yield match[1], match[2], node.span


def _covers(code: str, pattern: str | None, finding: Diagnostic, root: Path) -> bool:
    if finding.code != code or pattern is None:
        return finding.code == code
    file = Path(finding.span.path)
    name = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()
    return fnmatch.fnmatchcase(name, pattern.strip().removeprefix("./"))


def _allows(file: Path) -> Iterator[_Allow]:
    """Yield the codes that comments of a file allow."""
    kind = _COMMENTS.get(file.suffix.lower())
    content = read_text(file, MAX_BYTES)[0] if kind and file.is_file() else None
    if kind is None or content is None or "personac:" not in content:
        return
    comment, alone = kind
    lines = split_lines(content)
    for number, line in enumerate(lines, start=1):
        match = comment.search(line)
        if match is None:
            continue
        first = last = number
        if alone.match(line):
            last = _next(lines, number, alone)
        for code in re.finditer(r"P\d{4}", match["codes"]):
            start = match.start("codes") + code.start() + 1
            span = Span(str(file), number, start, number, start + len(code[0]))
            yield _Allow(code[0], span, (first, last))


def _next(lines: Sequence[str], number: int, alone: re.Pattern[str]) -> int:
    """Return the number of the first line after a comment of its own that is not one too."""
    while number < len(lines) and alone.match(lines[number]):
        number += 1
    return number + 1
