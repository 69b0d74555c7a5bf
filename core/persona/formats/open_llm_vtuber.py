"""Characters of Open-LLM-VTuber: `conf.yaml`, and the files in its folder `characters`.

Fields: config_templates/conf.default.yaml of https://github.com/Open-LLM-VTuber/Open-LLM-VTuber. Secrets never come
into a persona; comments of the YAML do not come back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import BadInput
from ..nodes import plain
from ..source import MAX_BYTES, parse
from ..writing import dump
from .assets import picture_kind
from .character import Character, compose, own_words
from .kept import keep, kept, mask_secrets, put, remember
from .portable import Format, Portable, file_name, left_out, read_file
from .said import Speaker, one_line, said

KEPT = "open_llm_vtuber"
BLOCK = "character_config"
HELD = ("personac", "name", "summary", "languages", "tone", "knowledge", "intents", "extensions", "face", "voice",
        "encoders", "retrieval", "lints")  # fmt: skip
_ENGINES = {"coqui_tts": "coqui", "piper_tts": "piper"}


def _recognise(path: Path, head: bytes) -> bool:
    if path.suffix.lower() not in (".yaml", ".yml"):
        return False
    return re.search(rb"(?m)^(?:\xef\xbb\xbf)?character_config[ \t]*:", head) is not None


def _read(path: Path) -> Portable:
    try:
        text = read_file(path, MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("bad_text", f"{path.name} is not UTF-8 text.") from None
    node, findings = parse(text, path.name)
    errors = [finding for finding in findings if finding.severity == "error"]
    if node is None or errors:
        where = f" ({errors[0].span}: {errors[0].message})" if errors else ""
        raise BadInput("bad_yaml", f"{path.name} is not valid YAML{where}.")
    tree = plain(node)
    settings = tree.get(BLOCK) if isinstance(tree, dict) else None
    if not isinstance(settings, dict):
        raise BadInput("bad_character", f"{path.name} has no block `{BLOCK}`; it is no character of Open-LLM-VTuber.")
    notes: list[str] = []
    tree = mask_secrets(tree, notes, by_key=True, also=("sessdata",))
    settings = tree[BLOCK]
    name = _name(settings)
    if not name:
        raise BadInput("bad_character", f"The character has no name; give it a `character_name` in `{BLOCK}`.")
    portable = compose(_character(settings, name))
    portable.notes += notes
    _take_voice(portable, settings)
    _take_avatar(portable, settings, path.parent)
    model = settings.get("live2d_model_name")
    if model:
        portable.notes.append(f"The Live2D model {str(model)[:60]!r} is not carried over; personac draws its own face.")
    portable.notes.append(
        f"The settings of the program (speech, models, tools, live streams) have no effect here; they are kept in "
        f"`extensions: {KEPT}`. Comments of the YAML are not kept."
    )
    prompt = settings.get("persona_prompt")
    shown = {**settings, "persona_prompt": remember(prompt, _instructions(settings, name))} if prompt else settings
    keep(portable, KEPT, {**tree, BLOCK: shown}, {})
    return portable


def _name(settings: Mapping[str, Any]) -> str:
    given = settings.get("character_name") or settings.get("conf_name") or ""
    return one_line(given) if isinstance(given, str) else ""


def _instructions(settings: Mapping[str, Any], name: str) -> str:
    prompt = settings.get("persona_prompt")
    human = settings.get("human_name")
    user = one_line(human) if isinstance(human, str) and human not in ("", "Human") else "the user"
    return said(prompt, Speaker(name.replace("{{", ""), user.replace("{{", ""))) if isinstance(prompt, str) else ""


def _character(settings: Mapping[str, Any], name: str) -> Character:
    instructions = _instructions(settings, name)
    return Character(name, {"": instructions}, about={"About me": own_words(instructions)})


def _take_voice(portable: Portable, settings: Mapping[str, Any]) -> None:
    """Take the engine and the speed where personac has them too."""
    speech = settings.get("tts_config")
    engine = speech.get("tts_model") if isinstance(speech, Mapping) else None
    if not isinstance(engine, str) or not isinstance(speech, Mapping):
        return
    known = _ENGINES.get(engine)
    own = speech.get(engine)
    if known == "coqui" and isinstance(own, Mapping) and isinstance(own.get("model_name"), str) and own["model_name"]:
        portable.persona["voice"] = {"engine": known, "model": own["model_name"]}
    elif known is None:
        portable.notes.append(
            f"The voice engine {engine[:40]!r} is not one of personac's; the best installed one speaks."
        )


def _take_avatar(portable: Portable, settings: Mapping[str, Any], folder: Path) -> None:
    """Take the avatar, which stands in the folder `avatars` of the program."""
    avatar = settings.get("avatar")
    if not isinstance(avatar, str) or not re.fullmatch(r"[\w][\w .-]{0,80}", avatar):
        return
    for place in (folder / "avatars", folder.parent / "avatars", folder):
        file = place / avatar
        if file.is_file() and not file.is_symlink():
            data = read_file(file)
            if kind := picture_kind(data):
                portable.files[f"face.{kind}"] = data
                portable.persona["face"] = {"image": f"face.{kind}"}
                return
    portable.notes.append(f"The avatar {avatar[:60]!r} is not beside the file; put it into the folder as `face.image`.")


def _write(portable: Portable) -> tuple[dict[str, bytes], list[str]]:
    tree, _ = kept(portable, KEPT)
    persona = portable.persona
    notes = left_out(persona, HELD, "Open-LLM-VTuber")
    now = str((persona.get("tone") or {}).get("instructions") or "")
    if not isinstance(tree, dict) or not isinstance(tree.get(BLOCK), dict):
        uid = file_name(str(persona["name"]))
        tree = {BLOCK: {"conf_name": uid, "conf_uid": f"{uid}_001", "character_name": str(persona["name"])}}
        now = now or f"You are {persona['name']}. {persona.get('summary') or ''}".strip()
        notes.append("What the persona knows has no place in a character of Open-LLM-VTuber; only its words are in it.")
    settings = dict(tree[BLOCK])
    name = _name(settings)
    if persona["name"] != name:
        settings["character_name"] = persona["name"]
    if now or "persona_prompt" in settings:
        settings["persona_prompt"] = put(settings.get("persona_prompt", ""), _instructions(settings, name), now)
    return {f"{file_name(str(persona['name']))}.yaml": dump({**tree, BLOCK: settings}).encode()}, notes


FORMAT = Format("open-llm-vtuber", "a character of Open-LLM-VTuber (YAML)", _recognise, _read, _write)
