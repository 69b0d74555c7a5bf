"""MCP: the tools of servers of the Model Context Protocol as skills; nothing is used that the persona does not allow.

What comes back is data of a named source. The official SDK is loaded when a persona is made that names servers.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from ...core.errors import SettingsInvalid
from ...core.plugin import Manifest, Plugin, Skill, SkillContext, SkillResult, hook
from .schemas import Tool, Unclear, Unfillable, arguments_of
from .settings import McpSettings, Server, skill_name
from .words import confirmation, say

log = logging.getLogger("personac")


class Mcp(Plugin):
    """Offer each allowed tool of each server as the skill `mcp.SERVER_TOOL`."""

    manifest = Manifest(
        name="mcp",
        version="1.0.0",
        contract=1,
        summary="The tools of MCP servers that the persona names, by their programs or their addresses.",
        reads=("slots", "personal_data"),
        network=("*",),
        programs=("*",),
        settings=McpSettings,
        open_ended=True,
    )

    def __init__(self, settings: McpSettings) -> None:
        super().__init__(settings)
        if not settings.personal_data:
            self.manifest = replace(Mcp.manifest, reads=("slots",))  # type: ignore[misc]
        self._servers = settings.servers
        self._sessions: Any = None

    @hook
    def skills(self) -> Mapping[str, Skill]:
        """Connect to the servers and return a skill for each allowed tool, also of those that do not answer yet."""
        if importlib.util.find_spec("mcp") is None:
            raise SettingsInvalid("plugins: mcp needs its SDK: pip install 'personac[mcp]'")
        from .sessions import Sessions

        self._sessions = Sessions(self._servers)
        found = self._sessions.begin()
        return {
            skill_name(server, tool): self._skill(server, one, tool, found[server].get(tool))
            for server, one in self._servers.items()
            for tool in one.allow
        }

    @hook
    def close(self) -> None:
        """End the sessions."""
        if self._sessions is not None:
            self._sessions.close()

    def _skill(self, server: str, settings: Server, tool: str, known: Tool | None) -> Skill:
        asks = tool in settings.confirm if settings.confirm is not None else known is None or not known.reads_only
        slots = dict(known.slots) if known is not None else {}
        needed = [name for name, slot in slots.items() if slot.required]
        return Skill(
            run=self._caller(server, settings, tool, needed if asks else None),
            summary=known.summary if known is not None else "",
            slots=slots,
            confirm=confirmation(server, tool, needed) if asks else {},
            seconds=settings.seconds + 5.0,
        )

    def _caller(
        self, server: str, settings: Server, tool: str, shown: list[str] | None
    ) -> Callable[[SkillContext], Awaitable[SkillResult | None]]:
        """Return what calls a tool; with `shown` only with the arguments that the user has said yes to."""
        from .results import Failed, Lie, result_of
        from .sessions import Trouble

        async def run(context: SkillContext) -> SkillResult | None:
            def make(known: Tool) -> dict[str, Any]:
                return arguments_of(known, context.slots, shown)

            try:
                known, answer = await self._sessions.call(server, tool, make)
                return result_of(server, known, answer, context.language, settings.characters)
            except Trouble as error:
                kind, why = error.kind, str(error)
            except Unclear as error:
                return SkillResult(say("yes_or_no", context.language, slot=error.slot), ask=error.slot)
            except Unfillable as error:
                kind, why = "refused", str(error)
            except Lie as error:
                kind, why = "garbage", str(error)
            except Failed as error:
                kind, why = "failed", f"it says that it failed: {error}"
            log.error("the tool %s of the MCP server %s: %s", tool, server, why)
            return SkillResult(say(kind, context.language, tool=tool, server=server))

        return run


__all__ = ["Mcp", "McpSettings"]
