"""Say in plain words what is wrong with malformed YAML, and what to do.

Knows PyYAML's messages; each entry below was seen to come from it.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from ..diagnostics import Diagnostic, Span, split_lines
from .checks.typography import explain_signs
from .rows import explain_row, first_fault, hidden_by_comment, too_deep, with_colon, with_other_quotes, with_quotes
from .scanner import OUTDENTED_QUOTE, TOUCHING_COMMENT

NO_COLON = "a key without a colon"
_DIRECTIVE = "a line cannot begin with `%`, which has a meaning in YAML"
_CLOSING = {"[": "]", "{": "}"}
_QUOTE_OR_DELETE = "put quotes around the text, or delete the line"


def explain_syntax(error: yaml.MarkedYAMLError, content: str, path: str) -> Diagnostic:
    """Turn an error of PyYAML's scanner or parser into a finding."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    lines = split_lines(content)
    line = min(line, len(lines) - 1)
    message, advice, at = _explain(error, lines, line, column)
    line, column = at
    whole_line = message == NO_COLON
    end = len(lines[line].rstrip()) if whole_line else column + 1
    return Diagnostic("P0105", "error", message, Span(path, line + 1, column + 1, line + 1, end + 1), advice)


def _explain(
    error: yaml.MarkedYAMLError, lines: list[str], line: int, column: int
) -> tuple[str, str | None, tuple[int, int]]:
    problem, context = error.problem or "", error.context or ""
    here = (line, column)
    opened = _place(error.context_mark) or here
    row = lines[line]
    stopped = opened[0] if "stream end" in problem or "end of stream" in problem else line
    signs = explain_signs(lines, stopped, opened[0], "flow mapping" in context)
    if signs is not None:
        return signs
    tab = re.match(r" *\t", row)
    if tab and "quoted" not in context:
        return (
            "a tab indents this line; YAML is indented with spaces",
            "replace the tab by spaces",
            (line, tab.end() - 1),
        )
    if problem == TOUCHING_COMMENT:
        advice = "put a blank before it if it begins a comment; else put quotes around the whole text"
        return "this `#` touches what stands before it", advice, here
    if problem == OUTDENTED_QUOTE:
        advice = "add the closing quote; if the text goes on there, indent its lines deeper than its key"
        return f"this quote is not closed before line {line + 1}", advice, opened
    if "mapping values are not allowed" in problem:
        return _colon(lines, line, column)
    if "mapping keys are not allowed" in problem:
        return "a text cannot begin with `? `, which has a meaning in YAML", "put quotes around the text", here
    if "sequence entries are not allowed" in problem:
        return "a list item cannot begin here", "begin each `- ` on its own line, under its key", here
    if "quoted scalar" in context and ("unexpected end of stream" in problem or "document separator" in problem):
        return (
            "this quote is never closed",
            "add the closing quote at the end of the text",
            opened,
        )
    if "unknown escape character" in problem:
        shown = row[max(0, column - 1) : column + 1]
        advice = "in \"double quotes\" write \\\\ for a backslash, or use 'single quotes', where it means itself"
        return f"`{shown}` means nothing inside of double quotes", advice, (line, max(0, column - 1))
    if "escape sequence" in problem or "expected escape" in problem:
        return "this escape is not complete", "use 'single quotes' if the backslash is meant as it stands", here
    if "flow" in context:
        unclosed = _unclosed(lines, opened, line, "stream end" in problem and "node content" in problem)
        if unclosed is not None:
            return unclosed
    if "flow sequence" in context:
        return _bracket("[", "]", lines, opened, here, problem)
    if "flow mapping" in context:
        return _bracket("{", "}", lines, opened, here, problem)
    if "could not find expected ':'" in problem:
        return NO_COLON, with_colon(lines[opened[0]]), opened
    if "block mapping" in context or "block collection" in context:
        return _block(lines, line, column, problem, opened)
    if "cannot start any token" in problem:
        sign = row[column : column + 1]
        if sign == "\t":
            return "a tab stands here, where YAML wants blanks", "replace the tab by a blank", here
        if row.lstrip().startswith("```"):
            return "a code fence (```) is no part of a persona", "delete this line", here
        shown = "a backtick" if sign == "`" else f"`{sign}`"
        return f"a text cannot begin with {shown} here", "put quotes around the text", here
    if "alias" in context or "anchor" in context:
        return "a text cannot begin with `*` or `&`, which have a meaning in YAML", "put quotes around the text", opened
    if "tag" in context:
        return "a text cannot begin with `!`, which has a meaning in YAML", "put quotes around the text", opened
    if "block scalar" in context:
        return (
            "`|` or `>` must be the last sign on its line",
            "put the text on the next lines, indented; or put quotes around it",
            here,
        )
    if "directive" in context or "directive" in problem:
        return _DIRECTIVE, _QUOTE_OR_DELETE, here
    if "document start" in problem:
        directive = next((number for number, text in enumerate(lines[:line]) if text.startswith("%")), None)
        if directive is not None:
            return _DIRECTIVE, _QUOTE_OR_DELETE, (directive, 0)
        told = explain_row(lines, line)
        if told is not None:
            return told
        if row[:1] == " ":
            return _block(lines, line, len(row) - len(row.lstrip()), problem, opened)
        return "something stands here that belongs to nothing above it", "indent it under its key, or delete it", here
    if "node content" in problem:
        sign = row[column : column + 1]
        return f"a value was expected here, not `{sign}`", "write a value, or put quotes around the text", here
    return f"this is not YAML: {problem or context}", None, here


def _colon(lines: list[str], line: int, column: int) -> tuple[str, str | None, tuple[int, int]]:
    before = lines[line][:column]
    if re.search(r"(:|^\s*-)\s+\S", before):
        return "a colon stands inside of a text that has no quotes", with_quotes(lines[line]), (line, column)
    return first_fault(lines, line) or too_deep(lines, line, len(before) - len(before.lstrip()))


def _unclosed(
    lines: list[str], opened: tuple[int, int], line: int, at_the_end: bool
) -> tuple[str, str | None, tuple[int, int]] | None:
    """Explain a bracket whose end is in a comment, or that is open when the text ends."""
    above = next((n for n in range(line - at_the_end, -1, -1) if lines[n].strip()), 0)
    for number in (opened[0], above):
        hiding = hidden_by_comment(lines[number])
        if hiding is not None:
            message = "`#` begins a comment here, and hides what closes the bracket"
            return message, 'put quotes around a text with # in it: "#2"', (number, hiding)
    at = max(lines[above].rfind("["), lines[above].rfind("{")) if at_the_end else -1
    if at < 0:
        return None
    sign = lines[above][at]
    return f"this `{sign}` is never closed", f"add `{_CLOSING[sign]}` at the end", (above, at)


def _bracket(
    left: str, right: str, lines: list[str], opened: tuple[int, int], here: tuple[int, int], problem: str
) -> tuple[str, str | None, tuple[int, int]]:
    after = lines[here[0]][here[1] :].strip()
    if after and here[0] == opened[0]:
        before = lines[here[0]][max(0, here[1] - 80) : here[1]]
        word = re.search(r"[\w-]+[ \t]*$", before) if after.startswith(":") else None
        if word:
            return (
                f"a comma is missing before `{word[0].strip()}`",
                "separate items with commas",
                (here[0], word.start()),
            )
        return (
            f"a comma or `{right}` was expected here",
            f"separate items with commas; a text with {left} , or {right} needs quotes",
            here,
        )
    advice = f"add `{right}`; a text that begins with {left} needs quotes around it"
    if "stream end" in problem:
        return f"this `{left}` is never closed", advice, opened
    return f"this `{left}` is not closed before line {here[0] + 1}, or a comma is missing", advice, opened


def _block(
    lines: list[str], line: int, column: int, problem: str, opened: tuple[int, int]
) -> tuple[str, str | None, tuple[int, int]]:
    before = lines[line][:column]
    if before.rstrip().endswith(('"', "'")) and "scalar" in problem:
        return (
            "text follows after the closing quote",
            with_other_quotes(lines[line]),
            (line, column),
        )
    if lines[line][column : column + 1] == ":" and not before.strip():
        return (
            "there is no key before this colon",
            "write a name before it, or put quotes around the text",
            (line, column),
        )
    if before.strip() and lines[line][column:].strip() in (",", ";"):
        sign = lines[line][column]
        return f"`{sign}` stands at the end of the line", "delete it: in YAML each line ends by itself", (line, column)
    if before.strip():
        return (
            "this does not belong on this line",
            "put quotes around the whole text, or begin a new line",
            (line, column),
        )
    dashed = lines[line].lstrip().startswith("-")
    filled = [n for n in range(line - 1, -1, -1) if lines[n].strip() and not lines[n].lstrip().startswith("#")]
    above = next((n for n in filled if not dashed or lines[n].lstrip().startswith("-")), None)
    advice = "indent it under its key"
    if above is not None:
        indent = len(lines[above]) - len(lines[above].lstrip())
        advice = (
            f"begin it in column {indent + 1}, like line {above + 1}, or in the column of the key that it belongs to"
        )
    return "this line is indented differently from the lines it belongs to", advice, (line, column)


def _place(mark: Any) -> tuple[int, int] | None:
    return (mark.line, mark.column) if mark is not None else None
