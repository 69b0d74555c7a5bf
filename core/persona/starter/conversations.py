"""Write the conversation tests of a new persona."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..writing import dump
from .persona import HOURS, RULE, TABLE
from .wishes import Wishes, folder_of, texts

_ROWS = 3


def conversations_yaml(wishes: Wishes) -> str:
    """Return the tests as YAML, in the format of `personac test`."""
    note = str(texts()["comments"][wishes.language]["tests"]).replace("{folder}", folder_of(wishes.name))
    head = "".join(f"# {line}\n" for line in note.splitlines())
    return "\n".join([head, *(dump([item]) for code in wishes.languages for item in _conversations(wishes, code))])


def _conversations(wishes: Wishes, language: str) -> Iterator[dict[str, Any]]:
    """Yield the conversations in one language."""
    author = texts()
    names = author["tests"][wishes.language]
    named = {what: f"{name} ({language})" if len(wishes.languages) > 1 else name for what, name in names.items()}
    common = author["intents"]
    yield _talk(named["hello"], (common["hello"][language][0], {"intent": "hello", "language": language}))
    for ask, answer, code in [row for row in wishes.rows() if row[2] == language][:_ROWS]:
        yield _talk(ask, (ask, {"text": answer, "source": TABLE, "language": code}))
    if wishes.examples:
        domain = author["domains"][wishes.examples]
        ask, answer = domain["asked"][language]
        hours = (domain[HOURS][language][0], {"intent": HOURS, "text": domain["hours"][language][0]})
        thanks = (common["thanks"][language][0], {"intent": "thanks"})
        yield _talk(named["hours"], hours, thanks)
        yield _talk(named["asked"], (ask, {"text": answer, "source": TABLE}))
    yield _talk(named["rule"], (author["rule"]["examples"][language][0], {"rule": RULE}))
    stranger = {"say": author["strangers"][language], "expect_not": {"source": TABLE}}
    yield {"name": named["stranger"], "turns": [stranger]}


def _talk(name: str, *turns: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "turns": [{"say": say, "expect": expect} for say, expect in turns]}
