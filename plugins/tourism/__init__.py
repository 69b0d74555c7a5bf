"""Tourism: what a traveller asks about a sight, answered from the persona's own records.

A record needs `id`, `name` and the fields that the skills read: opening_hours, price, transport, story.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...core.contracts import Skill, SkillContext, SkillResult


def _field_of_sight(field: str) -> Skill:
    async def answer(context: SkillContext) -> SkillResult | None:
        sight = context.slots.get("sight")
        if not isinstance(sight, Mapping):
            return None
        passage = context.passage_of(sight["id"], field)
        return None if passage is None else SkillResult(passage.text, [passage])

    return answer


class Tourism:
    """Answer opening hours, prices, the way and the story of a sight."""

    name = "tourism"

    def skills(self) -> Mapping[str, Skill]:
        """Return the skills by name."""
        return {
            "opening_hours": _field_of_sight("opening_hours"),
            "ticket_price": _field_of_sight("price"),
            "transport": _field_of_sight("transport"),
            "story": _field_of_sight("story"),
        }


plugin = Tourism()
