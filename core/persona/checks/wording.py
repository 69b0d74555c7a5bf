"""Turn pydantic's errors into findings: the right place in the tree, and words for people who write no code."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_origin

from pydantic_core import ErrorDetails

from ...diagnostics import Diagnostic, Span
from ..countries import country_meant
from ..language import is_language_map
from ..names import nearest, suggestion
from ..nodes import Mapping, Node, Scalar, Sequence, get, text
from ..schema import COUNTRY_PATTERN, LANGUAGE_PATTERN, NAME_PATTERN, RETENTION_PATTERN, SKILL_PATTERN, Persona
from ..shapes import arguments, bare, choices, describe, description, fields, inner, only, says, sections
from ..synonyms import choice_meant, key_meant
from .typography import mistyped

_LANGUAGES = {
    "english": "en", "eng": "en", "chinese": "zh", "mandarin": "zh", "cn": "zh", "chn": "zh", "zho": "zh",
    "french": "fr", "german": "de", "spanish": "es", "japanese": "ja", "jp": "ja", "korean": "ko", "kr": "ko",
    "portuguese": "pt", "russian": "ru", "italian": "it", "dutch": "nl", "arabic": "ar", "hindi": "hi",
    "norwegian": "no", "中文": "zh", "英文": "en", "英语": "en", "汉语": "zh",
}  # fmt: skip
_YES = {
    "yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false",
    "是": "true", "对": "true", "真": "true", "开": "true", "否": "false", "不": "false", "假": "false", "关": "false",
}  # fmt: skip
_UNITS = {
    "h": "h hour hours hr hrs 小时", "d": "d day days 天 日", "w": "w week weeks 周 星期", "m": "m month months mo 月",
    "y": "y year years yr 年",
}  # fmt: skip
_KINDS = "topic, words, pattern, pii, intent, emotion, risk, language, age, channel, any, all, not"


@dataclass(frozen=True, slots=True)
class _Place:
    """Hold where an error's path leads: the node, its key, the type that fits there, and what is left of the path."""

    node: Node
    key: str | None
    key_span: Span | None
    type: Any
    outer: Any
    last: str | None
    in_persona: bool = True

    @property
    def name(self) -> str:
        """Return the node's key for messages."""
        return f"`{self.key}`" if self.key else "this"


def explain_errors(
    errors: Iterable[ErrorDetails], root: Node, known: Iterable[Diagnostic] = (), kind: Any = Persona
) -> list[Diagnostic]:
    """Turn all errors of validating one `kind` into findings; what holds a `known` finding is not reported again."""
    spans = sorted((diagnostic.span for diagnostic in known), key=_start)
    placed = [(error, _follow(error["loc"], root, kind)) for error in errors]
    meant = {
        (id(place.node), _key_meant(place.last or "", fields(place.type)))
        for error, place in placed
        if error["type"] == "extra_forbidden"
    }
    found = []
    for error, place in placed:
        typo = error["type"] == "missing" and (id(place.node), place.last) in meant  # told with the unknown key
        faulty_items = error["type"] == "too_short" and isinstance(place.node, Sequence) and place.node.items
        if not typo and not faulty_items:
            diagnostic = _with_signs(_explain(error, place), error["type"], place)
            if not _holds_one(diagnostic.span, spans):
                found.append(diagnostic)
    return found


def _start(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _holds_one(outer: Span, spans: list[Span]) -> bool:
    """Tell whether one of the spans, which are in order, lies within another."""
    first = bisect_left(spans, _start(outer), key=_start)
    last = bisect_right(spans, (outer.end_line, outer.end_column), key=_start)
    return any(outer.holds(spans[position]) for position in range(first, last))


def _follow(loc: tuple[int | str, ...], root: Node, whole: Any) -> _Place:
    """Walk an error's path down the tree; parts that only pydantic knows (union tags, defaults) are passed over."""
    node = root
    kind = whole
    outer: Any = None
    key, span, last = None, None, None
    for part in loc:
        last = None
        if isinstance(node, Mapping) and isinstance(part, str) and part in node.entries:
            below = inner(kind, part)
            if below is None:
                last = part
                break
            span, key = node.keys[part], part
            node, kind, outer = node.entries[part], below, kind
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            node, kind, outer, key, span = node.items[part], inner(kind, part) or kind, kind, None, None
        elif isinstance(part, str):
            last = part
    return _Place(node, key, span, kind, outer, last, whole is Persona)


def _with_signs(diagnostic: Diagnostic, kind: str, place: _Place) -> Diagnostic:
    """Change the advice where signs only look like those that are meant."""
    if kind == "extra_forbidden":
        given: str | None = place.last
    elif place.last == "[key]":
        given = place.key
    else:
        given = place.node.written if isinstance(place.node, Scalar) else None
    advice = mistyped(given) if given and kind not in ("string_too_long", "too_long") else None
    return replace(diagnostic, help=advice) if advice else diagnostic


def _explain(error: ErrorDetails, place: _Place) -> Diagnostic:
    kind, context = error["type"], error.get("ctx", {})
    if place.last == "[key]":
        return _key(place)
    if kind == "missing":
        return _missing(place)
    if kind == "extra_forbidden":
        return _unknown(place)
    if kind == "literal_error":
        return _choice(place)
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"at least {context['ge']:g}" if "ge" in context else f"at most {context['le']:g}"
        return _error("P0116", f"{place.name} must be {bound}, found {_short(text(place.node) or '')}", place.node.span)
    if kind == "too_long" and isinstance(place.node, Mapping):
        advice = "write each as an item of its own, after `- `"
        return _error("P0114", f"expected {describe(place.type)}, found several names", place.node.span, advice)
    if kind in ("string_too_long", "too_long"):
        advice = "put the rest into `summary`" if place.key == "name" else "make it shorter"
        message = f"{place.name} is longer than {context['max_length']} characters"
        return _error("P0116", message, place.node.span, advice)
    if kind == "string_pattern_mismatch":
        return _form(place, context["pattern"])
    if kind == "condition_kinds":
        return _condition(place, context["kinds"])
    if kind == "only_for_topic":
        message = "`examples`, `unlike` and `threshold` belong to a `topic`, and there is none here"
        return _error("P0120", message, _head(place), "add `topic: what it is about, in words`")
    if kind == "empty_age":
        return _error("P0113", "`age` says nothing", _head(place), "write `age: {below: 18}` or `age: {at_least: 18}`")
    if kind == "empty_example":
        return _error("P0113", "an example needs one of `text`, `image`, `audio`, `video`", place.node.span)
    if kind == "entity_without_values":
        advice = "add `values:` with a list, or a file's field such as knowledge/sights.yaml#name"
        return _error("P0113", "a slot of type `entity` needs `values`", _head(place), advice)
    if kind == "nothing_to_answer":
        advice = "add `knowledge:` with a file, or `intents:` with what users say and what to answer"
        return _error(
            "P0119", "the persona has neither `knowledge` nor `intents`, so it can answer nothing", _head(place), advice
        )
    if kind == "value_error":  # a plugin's own words
        return _error("P0114", str(context["error"]), _head(place))
    return _mismatch(place)


def _missing(place: _Place) -> Diagnostic:
    name = place.last or "?"
    if place.key is None and name == "personac":
        return _error("P0113", "`personac` is missing", _head(place), "write `personac: 1` as the first line")
    told = description(place.type, name)
    return _error("P0113", f"`{name}` is missing", _head(place), f"add `{name}: …`. {told}" if told else None)


def _unknown(place: _Place) -> Diagnostic:
    name = place.last or "?"
    span = place.node.keys[name] if isinstance(place.node, Mapping) and name in place.node.keys else place.node.span
    inside = f" in `{place.key}`" if place.key else ""
    known = fields(place.type)
    near = _key_meant(name, known)
    homes = [home for home, keys in sections().items() if name in keys and home != place.key]
    if homes and not near and place.in_persona:
        advice = f"`{name}` belongs under `{homes[0]}`"
    elif name in Persona.model_fields and place.key and place.in_persona:
        advice = f"`{name}` belongs at the left margin, outside of `{place.key}`"
    elif says(place.type) == "a text" and not near:
        advice = f"keys here: {', '.join(known)}; a text with a colon in it needs quotes around the whole of it"
    elif near and near == key_meant(name, known):
        advice = f"`{name}` is called `{near}` here"
    else:
        advice = suggestion(name, known, "keys here")
    return _error("P0107", f"unknown key `{name}`{inside}", span, advice)


def _key_meant(name: str, known: list[str]) -> str | None:
    """Return the key that an unknown one stands for: the one like it, or the one of that meaning."""
    return key_meant(name, known) or nearest(name, known)


def _key(place: _Place) -> Diagnostic:
    """Explain a name in a mapping that is not of the needed form: a language, a slot or an emotion."""
    kind = next(iter(arguments(place.outer, dict)), None)
    shown = Scalar(place.key, place.key or "", place.key_span or place.node.span)
    named = _Place(shown, None, place.key_span, kind, None, None)
    if get_origin(bare(kind)) is Literal:
        return _choice(named)
    return _form(named, LANGUAGE_PATTERN if says(kind) else NAME_PATTERN)


def _choice(place: _Place) -> Diagnostic:
    options = list(map(str, choices(place.type)))
    if place.key == "personac":
        advice = "this personac reads version 1: write `personac: 1`"
        if isinstance(place.node, Scalar) and place.node.value == "1":
            return _error(
                "P0118", 'the version is the text "1"', place.node.span, "write it without quotes: `personac: 1`"
            )
        known = "is no version of the persona language that is known"
        return _error("P0118", f"{_shown(place.node).removeprefix('the number ')} {known}", place.node.span, advice)
    if not isinstance(place.node, Scalar) or place.node.value is None:
        return _mismatch(place)
    given = place.node.written
    listed = " or ".join([", ".join(options[:-1]), options[-1]]) if len(options) > 1 else options[0]
    near = choice_meant(given, options) or nearest(given, options)
    if given in ("both", "all") and set(options) == {"input", "output", "tool"}:
        near = "[input, output]" if given == "both" else "[input, output, tool]"
    advice_or_none = f"did you mean `{near}`?" if near else None
    if place.key == "provider" and near:
        advice_or_none = f"did you mean `{near}`? {description(place.outer, 'provider')}"
    what = f" for `{place.key}`" if place.key else ""
    return _error("P0115", f"`{_short(given)}` is not a choice{what}: {listed}", place.node.span, advice_or_none)


def _form(place: _Place, pattern: str) -> Diagnostic:
    given = place.node.written if isinstance(place.node, Scalar) else ""
    span = place.node.span
    if pattern == LANGUAGE_PATTERN:
        code = _LANGUAGES.get(given.casefold()) or _tidied(given)
        if len(given.split()) > 1 and all(re.match(LANGUAGE_PATTERN, word) for word in given.split()):
            advice = f"put a comma between two languages: [{', '.join(given.split())}]"
            return _error("P0117", f"`{_short(given)}` is not a language code", span, advice)
        advice = f"did you mean `{code}`?" if code else "write a code such as en, zh, zh-TW or pt-BR"
        return _error("P0117", f"`{_short(given)}` is not a language code", span, advice)
    if pattern == COUNTRY_PATTERN:
        meant = country_meant(given)
        advice = f"did you mean `{meant}`?" if meant else "write two capitals: US, GB, CN"
        return _error("P0117", f"`{_short(given)}` is not a country code", span, advice)
    if pattern == RETENTION_PATTERN:
        advice = "write a number and a unit, together: 12h, 30d, 4w, 6m or 1y; 0 keeps nothing; or write forever"
        length = _length_of_time(given)
        if length:
            advice = f"did you mean `{length}`? {advice}"
        return _error("P0117", f"`{_short(given)}` is not a length of time", span, advice)
    if pattern == SKILL_PATTERN:
        advice = "write the plugin, a dot and the skill: tourism.opening_hours"
        return _error("P0117", f"`{_short(given)}` is not the name of a skill", span, advice)
    tidy = "_".join("".join(c if c.isalnum() or c in "_-" else " " for c in given).split())
    example = f": {tidy}" if tidy and not tidy[0].isdigit() else ""
    advice = f"use letters, digits, _ and -, and begin with a letter{example}"
    return _error("P0117", f"`{_short(given)}` cannot be a name", span, advice)


def _tidied(given: str) -> str | None:
    """Return en-US for en_us."""
    parts = given.replace("_", "-").split("-")
    if not (parts[0].isascii() and parts[0].isalpha() and 2 <= len(parts[0]) <= 3 and len(parts) <= 2):
        return None
    if len(parts) == 2 and not (len(parts[1]) == 2 and parts[1].isalpha()):
        return None
    return "-".join([parts[0].lower(), *(part.upper() for part in parts[1:])])


def _length_of_time(given: str) -> str | None:
    """Return 30d for `30 days`, and forever for its like."""
    if given.casefold() in ("never", "always", "unlimited", "infinite", "永久", "永远"):
        return "forever"
    match = re.fullmatch(r"([1-9][0-9]{0,3})\s*个?\s*([^\W\d]+)", unicodedata.normalize("NFKC", given).casefold())
    unit = match and next((unit for unit, words in _UNITS.items() if match[2] in words.split()), None)
    return f"{match[1]}{unit}" if match and unit else None


def _condition(place: _Place, kinds: str) -> Diagnostic:
    if not kinds:
        return _error("P0120", "this condition says nothing", _head(place), f"give it one of: {_KINDS}")
    advice = "keep one of them, or join them with `any:` or `all:`, each on its own line after `- `"
    return _error("P0120", f"a condition is of one kind, and this has several: {kinds}", _head(place), advice)


def _mismatch(place: _Place) -> Diagnostic:
    node = place.node
    message = f"expected {describe(place.type)}, found {_shown(node)}"
    if isinstance(node, Scalar) and node.value is None and place.key:
        message = f"`{place.key}` has no value"
    unseen = isinstance(node, Scalar) and not node.written
    tall = not isinstance(node, Scalar) and node.span.line != node.span.end_line
    span = place.key_span if (unseen or tall) and place.key_span is not None else node.span
    return _error("P0114", message, span, _remedy(place))


def _remedy(place: _Place) -> str | None:
    """Return what to do about a value of the wrong kind."""
    node = place.node
    if isinstance(node, Mapping):
        item = next(iter(arguments(place.type, tuple)), None)
        if item is not None and fields(item) and set(node.entries) & set(fields(item)):
            key = next(iter(node.entries))
            if node.span.line == node.span.end_line:
                return f"put it into brackets: [{{{key}: …}}]"
            return f"put `- ` before the first key of each: `- {key}: …`, and the other keys in a line below it"
        if item is not None and fields(item) and node.entries:
            name = _short(next(iter(node.entries)))
            return f"write each as an item that begins with `- {fields(item)[0]}: {name}`"
        if only(place.type) is str and is_language_map(list(node.entries)):
            return "one text is wanted here, not one for each language"
        return "if the text has a colon in it, put quotes around the whole text" if only(place.type) is str else None
    if isinstance(node, Sequence) and not node.items:
        return "write at least one" + (", or delete the line" if place.key != "examples" else "")
    if isinstance(node, Sequence) and arguments(place.type, dict):
        named = next((said for item in node.items for key in ("name", "id") if (said := text(get(item, key)))), "name")
        return f"write each under its name, without `- `: `{_short(named)}: …`"
    if isinstance(node, Sequence) and only(place.type) is str:
        texts = [words for item in node.items if (words := text(item))]
        if place.key == "pattern" and texts:
            return f"join them by | into one: '{_short('|'.join(texts))}'"
        return "one text is wanted here, not a list"
    if isinstance(node, Sequence):
        return "write its keys below it without `- `, each with a value" if fields(place.type) else None
    if isinstance(node.value, bool):
        return f'if the word is meant, put quotes around it: "{node.written}"'
    if node.value is None:
        return "write a value after the colon, or delete the line" if place.key else "write a value, or delete the line"
    if not node.written.strip():
        return "write a text between the quotes, or delete it"
    if only(place.type) is bool and node.written.casefold() in _YES:
        return f"write {_YES[node.written.casefold()]}"
    if isinstance(node.value, str) and only(place.type) in (int, float):
        told = description(place.outer, place.key or "") if place.key else None
        plain_number = node.written.replace(".", "", 1).isdigit()
        return "write the number without quotes" if plain_number else f"write a number. {told}" if told else None
    shown = _short(node.written)
    item = next(iter(arguments(place.type, tuple)), None)
    if item is not None and re.match(r"-\S", shown):
        return "put a blank after each `-`"
    if item is not None:
        first = None if says(item) == "a text" else next(iter(fields(item)), None)
        lines = f"write it on the next line as `- {first}: {shown}`"
        return lines if first else f"write each on its own line after `- `, or in brackets: [{shown}]"
    first = next(iter(fields(place.type)), None)
    run_on = re.match(r"([\w-]+):(?!//)([^\s:]+)", shown)
    if first and run_on:
        return f"put a blank after each colon: `{run_on[1]}: {run_on[2]}`"
    if first == "topic":
        return f"say what kind of condition it is: {{topic: {shown}}}, or one of {_KINDS.removeprefix('topic, ')}"
    if first and place.key is None:
        return f"write `{first}: {shown}`"
    return f"write its keys below `{place.key}`, indented, each with a value" if first else None


def _shown(node: Node) -> str:
    if isinstance(node, Sequence):
        return "a list" if node.items else "an empty list"
    if isinstance(node, Mapping):
        return "a block of keys" if node.entries else "an empty block"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, bool):
        return f"`{node.written}`"
    if isinstance(node.value, str):
        return f'the text "{_short(node.written)}"' if node.written.strip() else "an empty text"
    return f"the number {_short(node.written)}"


def _short(given: str) -> str:
    given = " ".join(given.split())
    return given if len(given) <= 40 else given[:39] + "…"


def _head(place: _Place) -> Span:
    """Return a place of one line for what concerns a whole block: its key, else its first key, else its start."""
    if place.key_span is not None:
        return place.key_span
    if isinstance(place.node, Mapping) and place.node.keys:
        return next(iter(place.node.keys.values()))
    return place.node.span


def _error(code: str, message: str, span: Span, advice: str | None = None) -> Diagnostic:
    return Diagnostic(code, "error", message, span, advice)
