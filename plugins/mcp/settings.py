"""What a persona sets for the servers whose tools it uses. Knows no server."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ...core.plugin import Settings

Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
Tool: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_./-]{1,128}$")]
Local: TypeAlias = dict[Literal["en", "zh"], str]


class Server(BaseModel):
    """One server: how it is reached, which of its tools may be used, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: str = Field("", description="The program to start, which speaks over its input and output.")
    args: tuple[str, ...] = Field((), description="Its arguments.")
    env: dict[str, str] = Field({}, description="What it finds in its environment: TOKEN: ${WEATHER_TOKEN}.")
    url: str = Field("", description="The address of a server that speaks streamable HTTP.")
    headers: dict[str, str] = Field({}, description="Sent with each request: Authorization: Bearer ${TOKEN}.")
    allow: tuple[Tool, ...] = Field(min_length=1, description="The tools that may be used; no other one is.")
    confirm: tuple[Tool, ...] | None = Field(
        None, description="The tools that users are asked about first; without it, all that do not say readOnlyHint."
    )
    ask: dict[Tool, dict[str, Local]] = Field({}, description="Questions, by tool, argument and language.")
    pins: dict[Tool, str] = Field({}, description="What tools must be like to be used, as the log tells it.")
    seconds: float = Field(20.0, gt=0, le=110, description="For a call, connecting included.")
    start_seconds: float = Field(30.0, gt=0, le=120, description="For a server to say which tools it has.")
    characters: int = Field(2000, ge=100, le=7000, description="Of a result that are shown.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if bool(self.command) == bool(self.url):
            raise ValueError("name either a `command` to start or the `url` of a running server")
        if self.url and not re.match(r"https?://[^/\s]", self.url):
            raise ValueError("`url` begins with https:// or http://")
        if self.command and self.headers:
            raise ValueError("`headers` belong to a `url`; a command is given `env`")
        if self.url and (self.args or self.env):
            raise ValueError("`args` and `env` belong to a `command`; a url is given `headers`")
        for key, named in (("confirm", self.confirm or ()), ("ask", self.ask), ("pins", self.pins)):
            for tool in named:
                if tool not in self.allow:
                    raise ValueError(
                        f"`{key}` names the tool {tool}, which `allow` does not; it has: {', '.join(self.allow)}"
                    )
        return self


class McpSettings(Settings):
    """What a persona may set."""

    servers: dict[Name, Server] = Field(min_length=1, description="The servers by name.")
    personal_data: bool = Field(False, description="Whether tools are given personal data without masks.")

    @model_validator(mode="after")
    def _skills_differ(self) -> Self:
        seen: dict[str, str] = {}
        for server, one in self.servers.items():
            for tool in one.allow:
                skill, told = skill_name(server, tool), f"{tool} of {server}"
                if skill in seen:
                    raise ValueError(f"{seen[skill]} and {told} are both the skill mcp.{skill}; rename a server")
                seen[skill] = told
        return self


def skill_name(server: str, tool: str) -> str:
    """Return the name of a tool's skill within the plugin."""
    return f"{server}_{re.sub(r'[^A-Za-z0-9_-]', '_', tool)}"
