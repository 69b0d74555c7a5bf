"""Characters of Open-LLM-VTuber become personas without their secrets, and come back with what was changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import yaml
from personac.core.persona.check import load
from personac.core.persona.formats import recognise

Bring, Send, Edit = Callable[..., Path], Callable[..., bytes], Callable[..., None]


def test_a_character_speaks_of_itself_in_the_first_person(made: ModuleType, bring: Bring) -> None:
    folder = bring("conf.yaml", made.CONF.encode())
    persona = load(folder).persona
    assert persona is not None
    assert persona.name == "Moss"
    assert persona.tone.instructions.startswith("You are Moss, a cheerful gardener robot")
    assert persona.intents[0].responses == {
        "en": (
            "I am Moss, a cheerful gardener robot who looks after the roof garden of a school in Leeds. My favourite "
            "plant is the runner bean. I water the beans at seven every morning.",
        )
    }
    page = (folder / "knowledge/about.md").read_text("utf-8")
    assert "My favourite plant is the runner bean." in page
    assert "emoji" not in page


def test_secrets_stay_behind(made: ModuleType, bring: Bring, send: Send) -> None:
    folder = bring("conf.yaml", made.CONF.encode())
    everything = "".join(file.read_text("utf-8") for file in folder.rglob("*") if file.is_file())
    assert "a-real-cookie" not in everything
    assert "Your Open AI API key" not in everything
    assert "${OPENAI_LLM_LLM_API_KEY}" in everything
    assert b"${BILIBILI_LIVE_SESSDATA}" in send(folder, "open-llm-vtuber")


def test_the_rest_comes_back(made: ModuleType, bring: Bring, send: Send) -> None:
    conf = made.CONF.replace("Your Open AI API key", "").replace("a-real-cookie", "")
    assert yaml.safe_load(send(bring("conf.yaml", conf.encode()), "open-llm-vtuber")) == yaml.safe_load(conf)


def test_changes_are_in_the_export(made: ModuleType, bring: Bring, send: Send, edit: Edit) -> None:
    folder = bring("conf.yaml", made.CONF.encode())
    edit(folder, lambda persona: (persona.update(name="Fern"), persona["tone"].update(instructions="You are Fern.")))
    settings = yaml.safe_load(send(folder, "open-llm-vtuber"))["character_config"]
    assert (settings["character_name"], settings["persona_prompt"]) == ("Fern", "You are Fern.")
    assert settings["live2d_model_name"] == "mao_pro"


def test_a_short_chinese_character_is_enough(bring: Bring) -> None:
    text = (
        "character_config:\n  conf_name: 米粒\n  persona_prompt: |\n    你是米粒，一只住在茶馆里的猫。你喜欢晒太阳。\n"
    )
    persona = load(bring("zh.yaml", text.encode())).persona
    assert persona is not None
    assert persona.languages == ("zh",)
    assert persona.intents[0].responses == {"zh": ("我是米粒，一只住在茶馆里的猫。我喜欢晒太阳。",)}


def test_the_avatar_beside_the_file_becomes_the_face(made: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "avatars").mkdir()
    (tmp_path / "avatars/moss.png").write_bytes(made.picture())
    file = tmp_path / "conf.yaml"
    file.write_text(made.CONF, "utf-8")
    portable = recognise(file).read(file)
    assert portable.persona["face"] == {"image": "face.png"}
    assert portable.files["face.png"] == made.picture()


def test_an_avatar_elsewhere_is_not_read(made: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(made.picture())
    (tmp_path / "in").mkdir()
    file = tmp_path / "in/conf.yaml"
    file.write_text(made.CONF.replace("moss.png", "../secret.png"), "utf-8")
    assert "face" not in recognise(file).read(file).persona


def test_a_persona_of_another_origin_becomes_a_character(write_persona: Callable[..., Path], send: Send) -> None:
    folder = write_persona(
        "personac: 1\nname: Ada\nsummary: A bridge engineer.\nintents:\n  - {name: a, examples: [b], responses: c}\n"
    )
    settings = yaml.safe_load(send(folder, "open-llm-vtuber"))["character_config"]
    assert settings["character_name"] == "Ada"
    assert settings["persona_prompt"] == "You are Ada. A bridge engineer."
