"""Say of one line of YAML how it should be written: where a colon, a blank or quotes are missing."""

from __future__ import annotations

import re

from .checks.typography import explain_signs

Explained = tuple[str, str, tuple[int, int]]
"""What is wrong, what to do, and where: line and column, from 0."""

_VALUE = re.compile(r"(?P<before>\s*(?:- +)*(?:[\w.-]+:[ \t]+)?)(?P<text>.*?)[ \t]*$")
_NO_BLANK = re.compile(r"\s*(?:- +)?(?P<key>[^\W\d][\w.-]*):(?P<value>(?!//)[^\s:].*?)[ \t]*$")
_EQUALS = re.compile(r"\s*(?:- +)?(?P<key>[^\W\d][\w.-]*)[ \t]*=[ \t]*(?P<value>\S.*?)[ \t]*$")
_LONGEST = 100


def explain_row(lines: list[str], line: int) -> Explained | None:
    """Explain why a line is no key with a value; None when it does not look like one at all."""
    signs = explain_signs(lines, line, line, False)
    if signs is not None:
        return signs
    row = lines[line]
    if row.lstrip().startswith("```"):
        return "a code fence (```) is no part of a persona", "delete this line", (line, row.index("`"))
    match = _NO_BLANK.match(row)
    if match:
        advice = f"write `{match['key']}: {match['value']}`"
        return "a blank is missing after the colon", advice, (line, match.end("key"))
    match = _EQUALS.match(row)
    if match:
        advice = f"write `{match['key']}: {match['value']}`"
        return "a key and its value are joined by a colon, not by `=`", advice, (line, row.index("="))
    return None


def first_fault(lines: list[str], line: int) -> Explained | None:
    """Return the fault of the first of the lines just before a line that are one text for YAML and no keys."""
    found = None
    for number in range(line - 1, -1, -1):
        told = explain_row(lines, number) if lines[number].strip() else None
        if told is None:
            return found
        found = told
    return found


def too_deep(lines: list[str], line: int, indent: int) -> Explained:
    """Explain a key that is indented below a line that has its value already."""
    message = "this line is indented deeper than its neighbours"
    advice = "begin it in the same column as the keys beside it; a longer text with a colon in it needs quotes"
    above = next(
        (n for n in range(line - 1, -1, -1) if lines[n].strip() and not lines[n].lstrip().startswith("#")), None
    )
    match = (
        re.match(r"(\s*(?:- +)?)(?P<key>[\w.-]+):[ \t]+(?P<value>\S.{0,30})$", lines[above])
        if above is not None
        else None
    )
    if above is not None and match and len(match[1]) < indent:
        message = f"this line is indented deeper than line {above + 1}, which has a value already"
        advice = f"begin it in column {len(match[1]) + 1}; or, if it belongs below `{match['key']}`, "
        advice += f"delete `{match['value']}` there"
    return message, advice, (line, indent)


def with_quotes(row: str) -> str:
    """Return how to write a line whose text has a colon in it."""
    match = _VALUE.match(row)
    if match is None or len(row) > _LONGEST or '"' in match["text"] or "\\" in match["text"]:
        return 'put quotes around the whole text: key: "text: with a colon"'
    return f'put quotes around the whole text: {match["before"].lstrip()}"{match["text"]}"'


def with_colon(row: str) -> str:
    """Return how to write a line that lacks its colon."""
    match = re.match(r"\s*(?:- +)?(?P<key>[A-Za-z_]+)[ \t]+(?P<value>\S.*?)[ \t]*$", row)
    if match is None or len(row) > _LONGEST:
        return "write `key: value`, with a blank after the colon"
    return f"write `{match['key']}: {match['value']}`, with a blank after the colon"


def with_other_quotes(row: str) -> str:
    """Return how to quote a text in which its own kind of quote stands."""
    match = _VALUE.match(row)
    text = match["text"] if match and len(row) <= _LONGEST else ""
    if text[:1] == text[-1:] == "'" and '"' not in text and "\\" not in text:
        return f'for an apostrophe use double quotes: "{text[1:-1]}"'
    if text[:1] == '"' and "'" not in text:
        return f"put the whole text in one pair of quotes: '{text}'"
    return 'put the whole text in one pair of quotes; for an apostrophe use "double" ones'


def hidden_by_comment(row: str) -> int | None:
    """Return where `#` begins a comment within brackets, and so hides what closes them."""
    match = re.search(
        r"[\[{,][^#\"']*?[ \t](#)[^\]}]*[\]}]", re.sub(r"\"[^\"]*\"|'[^']*'", lambda m: "x" * len(m[0]), row)
    )
    return match.start(1) if match else None
