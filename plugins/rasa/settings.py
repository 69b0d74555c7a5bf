"""What a persona may set for the actions of a Rasa bot, and the server that it means."""

from __future__ import annotations

import importlib.util
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from ...core.errors import SettingsInvalid
from ...core.plugin import Settings
from .child import ChildServer
from .grpc_client import GrpcServer
from .here import HereServer
from .server import Server
from .webhook import WebhookServer

SCHEMES = ("http", "https", "grpc", "grpcs")


class RasaSettings(Settings):
    """Name an action package to run, or the action server that runs it."""

    actions: str = Field("", description="The action package, as `rasa run actions --actions` takes it.")
    path: str = Field(".", description="The folder that the package lies in; that in which personac runs.")
    python: str = Field("", description="An interpreter with rasa-sdk; the actions then run in a process of their own.")
    url: str = Field("", description="A running action server: https://HOST/webhook or grpc://HOST:PORT.")
    allow: tuple[str, ...] = Field((), description="The actions that may run; without it, all that the server lists.")
    domain: str | dict[str, Any] = Field("", description="The bot's domain: its file or folder, or its keys.")
    language: str = Field("en", description="The language of the domain's responses.")
    forms: dict[str, tuple[str, ...]] = Field({}, description="What follows each form: actions and responses.")
    reminders: dict[str, str] = Field({}, description="The action that each intent of a reminder leads to.")
    seconds: float = Field(10.0, gt=0, le=100, description="How long an action may take.")
    deflate: bool = Field(False, description="Compress requests (HTTP).")
    domain_when_asked: bool = Field(
        False, description="Send the domain only to a server that asks for it (449); older ones never ask."
    )
    headers: dict[str, str] = Field({}, description="Headers for each request, as in endpoints.yml.")
    token: str = Field("", description="The token of endpoints.yml, sent as ?token=…")
    certificate: str = Field("", description="A file with the certificate authorities of the server.")
    personal_data: bool = Field(False, description="Give actions personal data as users wrote it, instead of marks.")
    images: tuple[str, ...] = Field((), description="Hosts whose pictures are fetched; others are shown as links.")

    @model_validator(mode="after")
    def _one_server(self) -> Self:
        if bool(self.actions) == bool(self.url):
            raise ValueError("name either `actions:`, a package to run, or `url:`, a running action server")
        if self.url and self.python:
            raise ValueError("`python:` runs a package named by `actions:`; with `url:` the server runs elsewhere")
        if self.url and "${" not in self.url and urlsplit(self.url).scheme not in SCHEMES:
            raise ValueError(f"`url:` is {self.url!r}; write https://HOST/webhook or grpc://HOST:PORT")
        if "/" in self.actions or "\\" in self.actions:
            raise ValueError("`actions:` is a module such as actions.main; its folder is `path:`")
        return self


def server_of(settings: RasaSettings) -> Server:
    """Return the server that settings mean, nothing of it begun yet; raise SettingsInvalid."""
    if settings.python:
        return ChildServer(settings.python, settings.actions, settings.path, settings.seconds, deflate=settings.deflate)
    if settings.actions:
        return HereServer(settings.actions, settings.path, settings.seconds)
    scheme = urlsplit(settings.url).scheme
    if scheme in ("http", "https"):
        return WebhookServer(
            settings.url, settings.seconds, headers=settings.headers, token=settings.token, deflate=settings.deflate,
            certificate=settings.certificate,
        )  # fmt: skip
    if importlib.util.find_spec("grpc") is None or importlib.util.find_spec("google.protobuf") is None:
        raise SettingsInvalid("plugins: rasa: gRPC needs grpcio: pip install 'personac[rasa]'")
    return GrpcServer(settings.url, settings.seconds, headers=settings.headers, certificate=settings.certificate)
