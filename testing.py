"""What authors of connectors test with: `from personac.testing import CHECKS, Parrot, Rig`."""

from .core.testing.conformance import CHECKS, NotConforming, Rig
from .core.testing.parrot import Parrot

__all__ = ["CHECKS", "NotConforming", "Parrot", "Rig"]
