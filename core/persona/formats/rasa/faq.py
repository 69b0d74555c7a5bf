"""Make a table of questions of a retrieval intent that has many answers with few examples each, and take it back.

Such an intent (`faq/opening`, `faq/parking`, …) is a list of questions with answers; as intents of their own they
would have too few examples to be learned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...checks.examples import same_form
from ...language import guess_language
from ..character import table
from .domain import Domain
from .nlu import Nlu
from .responses import Variant, variants

MANY = 10
"""The least number of answers for a table; with fewer, each is an intent."""
FEW = 3
"""The most examples, on average, that an answer in a table has."""


@dataclass(frozen=True, slots=True)
class Row:
    """Hold a question with its answer, their language, and the intent (`faq/opening`) that they come from."""

    question: str
    answer: str
    language: str
    intent: str


@dataclass(slots=True)
class Changes:
    """Hold what an author changed in a table: answers by row, rows that are gone, and new ones."""

    answers: list[tuple[Row, str]] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    added: list[tuple[str, str]] = field(default_factory=list)


def groups(nlu: Nlu) -> dict[str, list[str]]:
    """Return the retrieval intents that become tables, with their parts."""
    found: dict[str, list[str]] = {}
    for name, examples in nlu.intents.items():
        whole, slash, _ = name.partition("/")
        if slash and examples:
            found.setdefault(whole, []).append(name)
    return {
        whole: names
        for whole, names in found.items()
        if len(names) >= MANY and sum(len(nlu.intents[name]) for name in names) <= FEW * len(names)
    }


def rows_of(names: Sequence[str], nlu: Nlu, domain: Domain, languages: Sequence[str]) -> list[Row]:
    """Return the rows of a table; a question stands in it once, with the answer in its language."""
    found: dict[str, Row] = {}
    for name in names:
        told = variants(domain, f"utter_{name}", languages)
        for example in nlu.intents[name] if told else []:
            code = guess_language(example.text, languages)
            answer = _in(told, code)
            row = Row(example.text, answer.words, answer.language, name)
            found.setdefault(same_form(example.text) or example.text, row)
    return list(found.values())


def as_table(rows: Sequence[Row], languages: Sequence[str]) -> bytes:
    """Return rows as a CSV; with the language where there is more than one."""
    if len(languages) == 1:
        return table(("question", "answer"), [(row.question, row.answer) for row in rows])
    return table(("question", "answer", "language"), [(row.question, row.answer, row.language) for row in rows])


def changes(before: Sequence[Row], now: Sequence[Mapping[str, str]]) -> Changes:
    """Return what is different in a table."""
    told = {
        same_form(row.get("question", "")): (row["question"], row.get("answer", ""))
        for row in now
        if row.get("question")
    }
    known = {same_form(row.question): row for row in before}
    found = Changes()
    seen: set[tuple[str, str]] = set()
    for form, row in known.items():
        if form not in told:
            found.gone.append(row)
        elif told[form][1] != row.answer and (row.intent, row.language) not in seen:
            seen.add((row.intent, row.language))
            found.answers.append((row, told[form][1]))
    found.added = [(question, answer) for form, (question, answer) in told.items() if form not in known and answer]
    return found


def _in(told: Sequence[Variant], code: str) -> Variant:
    return next((variant for variant in told if variant.language == code), told[0])
