"""Check the texts of rules: what `say` and `instead` hold in places of something else, and patterns that no text has.

Knows nothing of when a rule holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import regex

from ..findings import Findings
from ..names import suggestion
from ..nodes import Mapping, Node, Scalar, get, items, part, text
from ..rule_sets import rule_set
from ..schema import NAME_PATTERN
from .answers import PLACEHOLDER, texts_below
from .references import conditions_below

PLACEHOLDERS = ("help_line", "name", "offer", "team")
"""What `say` of any rule may hold; that of `rewrite` may hold {text}, too."""
_GROUP = re.compile(r"\\(?:\\|[0-7]{3}|g<(?P<named>[^<>]*)>|(?P<number>[1-9][0-9]?))")
_ESCAPE_OR_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_IN_TEXTS = "\t\n\v\f\r\x85"
_CALLED = {"\b": "a backspace", "\a": "a bell", "\x1b": "an escape sign"}


def check_rule_texts(tree: Node, findings: Findings) -> None:
    """Report placeholders and groups that there are not, and patterns with signs that no message has."""
    for rule in items(get(tree, "ethics", "rules")):
        id, does = text(get(rule, "id")) or "", text(get(rule, "do")) or "refuse"
        patterns, worded = [], False
        for condition in conditions_below(get(rule, "when")):
            pattern = get(condition, "pattern")
            patterns += [pattern] if isinstance(pattern, Scalar) and isinstance(pattern.value, str) else []
            worded = worded or get(condition, "words") is not None
        for pattern in patterns:
            _unseen(id, pattern, findings)
        if does == "rewrite":
            for node in texts_below(get(rule, "instead")):
                _replacement(id, node, [pattern.written for pattern in patterns], worded, findings)
        _said(get(rule, "say"), does, findings)
    others = get(tree, "ethics", "say")
    if isinstance(others, Mapping):
        sets = items(get(tree, "ethics", "sets"))
        does_by_id = {rule.id: rule.do for node in sets for rule in rule_set(text(node) or "")}
        for id, words in others.entries.items():
            _said(words, does_by_id.get(id, "refuse"), findings)


def _said(words: Node | None, does: str, findings: Findings) -> None:
    """Report `{…}` that rules do not fill in."""
    known = (*PLACEHOLDERS, "text") if does == "rewrite" else PLACEHOLDERS
    for node in texts_below(words):
        for match in PLACEHOLDER.finditer(node.written):
            name, span = match[1], part(node, *match.span())
            shown = match[0] if len(match[0]) <= 40 else match[0][:39] + "…"
            if name not in known and re.match(NAME_PATTERN, name):
                why = "it is for `do: rewrite`" if name == "text" else f"rules know no `{name}`"
                advice = suggestion(name, known, "placeholders of this rule")
                findings.warning("P0318", f"`{shown}` is said as it stands: {why}", span, advice)
            elif name in known and match[0] != f"{{{name}}}":
                said = "said with its braces" if f"{{{name}}}" in match[0] else "said as it stands"
                advice = f"write {{{name}}}, with one brace, no blanks"
                findings.warning("P0318", f"`{shown}` is {said}", span, advice)


def _replacement(id: str, node: Scalar, patterns: Sequence[str], worded: bool, findings: Findings) -> None:
    """Report what cannot be put in the place of what was found: groups that are not there, unknown escapes."""
    known = [compiled for pattern in patterns if (compiled := _compiled(pattern)) is not None]
    if len(known) < len(patterns):
        return  # an invalid pattern is told already
    told = False
    for match in _GROUP.finditer(node.written):
        if match["named"] is None and match["number"] is None:
            continue
        lacking = next((pattern for pattern in known if _fault(pattern, match[0]) is not None), None)
        if known and lacking is None and not worded:
            continue
        if lacking is not None:
            why, advice = "which its pattern does not have", _groups(lacking)
        elif known:
            why, advice = "and `words` have no groups", "make two rules of it, one for the `words:`"
        else:
            why, advice = "and its condition has no pattern", "look for a `pattern:` with ( ) around what is to be kept"
        message = f"`instead` of `{id}` names the group `{match[0]}`, {why}"
        findings.error("P0338", message, part(node, *match.span()), advice)
        told = True
    fault = next((fault for pattern in known if (fault := _fault(pattern, node.written)) is not None), None)
    if fault is not None and not told:
        advice = r"write \\ for a backslash, \1 for the first group of the pattern"
        findings.error("P0338", f"`instead` of `{id}` cannot be used: {fault}", node.span, advice)


def _compiled(pattern: str) -> regex.Pattern[str] | None:
    """Return a pattern with a choice before it that is found in nothing, so that a replacement can be tried."""
    try:
        return regex.compile("|" + pattern, regex.IGNORECASE)
    except (regex.error, OverflowError, RecursionError):
        return None


def _fault(pattern: regex.Pattern[str], instead: str) -> str | None:
    try:
        pattern.sub(instead, "")
    except (regex.error, IndexError) as error:
        return getattr(error, "msg", None) or str(error)
    return None


def _groups(pattern: regex.Pattern[str]) -> str:
    if not pattern.groups:
        return "the pattern has no groups: put ( ) around what is to be kept"
    names = {number: name for name, number in pattern.groupindex.items()}
    listed = (f"\\g<{names[at]}>" if at in names else f"\\{at}" for at in range(1, pattern.groups + 1))
    return f"groups of the pattern: {', '.join(f'`{group}`' for group in listed)}"


def _unseen(id: str, pattern: Scalar, findings: Findings) -> None:
    """Report control characters that must be in a text; in a class of characters they may be meant."""
    needed = _ESCAPE_OR_CLASS.sub(lambda match: "" if match[0].startswith("[") else match[0], pattern.written)
    sign = next((c for c in needed if unicodedata.category(c) == "Cc" and c not in _IN_TEXTS), None)
    if sign is None:
        return
    called = f"{_CALLED.get(sign, 'a control character')} (U+{ord(sign):04X})"
    message = f"the pattern of `{id}` asks for {called}, which no message has"
    advice = "delete that sign; write patterns in 'single quotes', where a backslash is left as it is"
    if sign == "\b":
        advice = (
            r"write it in 'single quotes', where \b is a word's edge; YAML reads \b in double quotes as a backspace"
        )
    findings.warning("P0320", message, pattern.span, advice)
