"""Extensions are found by entry points and refused at load when they do not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from personac.core import registry
from personac.core.errors import ExtensionInvalid, SettingsInvalid
from personac.core.persona.plugin_use import PluginUse
from personac.core.plugin import (
    CONTRACT,
    Manifest,
    PersonaFile,
    Place,
    Plugin,
    Settings,
    Skill,
    SkillContext,
    SkillResult,
    hook,
    skill,
)  # fmt: skip


class _Point:
    """Stand for an installed entry point."""

    dist = None

    def __init__(self, plugin: Any, value: str = "somewhere:Plugin") -> None:
        self._plugin = plugin
        self.name, self.value = "odd", value

    def load(self) -> Any:
        """Return the plugin, or fail as a broken package does."""
        if isinstance(self._plugin, BaseException):
            raise self._plugin
        return self._plugin


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return a function that installs plugins, all under the name odd."""

    def use(*plugins: Any) -> None:
        points = [_Point(plugin, f"somewhere_{number}:Plugin") for number, plugin in enumerate(plugins)]
        monkeypatch.setattr(registry, "entry_points", lambda group: points)
        registry._points.cache_clear()
        registry.load_plugin.cache_clear()

    yield use
    registry._points.cache_clear()
    registry.load_plugin.cache_clear()


def plugin(**members: Any) -> type[Plugin]:
    """Return the class of a plugin that fits, but for these members."""
    manifest = Manifest(name="odd", version="1", contract=CONTRACT)
    return type("Odd", (Plugin,), {"manifest": manifest, **members})


def skilled(run: Any) -> type[Plugin]:
    """Return a plugin with one skill."""
    return plugin(skills=hook(lambda self: {"do": Skill(run=run)}))


def load() -> Any:
    """Load what is installed as odd, made without settings."""
    return registry.load_host([PluginUse("odd")], {})


def test_the_plugins_that_ship_fit() -> None:
    host = registry.load_host([PluginUse("tourism")], {})
    assert {"opening_hours", "story"} <= set(host.plugins["tourism"].skills)
    assert "web" in registry.connector_names()


async def positional(context: SkillContext, more: str, /) -> None:
    """Want a slot without its name."""


async def untyped(context: SkillContext, more) -> None:  # type: ignore[no-untyped-def]
    """Want a slot of no type."""


async def bare() -> None:
    """Want no context."""


async def stream(context: SkillContext) -> Any:
    """Be a generator."""
    yield SkillResult("no")


async def unknown(context: SkillContext, when: set[int]) -> None:
    """Want a slot of a type that no slot has."""


class _Named(Settings):
    city: str


class TwoSkills(Plugin):
    """Have two skills of one name."""

    manifest = Manifest(name="odd", version="1", contract=CONTRACT)

    @skill(name="do")
    async def one(self, context: SkillContext) -> None:
        """Be one."""

    @skill(name="do")
    async def other(self, context: SkillContext) -> None:
        """Be the other."""


async def meal(context: SkillContext, people: int) -> None:
    """Want a slot."""


def described(**more: Any) -> type[Plugin]:
    """Return a plugin with one skill, of which more is said."""
    return plugin(skills=hook(lambda self: {"do": Skill(run=meal, **more)}))


EXPECTED = "expected: [async] (context: SkillContext, [slot, …]) -> SkillResult | None"
MISFITS = [
    (skilled(positional), [EXPECTED, "found:    async (context: 'SkillContext', more: 'str', /) -> 'None'"]),
    (skilled(untyped), [EXPECTED + ", each slot with its type", "found:    async (context: 'SkillContext', more)"]),
    (skilled(bare), [EXPECTED, "found:    async () -> 'None'"]),
    (skilled(stream), [EXPECTED]),
    (skilled(unknown), ["its slot 'when' is a set; known are str, int"]),
    (skilled(7), ["the skill odd.do runs an int"]),
    (described(ask={"peple": {"en": "?"}}), ["it asks for 'peple', which is none of its slots; its slots: people"]),
    (described(checks={"day": lambda value, language: None}), ["it checks 'day', which is none of its slots"]),
    (described(confirm={"en": "Right?", "zh": "{peple}位？"}), ["`confirm` in zh says {peple}, which is none of its"]),
    (plugin(skills=hook(lambda self: ["do"])), ["`skills` returned a list", "expected: skills(self)"]),
    (plugin(skills=lambda self: {}), ["has a method `skills` that is no hook: mark it with @hook"]),
    (plugin(skills=hook(lambda self, more: {})), ["found:    skills(more)", "expected: skills(self)"]),
    (plugin(skils=hook(lambda self: {})), ["has a hook `skils` that the contract does not have; its hooks: close"]),
    (plugin(skills=hook(lambda self: 1 / 0)), ["`skills` failed: ZeroDivisionError"]),
    (plugin(__init__=lambda self, settings: 1 / 0), ["cannot be made: ZeroDivisionError"]),
    (plugin(__init__=lambda self: None), ["found:    Odd()", "expected: Odd(settings)"]),
    (TwoSkills, ["has two skills named 'do'; rename one of them"]),
    (plugin(manifest=Manifest(name="even", version="1", contract=CONTRACT)), ["calls itself 'even' in its manifest"]),
    (
        plugin(manifest=Manifest(name="odd", version="1", contract=2)),
        ["made for version 2", "a newer personac"],
    ),
    (plugin(manifest=Manifest(name="odd", version="1", contract=0)), ["install a newer version of the plugin"]),
    (
        plugin(manifest=Manifest(name="odd", version="1", contract=CONTRACT, reads=("slot",))),  # type: ignore[arg-type]
        ["reads 'slot', which there is not; it may read: text, slots, media"],
    ),
    (plugin(manifest=None), ["has no `manifest = Manifest("]),
    (object(), ["is an object; expected: a class with a `manifest`"]),
    (ImportError("no module named x"), ["cannot be loaded: ImportError: no module named x"]),
    (SystemExit(3), ["cannot be loaded: SystemExit: 3"]),
]


@pytest.mark.parametrize(("found", "words"), MISFITS)
def test_a_plugin_that_does_not_fit_is_refused_with_what_was_expected(
    install: Callable[..., None], found: Any, words: list[str]
) -> None:
    install(found)
    with pytest.raises(ExtensionInvalid) as error:
        load()
    for said in words:
        assert said in str(error.value)
    assert str(error.value) == registry.plugin_facts(PluginUse("odd")).fault


def test_two_packages_with_a_plugin_of_one_name_are_told_from_each_other(install: Callable[..., None]) -> None:
    install(plugin(), plugin())
    with pytest.raises(ExtensionInvalid, match=r"two plugins named 'odd' .*somewhere_0.* and .*somewhere_1"):
        load()


def test_a_plugin_is_made_once_for_a_persona(install: Callable[..., None]) -> None:
    install(plugin())
    with pytest.raises(ExtensionInvalid, match="names the plugin 'odd' twice"):
        registry.load_host([PluginUse("odd"), PluginUse("odd")], {})


def test_an_unknown_plugin_names_the_known_ones(install: Callable[..., None]) -> None:
    install(plugin())
    with pytest.raises(ExtensionInvalid, match="installed: odd"):
        registry.load_plugin("tourist")


def test_settings_are_read_from_the_environment_and_held_against_the_model(install: Callable[..., None]) -> None:
    install(plugin(manifest=Manifest(name="odd", version="1", contract=CONTRACT, settings=_Named)))
    host = registry.load_host([PluginUse("odd", {"city": "${CITY}"})], {"CITY": "Beijing"})
    assert host.plugins["odd"].plugin.settings.city == "Beijing"
    with pytest.raises(SettingsInvalid, match="city: Field required"):
        load()


def test_only_the_plugins_that_a_persona_names_are_imported(install: Callable[..., None]) -> None:
    install(ImportError("imported"))
    assert registry.plugin_names() == {"odd"}
    assert registry.load_host([], {}).plugins == {}


class Shipping(Settings):
    """Name a file of the persona."""

    table: PersonaFile = ""


def keeper(told: list[Any]) -> type[Plugin]:
    """Return a plugin that tells where its files are, and writes one."""

    def opened(self: Any, place: Place) -> None:
        told.append((place.files / self.settings.table).read_text())
        place.data.mkdir(parents=True)
        (place.data / "kept.txt").write_text("x")
        told.append(place.data)

    manifest = Manifest(name="odd", version="1", contract=CONTRACT, settings=Shipping)
    return plugin(manifest=manifest, open=hook(opened))


def test_a_plugin_reads_what_the_persona_ships_and_keeps_its_own(install: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("1")
    told: list[Any] = []
    install(keeper(told))
    use = PluginUse("odd", {"table": "prices.csv"})
    assert registry.shipped(use) == ["prices.csv"]
    registry.plugin_facts(use)
    assert not told, "a plugin that is only looked at is not opened"
    registry.load_host([use], {}, tmp_path, tmp_path / "data").close()
    assert told == ["1", tmp_path / "data" / "odd"]
    assert (told[1] / "kept.txt").is_file()


def test_several_files_may_be_named(install: Callable[..., None]) -> None:
    class Many(Settings):
        tables: tuple[PersonaFile, ...] = ("a.csv",)
        other: tuple[str, ...] = ()

    install(plugin(manifest=Manifest(name="odd", version="1", contract=CONTRACT, settings=Many)))
    assert registry.shipped(PluginUse("odd", {"tables": ["b.csv", "c/d.csv"], "other": ["e"]})) == ["b.csv", "c/d.csv"]
    assert registry.shipped(PluginUse("odd")) == ["a.csv"]


def test_where_nothing_is_to_be_kept_it_is_gone_in_the_end(install: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("1")
    told: list[Any] = []
    install(keeper(told))
    host = registry.load_host([PluginUse("odd", {"table": "prices.csv"})], {}, tmp_path)
    assert (told[1] / "kept.txt").is_file()
    host.close()
    assert not told[1].exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("none.csv", "there is no file none.csv"),
        ("../x.csv", "below the persona"),
        ("/etc/passwd", "below the persona"),
        ("./x.csv", "below the persona"),
    ],
)
def test_a_file_that_is_not_the_persona_s_is_refused(
    install: Callable[..., None], tmp_path: Path, name: str, why: str
) -> None:
    install(keeper([]))
    with pytest.raises(SettingsInvalid, match=why):
        registry.load_host([PluginUse("odd", {"table": name})], {}, tmp_path)


def test_a_plugin_that_cannot_be_opened_is_refused(install: Callable[..., None]) -> None:
    def opened(self: Any, place: Place) -> None:
        raise OSError("no room")

    install(plugin(open=hook(opened)))
    with pytest.raises(ExtensionInvalid, match="`open` failed: OSError: no room"):
        load()
