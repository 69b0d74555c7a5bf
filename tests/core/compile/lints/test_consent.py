"""A recorded consent is held against the name, a word of agreeing and a word of the voice."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import pytest
from personac.core.compile.lints.consent import lint_consent, unheard
from personac.core.compile.lints.material import Material
from personac.core.message import Sound, joined
from personac.core.models.voice import load_voice
from personac.core.persona.check import check
from personac.core.persona.consent import Consent, read_consent

PERSONA = """\
personac: 1
name: Nora
voice: {{engine: coqui, model: xtts_v2, consent_by: "{name}, 2026-03-01", consent_recording: yes.wav}}
intents:
  - name: thanks
    examples: [thank you]
    responses: You're welcome!
"""


@pytest.mark.parametrize(
    ("name", "heard", "missing"),
    [
        ("Nora Lind", "I, Nora Lint, agree that my voice is imitated.", []),
        ("Martin Baker", "Hi, Mark and Baker. Agree that my voice is imitated by a machine.", []),
        ("Guadalupe Zhang", "Hi, Mark and Baker. Agree that my voice is imitated.", ["the name Guadalupe Zhang"]),
        ("李娜", "我是黎娜，我同意别人模仿我的声音。", []),
        ("Nora Lind", "I agree that my voice is imitated.", ["the name Nora Lind"]),
        ("Nora Lind", "My name is Nora Lind and this is my voice.", ["that somebody agrees"]),
        ("李娜", "我是李娜，我同意。", ["a word of the voice"]),
        ("Nora Lind", "", ["the name Nora Lind", "that somebody agrees", "a word of the voice"]),
    ],
)
def test_what_is_missing_is_named(name: str, heard: str, missing: list[str]) -> None:
    assert unheard(name, heard) == missing


@pytest.mark.parametrize(
    "text",
    [
        "Nora Lind",
        "2026-03-01",
        "Nora, March",
        "Nora Lind, 2026-02-30",
        "李娜，2026年2月30日",
        "李娜，2026年",
        "2026年3月1日",
        "",
    ],
)
def test_a_consent_needs_who_and_a_day(text: str) -> None:
    assert read_consent(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "李娜，2026-03-01", "李娜，2026年3月1日", "李娜, 2026 年 03 月 01 日", "李娜、2026年3月1號",
        "李娜，２０２６年３月１日", "李娜，２０２６－０３－０１", "李娜，二〇二六年三月一日", "李娜，2026/3/1",
    ],
)  # fmt: skip
def test_a_consent_is_read_as_chinese_is_written(text: str) -> None:
    consent = read_consent(text)
    assert consent is not None
    assert (consent.name, consent.day.isoformat()) == ("李娜", "2026-03-01")
    assert read_consent("Nora，二零二五年十二月三十一日") == Consent("Nora", date(2025, 12, 31))


def test_a_recording_is_listened_to(tmp_path: Path) -> None:
    async def say(text: str) -> Sound:
        return joined([sound async for sound in load_voice("piper", languages=["en"]).speak(text, "en")])

    said = asyncio.run(say("I, Martin Baker, agree that my voice is imitated by a machine."))
    (tmp_path / "yes.wav").write_bytes(said.wav())
    (tmp_path / "persona.yaml").write_text(PERSONA.format(name="Martin Baker"), "utf-8")
    loaded = check(tmp_path)
    assert loaded.persona is not None
    assert loaded.tree is not None
    assert loaded.knowledge is not None
    material = Material.gather(loaded.persona, loaded.tree, tmp_path, loaded.knowledge)
    assert list(lint_consent(material)) == []
