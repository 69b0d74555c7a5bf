"""Write the persona.yaml of a new persona, with a comment on each block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..schema import Privacy
from ..writing import MODELINE, dump
from .wishes import Wishes, folder_of, texts

TABLE = "knowledge/faq.csv"
RULE = "no-medical-advice"
SETS = ("crisis", "general")
WITHOUT = ("general-expert", "general-no-human", "general-private", "general-untrue")
"""Rules of the sets that depend on what a persona is for."""
COMMON = ("hello", "thanks", "goodbye", "abilities", "person")
HOURS = "opening_hours"
_SHOWN = 2


def persona_yaml(wishes: Wishes) -> str:
    """Return the persona as YAML."""
    notes = texts()["comments"][wishes.language]
    values = {"name": wishes.name, "folder": folder_of(wishes.name)}
    parts = [MODELINE + "\n" + _comment(notes["head"], values)]
    for key, section in _sections(wishes):
        above = _comment(notes[key], values) if key in notes else ""
        parts.append(above + (dump(section).replace("'on':", "on:") if section else ""))  # `on` is a text in YAML 1.2
    return "\n".join(parts)


def summary_of(wishes: Wishes) -> str:
    """Return what the persona is for, in a sentence."""
    if wishes.summary or wishes.examples is None:
        return wishes.summary or str(texts()["summary"][wishes.language])
    return str(texts()["domains"][wishes.examples]["summary"][wishes.language])


def _sections(wishes: Wishes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each block with the name of its comment."""
    yield "", {"personac": 1, "name": wishes.name}
    yield "summary", {"summary": summary_of(wishes)}
    yield "languages", {"languages": list(wishes.languages)}
    tone = texts()["tones"][wishes.tone]
    yield (
        "tone",
        {
            "tone": {
                "traits": tone["traits"][wishes.language],
                "formality": tone["formality"],
                "emoji": tone["emoji"],
                "greeting": _said(wishes, tone["greeting"]),
                "fallback": _said(wishes, tone["fallback"]),
            }
        },
    )
    yield "voice", {"voice": {"engine": "auto"}}
    yield "face", {"face": {"image": "face.svg", "expressions": {"anger": "sadness", "disgust": "sadness"}}}
    yield "knowledge", {"knowledge": [{"path": TABLE}]}
    yield "retrieval", {"retrieval": {"min_score": 0.4}}
    yield "intents", {"intents": list(_intents(wishes, tone))}
    rules = {"sets": list(SETS), "without": list(WITHOUT), "rules": [_rule(wishes, tone)]}
    yield "ethics", {"ethics": {"disclosure": "always", **rules}}
    yield "privacy", {"privacy": {"redact": list(Privacy().redact), "consent": "ask", "retention": "30d"}}
    yield "connectors", {"connectors": {"web": {}}}
    yield "model", {}


def _intents(wishes: Wishes, tone: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if wishes.examples:
        domain = texts()["domains"][wishes.examples]
        yield _intent(wishes, HOURS, domain[HOURS], domain["hours"])
    for name in COMMON:
        yield _intent(wishes, name, texts()["intents"][name], tone[name])


def _intent(wishes: Wishes, name: str, asked: dict[str, list[str]], said: dict[str, list[str]]) -> dict[str, Any]:
    examples = [example for code in wishes.languages for example in asked[code]]
    return {"name": name, "examples": examples, "responses": _said(wishes, said)}


def _rule(wishes: Wishes, tone: dict[str, Any]) -> dict[str, Any]:
    rule = texts()["rule"]
    examples = [example for code in wishes.languages for example in rule["examples"][code]]
    when = {"topic": rule["topic"][wishes.language], "examples": examples}
    return {"id": RULE, "when": when, "on": ["input"], "do": "refuse", "say": _said(wishes, tone["refuse"])}


def _said(wishes: Wishes, said: dict[str, Any]) -> Any:
    """Return a text, or a list of them, for each language; alone when there is only one."""
    filled = {code: _filled(wishes, said[code], code) for code in wishes.languages}
    return filled if len(filled) > 1 else filled[wishes.language]


def _filled(wishes: Wishes, said: Any, language: str) -> Any:
    if isinstance(said, list):
        items = [_filled(wishes, item, language) for item in said]
        return items if len(items) > 1 else items[0]
    return str(said).replace("{name}", wishes.name).replace("{questions}", _questions(wishes, language))


def _questions(wishes: Wishes, language: str) -> str:
    """Return one or two questions that the persona can answer, as they stand in a sentence."""
    rows = wishes.rows()
    fitting = [ask for ask, _, code in rows if code == language] or [ask for ask, _, _ in rows]
    marked = [f"“{question}”" for question in fitting[:_SHOWN]]
    return (" or " if language == "en" else "").join(marked)


def _comment(text: str, values: dict[str, str]) -> str:
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value)
    return "".join(f"# {line}\n" for line in text.splitlines())
