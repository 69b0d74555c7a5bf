"""`personac import` and `personac export`, as their users call them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from personac.core.cli import cli
from personac.core.cli.building import build, open_persona
from personac.core.errors import BadInput
from personac.core.message import Reply
from personac.core.persona.formats.pixels import blank_picture, join_chunks, split_chunks, text_chunk
from personac.core.persona.formats.portable import Format, Portable

CARD = {
    "spec": "chara_card_v2",
    "spec_version": "2.0",
    "data": {
        "name": "Wen",
        "description": "Wen repairs accordions in a shop under the railway arches of Hallam.",
        "personality": "cheerful",
        "scenario": "",
        "first_mes": "Come in, {{user}}, and mind the bellows!",
        "mes_example": "",
        "creator_notes": "",
        "system_prompt": "",
        "post_history_instructions": "",
        "alternate_greetings": [],
        "tags": [],
        "creator": "",
        "character_version": "",
        "extensions": {},
        "character_book": {
            "extensions": {},
            "entries": [
                {
                    "keys": ["price", "repair"],
                    "content": "A new set of reeds costs 140 pounds and takes nine days.",
                    "enabled": True,
                    "insertion_order": 1,
                    "extensions": {},
                }
            ],
        },
    },
}


def picture() -> bytes:
    chunks, _ = split_chunks(blank_picture(8, 8))
    return join_chunks([*chunks[:-1], text_chunk("chara", base64.b64encode(json.dumps(CARD).encode())), chunks[-1]])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wen.png").write_bytes(picture())
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=True)


def test_a_card_is_imported_and_answers_at_once(here: Path, ask: Callable[..., Awaitable[Reply]]) -> None:
    result = run("import", "wen.png")
    assert result.exit_code == 0, result.output
    assert "The persona is in wen:" in result.output
    assert "no findings in 1 persona" in result.output
    assert (here / "wen/persona.yaml").read_text("utf-8").startswith("# yaml-language-server: $schema=")
    runtime = open_persona(build(here / "wen", None, quiet=True).artifact, None)

    async def talk() -> list[Reply]:
        return [await ask(runtime, text) for text in ("Who are you?", "How much is a repair?", "Hello")]

    try:
        who, price, hello = asyncio.run(talk())
    finally:
        runtime.close()
    assert "Wen repairs accordions" in who.text
    assert "140 pounds" in price.text
    assert hello.text == "Come in, and mind the bellows!"


def test_what_was_imported_is_exported(here: Path) -> None:
    run("import", "wen.png", "-o", "persona")
    result = run("export", "persona", "--to", "png", "-o", "again.png")
    assert result.exit_code == 0, result.output
    assert (here / "again.png").read_bytes() == (here / "wen.png").read_bytes()


def test_a_file_gets_a_name_when_none_is_given(here: Path) -> None:
    run("import", "wen.png", "-o", "persona")
    result = run("export", "persona", "--to", "charx")
    assert result.exit_code == 0, result.output
    assert (here / "wen.charx").is_file()


def test_nothing_is_written_over(here: Path) -> None:
    (here / "wen").mkdir()
    (here / "wen/mine.txt").write_text("mine", "utf-8")
    for arguments in (["import", "wen.png"], ["import", "wen.png", "-o", "wen.png"]):
        assert isinstance(run(*arguments).exception, BadInput)
    assert [file.name for file in (here / "wen").iterdir()] == ["mine.txt"]
    run("import", "wen.png", "-o", "persona")
    assert isinstance(run("export", "persona", "--to", "png", "-o", "wen.png").exception, BadInput)
    assert (here / "wen.png").read_bytes() == picture()


def test_a_file_that_is_nothing_known_is_refused(here: Path) -> None:
    (here / "notes.txt").write_text("hello", "utf-8")
    result = run("import", "notes.txt")
    assert isinstance(result.exception, BadInput)
    assert "--from" in str(result.exception)
    assert not (here / "notes").exists()


def test_a_format_that_cannot_be_written_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError

    only_read = Format("png", "a picture", never, never, None)
    monkeypatch.setattr("personac.core.cli.export.format_named", lambda name: only_read)
    result = run("export", "wen.png", "--to", "png")
    assert result.exit_code == 2
    assert "does not write it" in result.output


def test_several_files_go_into_a_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("import", "wen.png", "-o", "persona")

    def write(portable: Portable) -> tuple[dict[str, bytes], list[str]]:
        return {"a.yml": b"1", "data/b.yml": b"2"}, ["something is not in it"]

    several = Format("png", "two files", lambda path, head: False, lambda path: Portable({}), write)
    monkeypatch.setattr("personac.core.cli.export.format_named", lambda name: several)
    result = run("export", "persona", "--to", "png", "-o", "out")
    assert result.exit_code == 0, result.output
    assert "something is not in it" in result.output
    assert (here / "out/data/b.yml").read_bytes() == b"2"
