"""Extensions are found by entry points and refused at load when they do not fit."""

from __future__ import annotations

from typing import Any

import pytest
from personac.core import registry
from personac.core.errors import ExtensionInvalid


class _Point:
    """Stand for an installed entry point."""

    value = "somewhere:plugin"

    def __init__(self, plugin: Any) -> None:
        self._plugin = plugin

    def load(self) -> Any:
        """Return the plugin, or fail as a broken package does."""
        if isinstance(self._plugin, Exception):
            raise self._plugin
        return self._plugin


def use(monkeypatch: pytest.MonkeyPatch, plugin: Any) -> None:
    """Install one plugin named odd."""
    monkeypatch.setattr(registry, "_points", lambda group: {"odd": _Point(plugin)})
    registry.load_plugin.cache_clear()


def plugin_with(skill: Any) -> Any:
    """Return a plugin with one skill."""
    return type("Odd", (), {"name": "odd", "skills": lambda self: {"do": skill}})()


def test_the_plugins_that_ship_fit() -> None:
    registry.load_plugin.cache_clear()
    assert {"tourism.opening_hours", "tourism.story"} <= registry.skill_names()
    assert "web" in registry.connector_names()


async def two(context: Any, more: Any) -> None:
    """Take one argument too many."""


def plain(context: Any) -> None:
    """Be not async."""


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        (plugin_with(two), "expected: async (context: SkillContext)"),
        (plugin_with(plain), "is not async"),
        (object(), "needs an attribute `name`"),
        (ImportError("no module named x"), "cannot be loaded: no module named x"),
    ],
)
def test_a_plugin_that_does_not_fit_is_refused_with_what_was_expected(
    monkeypatch: pytest.MonkeyPatch, plugin: Any, words: str
) -> None:
    use(monkeypatch, plugin)
    with pytest.raises(ExtensionInvalid) as error:
        registry.load_plugin("odd")
    assert words in str(error.value)
    registry.load_plugin.cache_clear()


def test_an_unknown_plugin_names_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, plugin_with(plain))
    with pytest.raises(ExtensionInvalid, match="installed: odd"):
        registry.load_plugin("tourist")
