"""Reminders of Rasa as follow-ups: an intent that comes at a time, without a word of the user's.

Knows events and the contract; keeps nothing.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ...core.plugin import FollowUp, SkillContext
from .domain import Domain
from .server import ActionFault

log = logging.getLogger("personac.rasa")
REMINDER = "reminder"  # the slot in which a follow-up holds what Rasa's event said
LONGEST_KEY = 64


def follow_ups(
    events: Iterable[Mapping[str, Any]], actions: Mapping[str, str], planned: Sequence[FollowUp], called: bool
) -> list[FollowUp]:
    """Return what is to be planned or taken back; `actions` are what the intents of reminders lead to.

    A user who says something ends the reminders that are to be given up then. Raise ActionFault for what is no time.
    """
    plans = {plan.key: plan for plan in planned}
    ended = {key for key, plan in plans.items() if not called and plan.slots.get(REMINDER, {}).get("kill")}
    made: dict[str, FollowUp] = {key: FollowUp(key, None) for key in ended}
    for event in events:
        if event["event"] == "reminder":
            made |= _begun(event, actions)
        elif event["event"] == "cancel_reminder":
            fitting = [key for key, plan in {**plans, **made}.items() if plan.slots and _fits(plan, event)]
            made |= {key: FollowUp(key, None) for key in fitting}
    return list(made.values())


def reminded(context: SkillContext, domain: Domain) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the message and the slots of a reminder that is due; None where none is."""
    told = context.slots.get(REMINDER) if context.called else None
    if not isinstance(told, Mapping):
        return None
    intent = {"name": told.get("intent"), "confidence": 1.0}
    entities = _entities(told.get("entities"))
    said = {entity["entity"]: entity.get("value") for entity in entities}
    slots = {slot: said[domain.entity(slot)] for slot in domain.slots if domain.entity(slot) in said}
    text = f"EXTERNAL: {told.get('intent')}"
    metadata = {"is_external": True}
    return {
        "text": text,
        "intent": intent,
        "intent_ranking": [intent],
        "entities": entities,
        "metadata": metadata,
    }, slots


def _begun(event: Mapping[str, Any], actions: Mapping[str, str]) -> dict[str, FollowUp]:
    intent = str(event["intent"])
    try:
        at = datetime.fromisoformat(event["date_time"]).astimezone()  # without a zone: that of this machine, as in Rasa
    except (ValueError, OverflowError):
        raise ActionFault(f"a reminder's time is {event['date_time']!r}; expected ISO 8601") from None
    if intent not in actions:
        log.error("a reminder of the intent %s is not kept: name its action under `reminders:`", intent)
        return {}
    key = str(event.get("name") or secrets.token_hex(8))
    key = key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()[:LONGEST_KEY]
    told = {
        "intent": intent, "entities": event.get("entities"), "name": event.get("name"),
        "kill": event.get("kill_on_user_msg") is not False,
    }  # fmt: skip
    return {key: FollowUp(key, at, actions[intent], {REMINDER: told})}


def _fits(plan: FollowUp, event: Mapping[str, Any]) -> bool:
    """Tell whether a cancellation means a reminder: what it does not name may be anything."""
    told = plan.slots.get(REMINDER, {})
    named = all(event.get(key) in (None, told.get(key)) for key in ("name", "intent"))
    return named and (not event.get("entities") or _entities(event["entities"]) == _entities(told.get("entities")))


def _entities(written: Any) -> list[dict[str, Any]]:
    """Return entities, which Rasa takes as a list of objects or as values by name."""
    if isinstance(written, Mapping):
        return [{"entity": str(name), "value": value} for name, value in written.items()]
    items = written if isinstance(written, list) else []
    return [dict(item) for item in items if isinstance(item, Mapping) and isinstance(item.get("entity"), str)]
