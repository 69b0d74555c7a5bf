"""What plugins bring beside skills: slot types, knowledge, rules, cards, voices, commands; in whole turns."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from personac.core.cli.building import build, find_artifact, installed, open_persona
from personac.core.cli.check import check_command
from personac.core.errors import ExtensionInvalid
from personac.core.hosting.host import Host, Loaded
from personac.core.plugin import Card, Fact, Found, Manifest, Plugin, Skill, hook, skill
from personac.core.runtime import Runtime
from personac.testing import SkillClient, SkillFailed

INN = """
import re
from personac.core.plugin import Card, Fact, Found, Manifest, Plugin, Settings, SkillContext, SkillResult, hook, skill

ROOM = re.compile(r"room (\\d+)", re.I)


class Inn(Plugin):
    manifest = Manifest(name="inn", version="1", contract=1)

    @hook
    def slot_types(self):
        return {"room": lambda text, language: [Found({"door": int(m[1])}, *m.span()) for m in ROOM.finditer(text)]}

    @hook
    def knowledge(self):
        yield Fact(key="sauna", text="The sauna is open from 17:00 to 21:00.", language="en", title="Sauna")

    @hook
    def rules(self):
        return [{"id": "towels", "when": {"words": ["steal a towel"]}, "do": "refuse", "say": {"en": "Please do not."}}]

    def built(self, value, language):
        return "We have forty rooms. Which is yours?" if value["value"]["door"] > 40 else None

    @skill(checks={"room": built})
    async def key(self, context: SkillContext, room: dict) -> SkillResult:
        guest = "[email 1]" if "[email 1]" in context.text else "nobody"
        facts = (("Door", str(room["value"]["door"])), ("Guest", guest))
        cards = [Card("Your key", "Hold it to the lock.", facts, link="https://inn.example/key"), Card("steal a towel")]
        return SkillResult("Here it is.", cards=cards)
"""
MORE = """
  - name: key
    skill: inn.key
    examples: [the key for room 12 please, I need the key to room 3, may I have the key of room 40]
    slots: {room: {type: inn.room, required: true, ask: {en: Which room?}}}
plugins: [./inn]
privacy: {redact: [email]}
"""


@pytest.fixture(scope="module")
def folder(write_fern: Callable[[Path, str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_fern(tmp_path_factory.mktemp("brought"), MORE)
    (folder / "inn").mkdir()
    points = '[project]\nname = "inn"\n[project.entry-points."personac.plugins"]\ninn = "inn_of_tests:Inn"\n'
    (folder / "inn" / "pyproject.toml").write_text(points, "utf-8")
    (folder / "inn" / "inn_of_tests.py").write_text(INN, "utf-8")
    return folder


@pytest.fixture(scope="module")
def fern(folder: Path) -> Iterator[Runtime]:
    runtime = open_persona(build(folder, None, quiet=True).artifact, None)
    yield runtime
    runtime.close()


async def test_a_slot_type_is_found_in_what_is_said_and_asked_for(fern: Runtime, ask: Any) -> None:
    reply = await ask(fern, "I need the key to room 7", conversation="said")
    assert reply.slots["room"] == {"value": {"door": 7}, "text": "room 7", "span": [18, 24]}
    assert (await ask(fern, "may I have the key of the room", conversation="asked")).text == "Which room?"
    refused = await ask(fern, "it is Room 41", conversation="asked")
    assert (refused.text, refused.slots) == ("We have forty rooms. Which is yours?", {})
    assert (await ask(fern, "sorry, room 40", conversation="asked")).slots["room"]["value"] == {"door": 40}


async def test_knowledge_and_rules_of_a_plugin_are_the_persona_s(fern: Runtime, ask: Any) -> None:
    reply = await ask(fern, "When is the sauna open?")
    assert "17:00" in reply.text
    assert [source.source for source in reply.sources] == ["inn"]
    refused = await ask(fern, "how can I steal a towel")
    assert (refused.text, [rule.id for rule in refused.rules]) == ("Please do not.", ["inn-towels"])


def test_check_tells_of_a_plugin_s_rule_that_ends_a_turn_of_the_persona_s_own(folder: Path, tmp_path: Path) -> None:
    own = shutil.copytree(folder, tmp_path / "fern", ignore=shutil.ignore_patterns("build"))
    (own / "inn" / "inn_of_tests.py").write_text(INN.replace('["steal a towel"]', '["key to room"]'), "utf-8")
    result = CliRunner().invoke(check_command, [str(own), "--format", "concise"])
    assert result.exception is None
    assert re.search(
        r"P0409.*the rule `inn-towels`, on line \d+, ends the turn on this example of `key`", result.output
    )


async def test_cards_come_with_real_values_and_those_that_a_rule_forbids_do_not(fern: Runtime, ask: Any) -> None:
    reply = await ask(fern, "I need the key to room 7, write to bob@example.org")
    (card,) = reply.cards
    assert card.facts == (("Door", "7"), ("Guest", "bob@example.org"))
    assert type(reply).from_dict(reply.as_dict()).cards == reply.cards


def test_an_artifact_is_stale_when_a_plugin_knows_something_else(folder: Path, tmp_path: Path) -> None:
    own = shutil.copytree(folder, tmp_path / "fern", ignore=shutil.ignore_patterns("build"))
    first = build(own, None, quiet=True).artifact
    assert find_artifact(own, None, quiet=True) == first
    (own / "inn" / "inn_of_tests.py").write_text(INN.replace("21:00", "22:00"), "utf-8")
    assert "22:00" in (find_artifact(own, None, quiet=True) / "passages.jsonl").read_text("utf-8")


def test_a_slot_type_that_is_not_there_is_found_in_its_line(folder: Path, tmp_path: Path) -> None:
    own = shutil.copytree(folder, tmp_path / "fern", ignore=shutil.ignore_patterns("build"))
    text = (own / "persona.yaml").read_text("utf-8").replace("inn.room", "inn.rom")
    (own / "persona.yaml").write_text(text, "utf-8")
    (finding,) = [d for d in installed().check(own).diagnostics if d.code == "P0343"]
    assert finding.help is not None
    assert "inn.room" in finding.help


RULE = {"id": "a", "when": {"words": ["x"]}, "do": "refuse", "say": {"en": "No."}}


def _returning(value: Any) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        return value

    return method


@pytest.mark.parametrize(
    ("hooks", "said"),
    [
        ({"slot_types": ["room"]}, "no mapping"),
        ({"slot_types": {"a b": print}}, "needs a name"),
        ({"slot_types": {"room": 4}}, "no recogniser"),
        ({"knowledge": [{"text": "x"}]}, "expected Fact"),
        ({"knowledge": [Fact(key="a", text=" ", language="en")]}, "needs a text"),
        ({"knowledge": [Fact(key="a", text="x", language="english!")]}, "no language"),
        ({"knowledge": [Fact(key="a", text="x", language="en")] * 2}, "two facts"),
        ({"rules": [{"id": "a"}]}, "a rule does not fit: when"),
        ({"rules": [RULE, RULE]}, "two rules"),
        ({"rules": "none"}, "no list of rules"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_is_wrong(hooks: dict[str, Any], said: str) -> None:
    made: dict[str, Any] = {"manifest": Manifest(name="bad", version="1", contract=1)}
    for name, value in hooks.items():
        made[name] = hook(_returning(value))
    with pytest.raises(ExtensionInvalid, match=said):
        SkillClient(type("Bad", (Plugin,), made))


def test_a_recogniser_that_hangs_raises_floods_or_lies_finds_nothing_and_holds_nobody_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def hang(text: str, language: str) -> list[Found]:
        while True:
            time.sleep(0.01)

    def endless(text: str, language: str) -> Any:
        while True:
            yield Found(1, 0, 1)

    def broken(text: str, language: str) -> list[Found]:
        raise OSError("no")

    types = {
        "hang": hang, "endless": endless, "broken": broken, "none": lambda text, language: None,
        "outside": lambda text, language: [Found(1, 0, 99), Found(1, -1, 1), Found(object(), 0, 1), "x"],
    }  # fmt: skip
    manifest = Manifest(name="bad", version="1", contract=1)
    host = Host({"bad": Loaded("bad", manifest, object(), {}, slot_types=types)})
    found = {kind: len(host.recognise(f"bad.{kind}", "room 1", "en")) for kind in types}
    assert found == {"hang": 0, "endless": 20, "broken": 0, "none": 0, "outside": 0}
    assert host.recognise("no.such", "room 1", "en") == []
    assert "bad.hang was cut off" in caplog.text
    assert "bad.broken failed" in caplog.text
    host.close()


@pytest.mark.parametrize(
    "card",
    [Card(""), Card("a", link="http://x"), Card("a", facts=(("n", "v"),) * 13), Card("a" * 1001), Card("a", 4)],  # type: ignore[arg-type]
)
async def test_a_card_that_does_not_fit_fails_the_skill(card: Card) -> None:
    class Cards(Plugin):
        manifest = Manifest(name="cards", version="1", contract=1)

        @skill
        async def show(self, context: Any) -> Any:
            from personac.core.plugin import SkillResult

            return SkillResult("x", cards=[card])

    async with SkillClient(Cards) as client:
        with pytest.raises(SkillFailed):
            await client.call("show")


def test_a_check_that_does_not_fit_is_refused_and_one_that_fails_or_hangs_refuses_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(value: Any, language: str) -> str:
        raise OSError("no")

    def hangs(value: Any, language: str) -> str:
        while True:
            time.sleep(0.01)

    async def run(context: Any, guests: int, day: str, name: str) -> None: ...

    checks = {"guests": broken, "day": hangs, "name": lambda value, language: f"{value}? {language}"}
    manifest = Manifest(name="bad", version="1", contract=1)
    host = Host({"bad": Loaded("bad", manifest, object(), {"s": Skill(run=run, checks=checks)})})
    assert [host.refused("bad.s", slot, 1, "en") for slot in checks] == ["", "", "1? en"]
    assert "the check of guests of the skill bad.s failed" in caplog.text
    assert "the check of day of the skill bad.s was cut off" in caplog.text
    host.close()
    for wrong, said in (
        ({"guests": run}, "no plain function"),
        ({"guests": lambda value: None}, "expected: \\(value, language\\)"),
        ({"rooms": broken}, "none of its slots"),
    ):
        made: dict[str, Any] = {"manifest": manifest, "s": skill(checks=wrong)(run)}  # type: ignore[arg-type]
        with pytest.raises(ExtensionInvalid, match=said):
            SkillClient(type("Bad", (Plugin,), made))


PACKAGE = """
import click, numpy as np
from personac.core.plugin import Fact, Manifest, Plugin, hook

class Cellar(Plugin):
    manifest = Manifest(name="cellar", version="1", contract=1)

    @hook
    def slot_types(self):
        return {"wine": lambda text, language: []}

    @hook
    def knowledge(self):
        return [Fact(key="a", text="It is cold.", language="en")]

    @hook
    def rules(self):
        return [{"id": "age", "when": {"words": ["x"]}, "do": "refuse", "say": {"en": "No."}}]

class Beep:
    name = "beep"
    def __init__(self, *, model, speaker, speed, languages): self.languages = languages
    def warm_up(self): pass
    def say(self, text, language): return np.ones(len(text) * 100, np.int16), 16000

class Ear:
    name = "ear"
    def __init__(self, *, languages): pass
    def warm_up(self): pass
    def transcribe(self, pcm, language=None): return None

class Half:
    def __init__(self, **options): pass

@click.command()
def rooms():
    "Count the rooms."
    click.echo("forty")
"""


def test_voices_encoders_and_commands_come_by_entry_points(tmp_path: Path) -> None:
    site = tmp_path / "site"
    info = site / "inn-1.dist-info"
    info.mkdir(parents=True)
    (site / "innvoices.py").write_text(textwrap.dedent(PACKAGE), "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: inn\nVersion: 1\n", "utf-8")
    points = """[personac.plugins]\ncellar = innvoices:Cellar
[personac.voices]\ninn.beep = innvoices:Beep\ninn.half = innvoices:Half
[personac.encoders]\ninn.ear = innvoices:Ear\n[personac.commands]\nrooms = innvoices:rooms\ncheck = innvoices:rooms\n"""
    (info / "entry_points.txt").write_text(points, "utf-8")
    program = f"""
import sys; sys.path.insert(0, {str(site)!r})
import asyncio
from click.testing import CliRunner
from personac.core.cli import cli
from personac.core.errors import ExtensionInvalid
from personac.core.models.choose import recognizer
from personac.core.models.engines import voice_engines
from personac.core.models.voice import load_voice

async def said():
    return [sound async for sound in load_voice("inn.beep", languages=["en"]).speak("Hello there.", "en")]

assert "inn.beep" in voice_engines()
(sound,) = asyncio.run(said())
assert sound.seconds > 0.05, sound
assert recognizer("inn.ear", ["en"]).name == "ear"
try:
    load_voice("inn.half")
except ExtensionInvalid as error:
    assert "no name, warm_up, say" in str(error)
else:
    raise AssertionError
run = CliRunner().invoke
assert run(cli, ["rooms"]).output == "forty\\n"
told = run(cli, ["plugins", "list"]).output.split("cellar 1: ")[1].split("\\n\\n")[0]
assert [line.split() for line in told.splitlines()[-3:]] == [
    ["types", "wine"], ["rules", "cellar-age"], ["knows", "1", "facts"]
], told
assert "rooms" in run(cli, ["--help"]).output
assert "Find the faults" in run(cli, ["check", "--help"]).output or "PATH" in run(cli, ["check", "--help"]).output
assert "forty" not in run(cli, ["check", "--help"]).output
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
