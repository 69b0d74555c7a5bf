"""Cards in pictures and in zips: what is read, what becomes the face, and that all of it comes back."""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml
from personac.core.persona.formats import format_named, recognise
from personac.core.persona.formats.folder import read_folder
from personac.core.persona.formats.pixels import Chunk, join_chunks, split_chunks, text_of_chunk

Bring, Send, Edit = Callable[..., Path], Callable[..., bytes], Callable[..., None]


def cards_in(data: bytes) -> dict[str, Any]:
    texts = [text_of_chunk(chunk) for chunk in split_chunks(data)[0]]
    return {name: json.loads(base64.b64decode(value)) for name, value in texts if name in ("chara", "ccv3")}


def as_v2(tree: dict[str, Any]) -> dict[str, Any]:
    return {**tree, "spec": "chara_card_v2", "spec_version": "2.0"}


def test_an_unchanged_picture_comes_back_byte_for_byte(made: ModuleType, bring: Bring, send: Send) -> None:
    for texts in ({"chara": made.ZH}, {"chara": as_v2(made.V3), "ccv3": made.V3}, {"ccv3": made.V3}):
        for at in (1, 2):
            data = made.as_png(texts, at)
            folder = bring(f"{len(texts)}{'chara' in texts}{at}.png", data)
            assert send(folder, "png") == data


def test_the_newer_card_wins_and_the_older_comes_back(made: ModuleType, bring: Bring, send: Send) -> None:
    older = as_v2(made.card(first_mes="For old programs."))
    data = made.as_png({"chara": older, "ccv3": made.V3})
    folder = bring("card.png", data)
    assert "Good evening" in (folder / "persona.yaml").read_text("utf-8")
    assert send(folder, "png") == data


def test_a_change_is_in_both_cards_of_a_picture(made: ModuleType, bring: Bring, send: Send, edit: Edit) -> None:
    folder = bring("card.png", made.as_png({"chara": as_v2(made.V3), "ccv3": made.V3}))
    edit(folder, lambda persona: persona["tone"].update(greeting="Up!"))
    cards = cards_in(send(folder, "png"))
    assert cards["ccv3"] == made.card(first_mes="Up!")
    assert cards["chara"] == as_v2(made.card(first_mes="Up!"))


def test_the_face_is_the_picture_without_the_card(made: ModuleType, bring: Bring) -> None:
    folder = bring("card.png", made.as_png({"ccv3": made.V3}))
    assert (folder / "face.png").read_bytes() == made.picture()


def test_another_face_is_the_picture_of_the_export(made: ModuleType, bring: Bring, send: Send) -> None:
    folder = bring("card.png", made.as_png({"ccv3": made.V3}))
    (folder / "face.png").write_bytes(made.blank_picture(10, 10))
    chunks = split_chunks(send(folder, "png"))[0]
    assert chunks[0] == split_chunks(made.blank_picture(10, 10))[0][0]
    assert chunks[-1].kind == b"IEND"


def test_a_card_in_a_packed_text_chunk_is_read(made: ModuleType, tmp_path: Path) -> None:
    packed = zlib.compress(base64.b64encode(made.as_json(made.V3)))
    chunks = split_chunks(made.picture())[0]
    for number, chunk in enumerate(
        (Chunk(b"zTXt", b"ccv3\0\0" + packed), Chunk(b"iTXt", b"ccv3\0\1\0en\0\0" + packed))
    ):
        file = tmp_path / f"{number}.png"
        file.write_bytes(join_chunks([*chunks[:-1], chunk, chunks[-1]]))
        assert recognise(file).read(file).persona["name"] == "Oriel Tamm"


def test_files_in_a_picture_come_back(made: ModuleType, bring: Bring, send: Send) -> None:
    tree = made.card(assets=[{"type": "emotion", "uri": "__asset:0", "name": "happy", "ext": "png"}])
    data = made.as_png({"ccv3": tree, "chara-ext-asset_:0.png": base64.b64encode(made.picture())})
    folder = bring("card.png", data)
    assert (folder / "assets/other/0.png").read_bytes() == made.picture()
    assert send(folder, "png") == data


def test_a_card_gets_a_picture_when_the_persona_has_none(made: ModuleType, bring: Bring, send: Send) -> None:
    folder = bring("card.json", made.as_json(made.V3))
    cards = cards_in(send(folder, "png"))
    assert cards["ccv3"] == made.V3
    assert cards["chara"] == as_v2(made.V3)


def assets(made: ModuleType) -> dict[str, Any]:
    return made.card(
        assets=[
            {"type": "icon", "uri": "embeded://assets/icon/images/main.png", "name": "main", "ext": "png"},
            {"type": "emotion", "uri": "embeded://assets/emotion/images/joy.png", "name": "Happy", "ext": "png"},
            {"type": "background", "uri": "https://example.org/sea.png", "name": "main", "ext": "png"},
            {"type": "emotion", "uri": "embeded://assets/emotion/images/sad.png", "name": "sad", "ext": "png"},
        ]
    )


def test_a_charx_comes_back_file_by_file(made: ModuleType, bring: Bring, send: Send) -> None:
    data = made.as_charx(
        assets(made),
        assets__icon__images__main_dot_png=made.picture(),
        assets__emotion__images__joy_dot_png=made.picture(),
        assets__emotion__images__sad_dot_png=b"<script>alert(1)</script>",
        module_dot_risum=b"\x00\x01",
    )
    folder = bring("card.charx", data)
    persona = yaml.safe_load((folder / "persona.yaml").read_text("utf-8"))
    assert persona["face"] == {
        "image": "assets/icon/images/main.png",
        "expressions": {"joy": "assets/emotion/images/joy.png"},
    }
    back = send(folder, "charx")
    with zipfile.ZipFile(io.BytesIO(data)) as a, zipfile.ZipFile(io.BytesIO(back)) as b:
        assert a.namelist() == b.namelist()
        assert [a.read(name) for name in a.namelist()] == [b.read(name) for name in b.namelist()]
        assert [info.date_time for info in a.infolist()] == [info.date_time for info in b.infolist()]


def test_addresses_on_the_web_are_told_and_not_fetched(made: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "card.charx"
    file.write_bytes(made.as_charx(assets(made)))
    notes = recognise(file).read(file).notes
    assert any("not fetched (1)" in note for note in notes)


def test_another_face_is_the_icon_of_the_charx(made: ModuleType, bring: Bring, send: Send, edit: Edit) -> None:
    folder = bring("card.charx", made.as_charx(assets(made), assets__icon__images__main_dot_png=made.picture()))
    (folder / "new.png").write_bytes(made.blank_picture(9, 9))
    edit(folder, lambda persona: persona.update(face={"image": "new.png"}))
    with zipfile.ZipFile(io.BytesIO(send(folder, "charx"))) as archive:
        icon = json.loads(archive.read("card.json"))["data"]["assets"][0]
        assert archive.read(icon["uri"].removeprefix("embeded://")) == made.blank_picture(9, 9)


def test_a_data_address_becomes_the_face(made: ModuleType, bring: Bring, send: Send) -> None:
    uri = "data:image/png;base64," + base64.b64encode(made.picture()).decode()
    data = made.as_json(made.card(assets=[{"type": "icon", "uri": uri, "name": "main", "ext": "png"}]))
    folder = bring("card.json", data)
    assert (folder / "face.png").read_bytes() == made.picture()
    assert send(folder, "card") == data


def test_a_drawing_with_a_script_never_becomes_the_face(made: ModuleType, tmp_path: Path) -> None:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    for uri in ("embeded://assets/icon/images/main.svg", "data:image/svg+xml;base64," + base64.b64encode(svg).decode()):
        tree = made.card(assets=[{"type": "icon", "uri": uri, "name": "main", "ext": "svg"}])
        file = tmp_path / "card.charx"
        file.write_bytes(made.as_charx(tree, assets__icon__images__main_dot_svg=svg))
        assert "face" not in recognise(file).read(file).persona


def test_a_persona_of_another_origin_becomes_a_charx(write_persona: Callable[..., Path]) -> None:
    folder = write_persona(
        "personac: 1\nname: Ada\nface: {image: ada.png}\nintents:\n  - {name: a, examples: [b], responses: c}\n"
    )
    (folder / "ada.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    write = format_named("charx").write
    assert write is not None
    ((name, data),) = write(read_folder(folder))[0].items()
    assert name == "ada.charx"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["card.json", "assets/icon/images/main.png"]
