"""A persona changes while it is talked with: no turn is lost, no turn is mixed, and the conversation goes on."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from personac.core.assemble import assemble
from personac.core.cli.building import build, open_persona
from personac.core.message import Message, Reply
from personac.core.reload import Reloading, follow, renew
from personac.core.senses import WORKERS
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import DialogueState

YAML = """personac: 1
name: Fern
languages: {languages}
knowledge:
  - path: faq.csv
ethics:
  rules:
    - {{id: version, when: {{pattern: version}}, on: [input], do: refuse, say: {{en: "This is version {version}."}}}}
"""
FAQ = "question,answer\nWhen do you open?,We open at 9:00.\n"
Make = Callable[..., Path]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return a function that compiles a version of the persona, into a folder of its own unless one is given."""
    made: dict[tuple[str, str], Path] = {}

    def compiled(version: str, languages: str = "[en]", out: Path | None = None) -> Path:
        if out is None and (version, languages) in made:
            return made[version, languages]
        folder = tmp_path_factory.mktemp("version") / "fern"
        folder.mkdir()
        (folder / "persona.yaml").write_text(YAML.format(version=version, languages=languages), "utf-8")
        (folder / "faq.csv").write_text(FAQ, "utf-8")
        artifact = build(folder, out, quiet=True).artifact
        if out is None:
            made[version, languages] = artifact
        return artifact

    return compiled


@pytest.fixture
def bot(make: Make) -> Iterator[Reloading]:
    """Return version 1, running."""
    running = Reloading(open_persona(make("1"), None))
    yield running
    running.close()


def encoding() -> int:
    """Return how many encoders have threads."""
    return sum(thread.name == "encoders" for thread in threading.enumerate()) // WORKERS


def until(met: Callable[[], bool]) -> None:
    """Wait for something that another thread does; fail when it does not."""
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.01)


async def test_a_running_turn_ends_as_it_began_and_the_next_is_new(bot: Reloading, make: Make, ask: Any) -> None:
    events = bot.answer(Message("which version?", conversation="a"))
    first = await anext(events)
    bot.swap(renew(bot.runtime, make("2")))
    rest = [event async for event in events]
    assert "version 1" in first.text  # type: ignore[union-attr]
    assert isinstance(rest[-1], Reply)
    assert "version 1" in rest[-1].text
    assert "version 2" in (await ask(bot, "which version?", conversation="a")).text
    assert [text for role, text, _ in bot.history("a") if role == "persona"] == [
        "This is version 1.",
        "This is version 2.",
    ]


async def test_no_turn_is_lost_or_mixed_while_versions_change(bot: Reloading, make: Make, ask: Any) -> None:
    versions = [make(str(number)) for number in (1, 2, 3)]
    spoken: list[str] = []

    async def talk(who: int) -> None:
        for _ in range(12):
            reply = await ask(bot, "which version?", conversation=f"c{who}", user=f"u{who}")
            said = bot.history(f"c{who}")[-1][1]
            assert said == reply.text
            spoken.append(reply.text)
            await asyncio.sleep(0)

    async def change() -> None:
        for number in range(6):
            runtime = await asyncio.to_thread(renew, bot.runtime, versions[(number + 1) % 3])
            bot.swap(runtime)

    await asyncio.gather(change(), *(talk(who) for who in range(8)))
    assert len(spoken) == 96
    assert set(spoken) <= {f"This is version {number}." for number in (1, 2, 3)}
    assert len(set(spoken)) > 1
    assert (
        sum(
            len(
                bot.history(
                    f"c{who}",
                )
            )
            for who in range(8)
        )
        == 2 * 96
    )


async def test_models_that_stay_the_same_are_not_loaded_again(bot: Reloading, make: Make) -> None:
    old = bot.runtime
    new = renew(old, make("2"))
    assert new.parts.encoders is old.parts.encoders
    assert new.parts.hearing is old.parts.hearing
    assert new.parts.sight is old.parts.sight
    assert new.parts.voice is old.parts.voice
    assert new.parts.store is old.parts.store


async def test_other_languages_get_their_own_models(bot: Reloading, make: Make, ask: Any) -> None:
    old = bot.runtime
    new = renew(old, make("2", "[en, zh]"))
    assert new.parts.encoders is not old.parts.encoders
    assert new.parts.hearing is not old.parts.hearing
    assert new.parts.sight is old.parts.sight
    before = encoding()
    bot.swap(new)
    until(lambda: encoding() == before - 1)
    assert "9:00" in (await ask(bot, "When do you open?", conversation="z")).text


async def test_encoders_of_an_old_version_end_with_its_last_turn(bot: Reloading, make: Make) -> None:
    alone = assemble(make("2"), bot.runtime.parts.store)  # with encoders of its own
    before = encoding()
    events = bot.answer(Message("which version?", conversation="a"))
    await anext(events)
    bot.swap(alone)
    assert encoding() == before
    assert [event async for event in events]
    until(lambda: encoding() == before - 1)


async def test_a_turn_that_is_given_up_ends_its_version_too(bot: Reloading, make: Make) -> None:
    alone = assemble(make("2"), bot.runtime.parts.store)
    before = encoding()
    events: Any = bot.answer(Message("which version?", conversation="a"))
    await anext(events)
    bot.swap(alone)
    await events.aclose()
    until(lambda: encoding() == before - 1)


async def test_consent_and_what_was_said_stay(make: Make, tmp_path: Path, ask: Any) -> None:
    bot = Reloading(open_persona(make("1"), tmp_path))
    bot.set_consent("ann", True)
    await ask(bot, "which version?", conversation="a", user="ann")
    bot.swap(renew(bot.runtime, make("2")))
    assert bot.consent("ann") is True
    assert len(bot.history("a")) == 2
    assert bot.forget("ann").rows > 0
    bot.close()


async def test_a_question_of_a_form_that_is_gone_is_forgotten(bot: Reloading, make: Make, ask: Any) -> None:
    store: SQLiteStore = bot.runtime.parts.store  # type: ignore[assignment]
    waiting = DialogueState("book_table", "day", {"people": 4})
    store.record(Message("a table please", conversation="a"), "a table please", "Which day?", "en", waiting, keep=False)
    bot.swap(renew(bot.runtime, make("2")))
    assert "9:00" in (await ask(bot, "When do you open?", conversation="a")).text


def test_a_newer_artifact_is_noticed_and_a_broken_one_is_told(make: Make, tmp_path: Path) -> None:
    first = make("1", out=tmp_path)
    bot = Reloading(open_persona(first, None))
    told: list[str] = []
    stop = threading.Event()
    thread = threading.Thread(target=follow, args=(bot, first, stop, told.append), kwargs={"warm": False})
    thread.start()
    try:
        make("2", out=tmp_path)
        until(lambda: "version 2" in str(bot.runtime.persona.ethics.rules[0].say))
        broken = first.parent / "0123456789abcdef"
        shutil.copytree(first, broken)
        (broken / "passages.jsonl").unlink()
        (first.parent / "latest").write_text(broken.name + "\n")
        until(lambda: any("goes on as it was" in text for text in told))
        assert "passages.jsonl is missing" in told[-1]
        assert "version 2" in str(bot.runtime.persona.ethics.rules[0].say)
        make("3", out=tmp_path)
        until(lambda: "version 3" in str(bot.runtime.persona.ethics.rules[0].say))
    finally:
        stop.set()
        thread.join()
        bot.close()


class Listening:
    """Note of whom to let go."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    async def heard(self, message: Message, reply: Reply) -> None: ...

    def opinion(self, user: str, good: bool) -> None: ...

    def forget(self, user: str) -> None:
        self.forgotten.append(user)


async def test_whoever_listens_lets_go_of_users_who_are_erased_in_any_way(bot: Reloading, ask: Any) -> None:
    bot.listener = listening = Listening()
    await ask(bot, "/forget", user="in words", conversation="in words")
    bot.set_consent("agreed", True)
    assert listening.forgotten == []
    await ask(bot, "yes", user="in words", conversation="in words")
    bot.set_consent("declined", False)
    bot.erase_and_tell("by a button", "en")
    bot.forget("by a program")
    assert listening.forgotten == ["in words", "declined", "by a button", "by a program"]
