"""What a finding is, what its codes mean, and how findings are shown.

Knows nothing of personas or YAML. Lines and columns count from 1, in characters; an end column is the one after the
last character.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import quote

Severity = Literal["error", "warning"]
Format = Literal["full", "concise", "json", "sarif", "github"]
FORMATS: tuple[str, ...] = get_args(Format)

CODES: dict[str, str] = {
    # the text of a file
    "P0101": "the file cannot be read",
    "P0102": "the file is too large",
    "P0103": "the file is not UTF-8 text",
    "P0104": "the file is empty",
    "P0105": "the YAML is malformed",
    "P0106": "the file has more than one document",
    "P0107": "unknown key",
    "P0108": "the same key twice",
    "P0109": "a key is not a text",
    "P0110": "nested too deeply",
    "P0111": "aliases expand to too much",
    "P0112": "a YAML tag that personas do not use",
    "P0113": "a key is missing",
    "P0114": "a value of the wrong kind",
    "P0115": "not one of the choices",
    "P0116": "out of range",
    "P0117": "not in the form that is needed",
    "P0118": "unknown version of the persona language",
    "P0119": "nothing to answer with",
    "P0120": "a condition of none or several kinds",
    "P0121": "an unknown alias or an unusable merge",
    "P0122": "typographic quotes around a text",
    "P0123": "a warning that cannot be silenced",
    # the files that a persona names
    "P0201": "no such file",
    "P0202": "a file outside of the persona's folder",
    "P0203": "a kind of file that cannot be read here",
    "P0204": "a table that cannot be read",
    "P0205": "an empty cell",
    "P0206": "a file with nothing in it",
    "P0207": "records of the wrong shape",
    "P0208": "two records with one id",
    "P0209": "unknown field or column",
    "P0210": "a link that leads to no file",
    "P0211": "a malformed link",
    "P0212": "a picture that is missing",
    "P0213": "the same question twice",
    "P0214": "one record id in two files",
    "P0230": "a document that cannot be opened",
    "P0231": "a document that is locked",
    "P0232": "a document without text",
    "P0233": "pages without text",
    "P0234": "a document that is too large to be read",
    "P0235": "a page that cannot be read",
    "P0236": "a picture without a caption",
    # the persona as a whole
    "P0301": "two intents with one name",
    "P0302": "two rules with one id",
    "P0303": "one example in two intents",
    "P0304": "unknown intent",
    "P0305": "a language that is not promised",
    "P0306": "a promised language is missing",
    "P0307": "an invalid regular expression",
    "P0308": "unknown kind of personal data",
    "P0309": "a secret in the file",
    "P0310": "a plugin that is not installed",
    "P0311": "unknown skill",
    "P0312": "a connector that is not installed",
    "P0313": "a cloned voice without consent",
    "P0314": "the same example twice",
    "P0315": "a required slot without a question",
    "P0316": "a skill of a plugin that is not switched on",
    "P0317": "an intent that nothing answers",
    "P0318": "a placeholder that is no slot",
    "P0319": "a slot that is asked for and not used",
    "P0320": "a rule that can never fire",
    "P0321": "two rules with one condition",
    "P0322": "a rule that masks nothing",
    "P0323": "a promised language that nothing is in",
    "P0324": "a voice engine that is not installed",
    "P0325": "a rule that always fires",
    "P0326": "a response with a slot that may be empty",
    "P0327": "tuning without an encoder or an intent to tune",
    "P0328": "an example that does not say its slot",
    "P0329": "a connector's setting that does not fit",
    "P0330": "an unknown set of rules",
    "P0331": "an unknown rule of a set",
    "P0332": "a rule that another one contradicts",
    "P0333": "a pattern that takes time without bounds",
    "P0334": "a setting that the action does not use",
    "P0335": "an action without its words",
    "P0336": "a claim to be human",
    "P0337": "a channel that no message comes from",
    "P0338": "a replacement that does not fit the pattern",
    "P0340": "a plugin that does not fit",
    "P0341": "a plugin that is named twice",
    "P0342": "a plugin's setting that does not fit",
    "P0343": "a slot type that is not there",
    "P0350": "an escalation that nobody is told",
    "P0351": "alerts that cannot be sent",
    "P0370": "a consent that does not say who and when",
    "P0371": "a recording of a voice that is not used",
    # what takes understanding: found by the lints of the compiler
    "P0401": "two intents that overlap",
    "P0402": "too few examples",
    "P0403": "examples that are too much alike",
    "P0404": "an example that fits another intent better",
    "P0405": "knowledge that answers nothing",
    "P0406": "knowledge that stands twice",
    "P0407": "knowledge that contradicts itself",
    "P0408": "a rule that misses its own examples",
    "P0409": "a rule that blocks an intent or a question",
    "P0410": "a language that is served only in part",
    "P0411": "something is allowed that is not there",
    "P0412": "knowledge that gives orders to a language model",
    "P0413": "a rule of a set that does not run here",
    "P0414": "a country without a known help line",
    "P0420": "a recorded consent that is not heard",
    # conversation tests
    "P0501": "a turn in which nothing is said",
    "P0502": "a test that expects nothing",
    "P0503": "unknown rule",
    "P0504": "a skill that the persona does not use",
    "P0505": "unknown slot",
    "P0506": "expectations that no answer can meet",
    "P0507": "two conversations with one name",
    "P0508": "a test of a rule that is switched off",
    # an older version of the language
    "P0601": "a key in its old and in its new form",
    "P0602": "a value that the older version does not take",
    "P0603": "written in a way that cannot be migrated",
    "P0604": "a migrated rule with made-up examples",
}
"""What each code means; a code is never given a second meaning."""

SECRET = "P0309"
_WIDTH = 120
_LOOKED_AT = 4 * _WIDTH  # characters of a line: some have no width, and a line may be a whole file
_BINARY = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Mark a stretch of a file."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        """Return `path:line:column`."""
        return f"{self.path}:{self.line}:{self.column}"

    def holds(self, other: Span) -> bool:
        """Tell whether another stretch of the same file lies within this one."""
        begins = (self.line, self.column) <= (other.line, other.column)
        ends = (other.end_line, other.end_column) <= (self.end_line, self.end_column)
        return self.path == other.path and begins and ends


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Hold one finding: what is wrong, where, and what would fit."""

    code: str
    severity: Severity
    message: str
    span: Span
    help: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as JSON-ready values."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "help": self.help,
            "path": self.span.path,
            "line": self.span.line,
            "column": self.span.column,
            "end_line": self.span.end_line,
            "end_column": self.span.end_column,
        }


def in_order(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Sort by place, each finding once."""
    return sorted(dict.fromkeys(diagnostics), key=lambda d: (d.span, d.code))


def has_errors(diagnostics: Sequence[Diagnostic]) -> bool:
    """Tell whether any finding is an error."""
    return any(d.severity == "error" for d in diagnostics)


def render(
    diagnostics: Sequence[Diagnostic], format: Format = "full", *, pages: Mapping[str, str] | None = None
) -> str:
    """Show findings to people (full, concise) or to tools (json, sarif, github); no newline at the end.

    `pages` are explanations in Markdown by code, which sarif takes along.
    """
    if format == "json":
        return json.dumps([d.as_dict() for d in diagnostics], ensure_ascii=False, indent=2)
    if format == "sarif":
        return json.dumps(_sarif(diagnostics, pages or {}), ensure_ascii=False, indent=2)
    if format == "github":
        return "\n".join(_github(d) for d in diagnostics)
    if format == "concise":
        return "\n".join(_headline(d) for d in diagnostics)
    return _full(diagnostics)


def split_lines(text: str) -> list[str]:
    """Split where YAML breaks lines, so that line numbers agree."""
    return _BREAK.split(text)


def _headline(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.span}: {diagnostic.severity}[{diagnostic.code}] {_printable(diagnostic.message)}"


def _full(diagnostics: Sequence[Diagnostic]) -> str:
    secrets = [d.span for d in diagnostics if d.code == SECRET]
    sources: dict[str, list[str]] = {}
    blocks = []
    for diagnostic in diagnostics:
        path = diagnostic.span.path
        if path not in sources:
            sources[path] = _masked(_lines(path), [s for s in secrets if s.path == path])
        block = [_headline(diagnostic), *_snippet(diagnostic.span, sources[path])]
        if diagnostic.help:
            block.append(f"help: {_printable(diagnostic.help)}")
        blocks.append("\n".join(block))
    return "\n\n".join(blocks)


def _lines(path: str) -> list[str]:
    try:
        data = Path(path).read_bytes()
    except OSError:
        return []
    if data.startswith(_BINARY):
        return []  # its places are pages or paragraphs, not lines
    return split_lines(_decoded(data))


def _decoded(data: bytes) -> str:
    """Return text for showing, in whatever encoding it is."""
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8-sig", errors="replace")


def _masked(lines: list[str], secrets: Sequence[Span]) -> list[str]:
    for span in secrets:
        for number in range(span.line, min(span.end_line, len(lines)) + 1):
            line = lines[number - 1]
            start = span.column - 1 if number == span.line else 0
            end = span.end_column - 1 if number == span.end_line else len(line)
            lines[number - 1] = line[:start] + "*" * len(line[start:end]) + line[end:]
    return lines


def _snippet(span: Span, lines: Sequence[str]) -> list[str]:
    """Return the line with its number and, below it, carets of the same width on the screen."""
    if span.line > len(lines) or not lines[span.line - 1].strip():
        return []
    line = lines[span.line - 1]
    start = min(span.column - 1, len(line))
    end = min(span.end_column - 1, len(line)) if span.end_line == span.line else len(line.rstrip())
    end = max(end, start)
    first = _first_shown(line, start)
    before = _cells(line[first:start])
    marked = _cells(line[start : min(end, start + _LOOKED_AT)])
    text = _cells(line[first : first + _LOOKED_AT])
    lead = "…" if first else ""
    if _width(text) > _WIDTH:
        text = _cut(text, _WIDTH) + "…"
    carets = "^" * max(1, min(_width(marked), _WIDTH + 1 - _width(before)))
    gutter = len(str(span.line))
    return [
        f"{' ' * gutter} |",
        f"{span.line} | {lead}{text.rstrip()}",
        f"{' ' * gutter} | {' ' * (_width(before) + len(lead))}{carets}",
    ]


def _first_shown(line: str, start: int) -> int:
    """Return where to begin, so that a place far to the right is still seen."""
    near = start <= _LOOKED_AT and _width(_cells(line[:start])) <= _WIDTH * 2 // 3
    return 0 if near else max(0, start - _WIDTH // 4)


def _cells(text: str) -> str:
    """Return text as it can be shown: tabs as four blanks, what has no shape as a replacement character."""
    return _printable(text.replace("\t", "    "))


def _printable(text: str) -> str:
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)


def _width(text: str) -> int:
    """Return the number of terminal cells: two for wide characters (Unicode TR11), none for combining ones."""
    return sum(_cell(c) for c in text)


def _cell(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cut(text: str, width: int) -> str:
    used = 0
    for index, character in enumerate(text):
        used += _cell(character)
        if used > width:
            return text[:index]
    return text


def _github(diagnostic: Diagnostic) -> str:
    """Return a workflow command (GitHub Actions, "Workflow commands", setting an error message)."""
    span = diagnostic.span
    places = f"line={span.line},endLine={span.end_line},col={span.column},endColumn={span.end_column}"
    text = diagnostic.message + (f"\nhelp: {diagnostic.help}" if diagnostic.help else "")
    name = _escaped(span.path).replace(":", "%3A").replace(",", "%2C")
    return f"::{diagnostic.severity} file={name},{places},title={diagnostic.code}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _sarif(diagnostics: Sequence[Diagnostic], pages: Mapping[str, str]) -> dict[str, Any]:
    """Return a log of SARIF 2.1.0 (OASIS) with one run."""
    used = sorted({d.code for d in diagnostics})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "personac",
                        "informationUri": "https://github.com/personac/personac",
                        "rules": [_rule(code, pages.get(code)) for code in used],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    {
                        "ruleId": d.code,
                        "ruleIndex": used.index(d.code),
                        "level": d.severity,
                        "message": {"text": d.message + (f"\nhelp: {d.help}" if d.help else "")},
                        "locations": [{"physicalLocation": _location(d.span)}],
                    }
                    for d in diagnostics
                ],
            }
        ],
    }


def _rule(code: str, page: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {"id": code, "shortDescription": {"text": CODES[code]}}
    text = page or f"personac explain {code}"
    return told | {"help": {"text": text, **({"markdown": page} if page else {})}}


def _location(span: Span) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": quote(Path(span.path).as_posix())},
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        },
    }
