"""A turn as Rasa's NLU would have it: intent, entities and slots, from what the persona understood.

Knows contexts and domains; knows no server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ...core.plugin import SkillContext
from .domain import Domain
from .tracker import plain

ANSWER = "answer"  # the slot for what is answered to a form that asks for a slot which the persona does not have
_PAYLOAD = re.compile(r"/(?P<intent>[^\s{@/]+)\s*(?P<entities>\{.*\})?\s*", re.DOTALL)
_YES = re.compile(r"\W*(?:yes|yep|yeah|sure|true|ok(?:ay)?|please|是的?|对的?|好的?|要的?|可以|嗯)\W*", re.I)
_NO = re.compile(r"\W*(?:no|nope|false|not?|don'?t|不是?|不用|不要|没有|否|不可以)\W*", re.I)


def message_of(context: SkillContext, domain: Domain, buttons: Mapping[str, str]) -> dict[str, Any]:
    """Return `latest_message`; a button's title means its payload."""
    text = buttons.get(context.text.strip(), context.text)
    intent, entities = context.intent, _entities(context, domain)
    match = _PAYLOAD.fullmatch(text) if text != context.text else None
    if match:
        intent, entities = match["intent"], _said(match["entities"] or "{}")
    found = {"name": intent, "confidence": round(context.confidence, 4)}
    return {"text": text, "intent": found, "intent_ranking": [found], "entities": entities, "metadata": {}}


def slots_of(message: Mapping[str, Any], context: SkillContext, domain: Domain) -> dict[str, Any]:
    """Return the slots that a message fills: those of the persona, then those of a button's payload."""
    slots = {name: plain(value) for name, value in context.slots.items() if name != ANSWER and value is not None}
    if message["text"] != context.text:
        said = {entity["entity"]: entity["value"] for entity in message["entities"]}
        names = [*domain.slots, *(name for name in said if name not in domain.slots)]
        slots |= {name: said[domain.entity(name)] for name in names if domain.entity(name) in said}
    return slots


def answered(slot: str, message: Mapping[str, Any], value: Any, domain: Domain) -> Any:
    """Return what a form takes an answer for, as the domain maps the slot; None when it is nothing of that."""
    intent = message["intent"]["name"]
    for mapping in domain.mappings(slot):
        if mapping.get("type") == "from_intent" and "value" in mapping:
            intents = mapping.get("intent")
            if intent in (intents if isinstance(intents, list) else [intents]):
                return mapping["value"]
    text = str(value)
    match domain.slots.get(slot, {}).get("type"):
        case "bool" if isinstance(value, str):
            return True if _YES.fullmatch(text) else False if _NO.fullmatch(text) else value
        case "float" if isinstance(value, str) and re.fullmatch(r"\s*[-+]?\d+(?:\.\d+)?\s*", text, re.ASCII):
            return float(text)
        case "list" if not isinstance(value, list):
            return [value]
    return value


def _entities(context: SkillContext, domain: Domain) -> list[dict[str, Any]]:
    found = []
    for name, value in context.slots.items():
        if name == ANSWER:
            continue
        entity = {"entity": domain.entity(name), "value": plain(value), "extractor": "personac"}
        span = value.get("span") if isinstance(value, Mapping) else None
        if isinstance(span, list | tuple) and len(span) == 2:
            entity |= {"start": span[0], "end": span[1]}
        found.append(entity)
    return found


def _said(packed: str) -> list[dict[str, Any]]:
    """Return the entities of a payload, none where it is no JSON object."""
    try:
        values = json.loads(packed)
    except (ValueError, RecursionError):
        return []
    return [{"entity": str(name), "value": value} for name, value in values.items()] if isinstance(values, dict) else []
