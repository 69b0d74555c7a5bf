"""Tourism: what a traveller asks about a sight, answered from the persona's own records.

A record needs `id`, `name` and the fields that the skills read: opening_hours, price, transport, story.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from ...core.plugin import Manifest, Plugin, Skill, SkillContext, SkillResult, hook

FIELDS = {"opening_hours": "opening_hours", "ticket_price": "price", "transport": "transport", "story": "story"}
"""The field of a record that each skill reads."""


class Tourism(Plugin):
    """Answer opening hours, prices, the way and the story of a sight."""

    manifest = Manifest(
        name="tourism",
        version="1.0.0",
        contract=1,
        summary="What a traveller asks about a sight, answered from the persona's own records.",
        reads=("slots",),
    )

    @hook
    def skills(self) -> Mapping[str, Skill]:
        """Return the skills by name."""
        return {name: Skill(run=_field_of_sight(field)) for name, field in FIELDS.items()}


def _field_of_sight(field: str) -> Callable[[SkillContext], Awaitable[SkillResult | None]]:
    async def answer(context: SkillContext) -> SkillResult | None:
        sight = context.slots.get("sight")
        if not isinstance(sight, Mapping):
            return None
        passage = context.passage_of(sight["id"], field)
        return None if passage is None else SkillResult(passage.text, [passage])

    return answer
