"""The exceptions of personac.

PersonacError                 everything below; its text tells a person what to do
├── PersonaInvalid            a persona has errors; carries the diagnostics
├── ArtifactInvalid           a compiled artifact is missing, damaged or from another version
├── ModelMissing              weights or a package are not there; carries the command that gets them
├── ModelDamaged              weights do not have the pinned hash
├── BadInput                  what a user sent can't be used; carries a short code
├── ExtensionInvalid          a plugin, connector or model from elsewhere does not fit its contract
├── SettingsInvalid           a connector's block in the persona lacks something or does not fit
├── Unavailable               something outside (disk, a language model's server) failed
│   ├── NoTools               a language model's server takes no tools
│   └── Unfinished            an erasure is written down and could not go on; it does by itself
├── RetryLater                a platform did not take an answer now; carries the seconds to wait, when it named them
├── Away                      nobody is there to take an answer; it waits until its user is back
└── Undeliverable             an answer can never be sent (the chat is gone, the user blocked the bot)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .diagnostics import Diagnostic


class PersonacError(Exception):
    """Stand at the root of all errors that personac raises on purpose."""


class PersonaInvalid(PersonacError):
    """Report a persona that has errors."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        errors = sum(d.severity == "error" for d in self.diagnostics)
        super().__init__(f"the persona has {errors} error{'s' if errors != 1 else ''}")


class ArtifactInvalid(PersonacError):
    """Report an artifact that cannot be run."""


class ModelMissing(PersonacError):
    """Report a model that is not installed."""

    def __init__(self, name: str, command: str) -> None:
        self.name, self.command = name, command
        super().__init__(f"{name} is not here; get it with: {command}")


class ModelDamaged(PersonacError):
    """Report weights whose hash is not the pinned one."""


class BadInput(PersonacError):
    """Report a message, sound or picture that cannot be used; `code` is stable, the text is for the user."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


class ExtensionInvalid(PersonacError):
    """Report an extension that does not fit its contract."""


class Unavailable(PersonacError):
    """Report that something outside of personac failed."""


class NoTools(Unavailable):
    """Report a language model's server that refuses a request because of its tools."""


class Unfinished(Unavailable):
    """Report an erasure that is written down, so that it happens, and could not go on just now."""


class NowhereToWrite(PersonacError):
    """Report that a channel cannot be written to later, without a message to answer."""


class TooManyPlans(PersonacError):
    """Report that a user has as many follow-ups as anyone may have."""


class SettingsInvalid(PersonacError):
    """Report a block under `connectors` that a connector cannot work with."""


class RetryLater(PersonacError):
    """Report that a platform failed for now (429, 5xx, no network).

    `seconds` is what the platform asked to wait (Retry-After), None when it named nothing. The text goes into logs and
    into the list of deliveries: it holds no word of the message.
    """

    def __init__(self, seconds: float | None = None, text: str = "the platform did not take it") -> None:
        self.seconds = seconds
        super().__init__(text)


class Away(PersonacError):
    """Report that nobody is there to take the answer; it is tried again when the desk is told to `wake`."""


class Undeliverable(PersonacError):
    """Report that an answer can never be sent; the text says why, without a word of the message."""
