"""What an author may set under `connectors: web:` in a persona, read once when the server starts.

Knows the block's keys and what they may hold; does not know who uses them. Secrets come in already resolved from the
environment.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ...core.errors import SettingsInvalid

SECRET = "PERSONAC_SECRET"
DAY = 24 * 3600
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?", re.IGNORECASE)
_HERE = re.compile(r"http://(localhost|127\.0\.0\.1)(:\d{1,5})?(/|$)")  # as in tests

Colour: TypeAlias = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


def _origin(value: str) -> str:
    plain = value.rstrip("/").lower()
    if not _ORIGIN.fullmatch(plain):
        raise ValueError("an origin is a scheme and a host, such as https://www.example.org")
    return plain


def _issuer(value: str) -> str:
    plain = value.rstrip("/")
    if not plain.startswith("https://") and not _HERE.match(plain):
        raise ValueError("an issuer begins with https://, as the provider writes it in its own description")
    return plain


class Theme(BaseModel):
    """Colours and corners of the page and of the widget; what is not set stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accent: Colour | None = None
    accent_dark: Colour | None = None
    paper: Colour | None = None
    ink: Colour | None = None
    radius: Annotated[int, Field(ge=0, le=32)] | None = None
    position: Literal["right", "left"] = "right"


class Oidc(BaseModel):
    """Where people log in, by OpenID Connect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: str
    client_secret: str = ""


class WebSettings(BaseModel):
    """Hold one persona's settings of the web."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
    key: Annotated[str, Field(min_length=8)] | None = None
    secret: Annotated[str, Field(min_length=16)] | None = None
    session_days: Annotated[float, Field(gt=0, le=366)] = 30
    theme: Theme = Theme()
    oidc: Oidc | None = None

    @property
    def locked(self) -> bool:
        """Return whether one must log in."""
        return self.key is not None or self.oidc is not None

    @property
    def seconds(self) -> int:
        """Return how long a session token is good for."""
        return int(self.session_days * DAY)


def read_settings(block: Mapping[str, Any], name: str = "web") -> WebSettings:
    """Return the settings of a block; raise SettingsInvalid with the field that does not fit.

    Without a `secret` there, PERSONAC_SECRET of the environment is used, and without that one that nobody knows:
    sessions end with the server then.
    """
    try:
        settings = WebSettings.model_validate(block)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SettingsInvalid(f"{name}: connectors.web.{field}: {first['msg']}") from None
    if settings.secret is None:
        own = os.environ.get(SECRET) or secrets.token_urlsafe(32)
        settings = settings.model_copy(update={"secret": own})
    return settings


def faults(block: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with a block as it is written, by its keys; a `${VARIABLE}` fits everywhere."""
    try:
        WebSettings.model_validate({key: _stand_in(key, value) for key, value in block.items()})
    except ValidationError as error:
        found: dict[str, str] = {}
        for fault in error.errors():
            path = [str(part) for part in fault["loc"]]
            found.setdefault(path[0], f"connectors.web.{'.'.join(path)}: {fault['msg'].removeprefix('Value error, ')}")
        return found
    return {}


def _stand_in(key: str, value: Any) -> Any:
    """Return a value with something that fits for what the environment will say."""
    if isinstance(value, Mapping):
        return {inner: _stand_in(inner, part) for inner, part in value.items()}
    if isinstance(value, list | tuple):
        return [_stand_in(key, part) for part in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    if key in ("origins", "issuer"):
        return "https://example.org"
    if key in ("session_days", "radius"):
        return 1
    return "right" if key == "position" else "#000000" if key in Theme.model_fields else "x" * 32
