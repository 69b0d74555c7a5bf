"""Which voice engines are installed; nothing is imported to find out. Knows nothing of the weights of voices."""

from __future__ import annotations

import importlib.util

from .extensions import extension_names

MODULES = {"coqui": "TTS", "piper": "piper", "espeak": "espeakng_loader"}
"""The module that each engine needs."""


def voice_engines() -> set[str]:
    """Return the names of the voice engines whose module is installed."""
    found = {engine for engine, module in MODULES.items() if importlib.util.find_spec(module) is not None}
    return found | extension_names("voices")
