"""What authors of plugins test with: a plugin held against the contract, and its skills called as a persona does.

Knows the host of plugins; needs no model and no persona.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..hosting.fit import check_class
from ..hosting.host import Host
from ..hosting.make import make
from ..message import Media
from ..plugin import FollowUp, Found, Place, Skill, SkillContext, SkillResult
from ..turn import Passage


class SkillFailed(AssertionError):
    """Report a skill that raised, was cut off or returned no SkillResult; the cause is what it raised."""


class SkillClient:
    """Call the skills of a plugin: `async with SkillClient(Weather, city="Beijing") as client: …`.

    Keywords are the plugin's settings; `files` is the folder of a persona whose files they name.
    Raise ExtensionInvalid for a plugin that does not fit, SettingsInvalid.
    """

    def __init__(self, plugin: type[Any], files: Path = Path("."), **settings: Any) -> None:
        self.name: str = getattr(getattr(plugin, "manifest", None), "name", plugin.__name__)
        self.told: list[str] = []
        self.kept: Mapping[str, Any] = {}
        make(check_class(self.name, plugin), self.name, settings)  # what it knows and its rules are looked at, too
        data = Path(tempfile.mkdtemp(prefix="personac-"))
        self._loaded = make(check_class(self.name, plugin), self.name, settings, Place(files, data))
        self._host = Host({self.name: self._loaded}, lambda: shutil.rmtree(data, ignore_errors=True))

    @property
    def plugin(self) -> Any:
        """Return the plugin as it was made."""
        return self._loaded.plugin

    async def call(
        self,
        skill: str,
        text: str = "",
        *,
        language: str = "en",
        user: str = "someone",
        conversation: str = "test",
        history: Sequence[tuple[str, str, str]] = (),
        media: Sequence[Media] = (),
        records: Sequence[Mapping[str, Any]] = (),
        passages: Sequence[Passage] = (),
        remembered: Mapping[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
        planned: Sequence[FollowUp] = (),
        called: bool = False,
        **slots: Any,
    ) -> SkillResult | None:
        """Return what a skill answers to slots, None when it declines; what it tells meanwhile is in `told`.

        `facts` and `planned` are what it remembers of the user, and its follow-ups of the conversation. What it keeps
        of the conversation is in `kept`, and is given back to the next call. `called` is how a follow-up is called when
        it is due.

        A passage belongs to a field of a record when its `record` and `field` name them; `remembered` are the slots
        that results of before have set. Raise SkillFailed.
        """
        self._skill(skill)
        by_field = {(passage.record, passage.field): passage for passage in passages}
        context = SkillContext(
            text=text,
            language=language,
            intent=skill,
            slots=slots,
            records={str(record["id"]): record for record in records},
            passage_of=lambda record, field: by_field.get((record, field)),
            passages=passages,
            media=media,
            user=user,
            history=history,
            conversation=conversation,
            channel="test",
            remembered=remembered or {},
            facts=facts or {},
            planned=planned,
            called=called,
            confidence=1.0,
            kept=self.kept,
        )
        outcome = await self._host.run(f"{self.name}.{skill}", context, self.told.append)
        if outcome.state == "failed":
            raise SkillFailed(f"the skill {skill} failed: {outcome.error!r}") from outcome.error
        if outcome.result is not None and outcome.result.keep is not None:
            self.kept = outcome.result.keep
        return outcome.result

    async def refused(self, skill: str, language: str = "en", **slots: Any) -> str:
        """Return what the checks of a skill have against values of slots, nothing when they take them."""
        checks = self._skill(skill).checks
        for slot, value in slots.items():
            if slot not in checks:
                known = ", ".join(sorted(checks)) or "nothing"
                raise SkillFailed(f"there is no check of {slot} in {skill}; it checks: {known}")
            said = await asyncio.to_thread(self._host.refused, f"{self.name}.{skill}", slot, value, language)
            if said:
                return said
        return ""

    def _skill(self, name: str) -> Skill:
        found = self._loaded.skills.get(name)
        if found is None:
            raise SkillFailed(f"there is no skill {name}; its skills: {', '.join(sorted(self._loaded.skills))}")
        return found

    async def recognise(self, slot_type: str, text: str, language: str = "en") -> list[Found]:
        """Return what a slot type of the plugin finds in a text, as a persona would have it."""
        return await asyncio.to_thread(self._host.recognise, f"{self.name}.{slot_type}", text, language)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._host.close()


__all__ = ["SkillClient", "SkillFailed"]
