"""What authors of connectors and plugins test with: `from personac.testing import CHECKS, Parrot, Rig, SkillClient`."""

from .core.errors import ExtensionInvalid, SettingsInvalid
from .core.testing.conformance import CHECKS, NotConforming, Rig
from .core.testing.parrot import Parrot
from .core.testing.skills import SkillClient, SkillFailed

__all__ = [
    "CHECKS",
    "ExtensionInvalid",
    "NotConforming",
    "Parrot",
    "Rig",
    "SettingsInvalid",
    "SkillClient",
    "SkillFailed",
]
