from __future__ import annotations

from pathlib import Path

import pytest
from personac.core.persona.check import check

PERSONA = """\
personac: 1
name: Mei Lin
languages: [{languages}]
{body}
encoders: {{text: [{text}], tune: {tune}}}
"""
INTENTS = "intents: [{name: thanks, examples: [谢谢, thank you], responses: {zh: 不客气！, en: Welcome!}}]"
PAGE = "knowledge: [{path: page.md}]"


def found(folder: Path, languages: str, text: str, tune: str, body: str = INTENTS) -> list[str]:
    (folder / "page.md").write_text("# Tower\n\nThe tower has 120 steps.\n", "utf-8")
    path = folder / "persona.yaml"
    path.write_text(PERSONA.format(languages=languages, text=text, tune=tune, body=body), "utf-8")
    return [d.message for d in check(path).diagnostics if d.code == "P0327"]


@pytest.mark.parametrize(
    ("languages", "text"), [("zh", "auto"), ("zh, ja", "auto"), ("zh", "use"), ("en, zh", "use-multilingual")]
)
def test_an_encoder_that_cannot_be_tuned_is_an_error(tmp_path: Path, languages: str, text: str) -> None:
    assert "use" in found(tmp_path, languages, text, "lora")[0]


@pytest.mark.parametrize(
    ("languages", "text", "tune"),
    [
        ("en", "auto", "full"),
        ("zh, en-GB", "auto", "lora"),
        ("zh", "BAAI/bge-small-zh-v1.5", "full"),
        ("zh", "use-multilingual, ./mine", "full"),
        ("zh", "auto", "none"),
    ],
)
def test_an_encoder_that_can_be_tuned_is_not(tmp_path: Path, languages: str, text: str, tune: str) -> None:
    assert not found(tmp_path, languages, text, tune)


def test_without_intents_there_is_nothing_to_tune_on(tmp_path: Path) -> None:
    assert found(tmp_path, "en", "auto", "full", PAGE) == ["there are no intents to tune on"]
