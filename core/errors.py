"""The exceptions of personac.

PersonacError                 everything below; its text tells a person what to do
├── PersonaInvalid            a persona has errors; carries the diagnostics
├── ArtifactInvalid           a compiled artifact is missing, damaged or from another version
├── ModelMissing              weights or a package are not there; carries the command that gets them
├── ModelDamaged              weights do not have the pinned hash
├── BadInput                  what a user sent can't be used; carries a short code
├── ExtensionInvalid          a plugin, connector or model from elsewhere does not fit its contract
└── Unavailable               something outside (disk, a language model's server) failed
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
