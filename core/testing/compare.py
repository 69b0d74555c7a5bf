"""Compare a reply with what a test expects of it: every expectation that is not met, in words.

Knows neither the runtime nor why a reply is as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..message import Reply
from ..persona.expectations import Expect, ExpectNot, Turn, Unwanted, Wanted
from .matching import even, fits, holds, marked, nearest_part

Names = Callable[[str | None, str, Any], Collection[str]]
"""Return all names of what fills a slot, for an intent, the slot and its value."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Hold one expectation that is not met; `key` is its path in the turn, as `expect.text`."""

    key: str
    expected: str
    got: str

    @property
    def subject(self) -> str:
        """Return what the expectation is about: text, intent, …"""
        return self.key.split(".")[1]


def compare(turn: Turn, reply: Reply, names: Names) -> list[Mismatch]:
    """Return what does not fit, in the order of the format."""
    return [*_wanted(turn.expect, reply, names), *_unwanted(turn.expect_not, reply, names)]


def _wanted(expect: Expect, reply: Reply, names: Names) -> Iterator[Mismatch]:
    given = expect.model_fields_set
    if "intent" in given and reply.intent not in (expect.intent or (None,)):
        yield Mismatch("expect.intent", _either(expect.intent), _intent(reply))
    for key in ("text", "transcript", "picture_text"):
        wanted: Wanted | None = getattr(expect, key)
        if wanted is not None:
            yield from _text(f"expect.{key}", wanted, getattr(reply, key))
    if "source" in given:
        cited = [source.source for source in reply.sources]
        missing = [one for one in expect.source or () if not any(cites(source, one) for source in cited)]
        if missing or (expect.source is None and cited):
            yield Mismatch("expect.source", _all(expect.source), _all(cited))
    if "rule" in given:
        fired = [rule.id for rule in reply.rules]
        if (set(expect.rule) - set(fired)) if expect.rule else fired:
            yield Mismatch("expect.rule", _all(expect.rule), _all(fired))
    if "skill" in given and reply.skill != expect.skill:
        yield Mismatch("expect.skill", expect.skill or "none", reply.skill or "none")
    if expect.language is not None and not _same_language(reply.language, expect.language):
        yield Mismatch("expect.language", expect.language, reply.language)
    if expect.emotion is not None and reply.emotion not in expect.emotion:
        yield Mismatch("expect.emotion", _either(expect.emotion), reply.emotion)
    for slot, value in (expect.slots or {}).items():
        if not _fills(reply, slot, value, names):
            yield Mismatch(f"expect.slots.{slot}", value or "none", _slot(reply, slot))
    if expect.out_of_scope is not None and reply.out_of_scope != expect.out_of_scope:
        yield Mismatch(
            "expect.out_of_scope", _yes(expect.out_of_scope), f"{_yes(reply.out_of_scope)}: {_intent(reply)}"
        )
    if expect.redactions is not None and set(expect.redactions) != set(reply.redactions):
        yield Mismatch("expect.redactions", _all(expect.redactions), _all(reply.redactions))


def _unwanted(unwanted: ExpectNot, reply: Reply, names: Names) -> Iterator[Mismatch]:
    if reply.intent in (unwanted.intent or ()):
        yield Mismatch("expect_not.intent", f"not {reply.intent}", _intent(reply))
    if unwanted.text is not None:
        yield from _no_text(unwanted.text, reply.text)
    for one in unwanted.source or ():
        found = [source.source for source in reply.sources if cites(source.source, one)]
        if found:
            yield Mismatch("expect_not.source", f"not {one}", _all(found))
    for rule in reply.rules:
        if rule.id in (unwanted.rule or ()):
            yield Mismatch("expect_not.rule", f"not {rule.id}", f"{rule.id} ({rule.did})")
    if reply.skill in (unwanted.skill or ()):
        yield Mismatch("expect_not.skill", f"not {reply.skill}", str(reply.skill))
    for code in unwanted.language or ():
        if _same_language(reply.language, code):
            yield Mismatch("expect_not.language", f"not {code}", reply.language)
    if reply.emotion in (unwanted.emotion or ()):
        yield Mismatch("expect_not.emotion", f"not {reply.emotion}", reply.emotion)
    for slot, value in (unwanted.slots or {}).items():
        if _fills(reply, slot, value, names):
            yield Mismatch(f"expect_not.slots.{slot}", f"not {value or 'none'}", _slot(reply, slot))
    masked = [kind for kind in unwanted.redactions or () if kind in reply.redactions]
    if masked:
        yield Mismatch("expect_not.redactions", f"not {_either(masked)}", _all(reply.redactions))


def _text(key: str, wanted: Wanted, got: str | None) -> Iterator[Mismatch]:
    """Yield what a text lacks; a part that is like a missing one is named."""
    shown = "none" if got is None else got
    text = got or ""
    missing = [part for part in wanted.contains or () if not holds(text, part)]
    if missing:
        near = [f"“{part}”" for one in missing if (part := nearest_part(text, one))]
        yield Mismatch(key, f"with {_quoted(missing)}" + (f" (nearest: {', '.join(near)})" if near else ""), shown)
    if wanted.any_of and not any(holds(text, part) for part in wanted.any_of):
        yield Mismatch(key, f"with {_quoted(wanted.any_of, 'or')}", shown)
    if wanted.equals is not None and even(wanted.equals) != even(text):
        yield Mismatch(key, wanted.equals, marked(wanted.equals, shown))
    if wanted.matches is not None and not fits(text, wanted.matches):
        yield Mismatch(key, f"that fits {wanted.matches}", shown)


def _no_text(unwanted: Unwanted, text: str) -> Iterator[Mismatch]:
    found = [part for part in unwanted.contains or () if holds(text, part)]
    if found:
        yield Mismatch("expect_not.text", f"without {_quoted(found)}", text)
    if unwanted.matches is not None and fits(text, unwanted.matches):
        yield Mismatch("expect_not.text", f"that does not fit {unwanted.matches}", text)


def cites(source: str, wanted: str) -> bool:
    """Tell whether a citation is of a file, of a line of it as knowledge/faq.csv:7, or of a file in a folder."""
    rest = source.removeprefix(wanted.rstrip("/"))
    return source.startswith(wanted.rstrip("/")) and (not rest or rest[0] in ":/")


def _fills(reply: Reply, slot: str, value: str | None, names: Names) -> bool:
    got = reply.slots.get(slot)
    if got is None or value is None:
        return got is None and value is None
    return even(value) in {even(name) for name in names(reply.intent, slot, got)}


def _slot(reply: Reply, slot: str) -> str:
    value = reply.slots.get(slot)
    if isinstance(value, dict) and "name" in value:
        return f"{value['name']} ({value.get('id')})"
    return "none" if value is None else str(value)


def _same_language(got: str, wanted: str) -> bool:
    return got == wanted or got.split("-")[0] == wanted


def _intent(reply: Reply) -> str:
    if reply.intent is None:
        return "none"
    return f"{reply.intent} ({reply.confidence:.2f})"


def _yes(value: bool) -> str:
    return "true" if value else "false"


def _quoted(parts: Iterable[str], joint: str = "and") -> str:
    return f" {joint} ".join(f"“{part}”" for part in parts)


def _either(values: Sequence[str] | None) -> str:
    return " or ".join(values) if values else "none"


def _all(values: Sequence[str] | None) -> str:
    return " and ".join(values) if values else "none"
