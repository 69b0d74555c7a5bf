"""What examples do not cover: a record's picture is known again, and a skill is asked before "I do not know"."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from personac.core.assemble import assemble
from personac.core.compile.compiler import Compiled, Installed, compile_persona
from personac.core.message import Media, Message, Reply
from personac.core.mind.memory.pictured import FILE, Pictured
from personac.core.mind.understanding.fusion import PICTURE, VIDEO
from personac.core.persona.schema import Persona
from personac.core.plugin import Skill
from personac.core.registry import plugin_facts, plugin_names
from personac.core.runtime import Runtime
from personac.core.store.sqlite import SQLiteStore
from personac.core.turn import Decision, Passage, Understanding
from personac.core.uncovered import for_unsure
from PIL import Image, ImageDraw

PERSONA = """personac: 1
name: Ivy
languages: [en]
knowledge: [{path: sights.yaml}]
plugins: [tourism]
encoders: {speech: none}
intents:
  - name: what_is_it
    examples: [what is this place?, which sight is this?, do you know this building?]
    skill: tourism.recognise
  - name: story
    examples: [tell me its story, what is the story of it?, tell me a story]
    slots: {sight: {type: entity, values: sights.yaml#name, required: true, ask: {en: Which place?}}}
    skill: tourism.story
  - name: find
    examples: [recommend a sight, find me something to see, which sights are good?]
    skill: tourism.find
  - name: hello
    examples: [hello, good morning, hi]
    responses: {en: [Hello!]}
"""
SIGHTS = """- id: tower
  name: Round Tower
  image: pictures/tower.png
  story: The Round Tower kept watch over the harbour for two hundred years.
- id: gate
  name: Striped Gate
  image: pictures/gate.png
  rating: 4.7
  story: The Striped Gate was painted by sailors in a single night.
- id: bridge
  name: Long Bridge
  story: The Long Bridge has no picture.
"""


def tower() -> Image.Image:
    """Draw a red tower with a round top on the sea."""
    image = Image.new("RGB", (320, 320), (150, 200, 240))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 250, 320, 320), fill=(20, 70, 140))
    draw.rectangle((120, 110, 200, 270), fill=(170, 40, 30))
    draw.ellipse((110, 60, 210, 150), fill=(230, 190, 60))
    return image


def gate() -> Image.Image:
    """Draw a gate with black and white stripes in the grass."""
    image = Image.new("RGB", (320, 320), (60, 140, 60))
    draw = ImageDraw.Draw(image)
    for number in range(12):
        draw.rectangle((40 + 20 * number, 60, 50 + 20 * number, 260), fill=(0, 0, 0) if number % 2 else (255, 255, 255))
    return image


def stranger() -> Image.Image:
    """Draw noise in many colours."""
    return Image.fromarray(np.random.default_rng(7).integers(0, 255, (320, 320, 3), np.uint8))


def png(image: Image.Image) -> Media:
    """Return a picture as a message has it."""
    data = io.BytesIO()
    image.save(data, "PNG")
    return Media("image", data.getvalue(), "image/png")


def video(*images: Image.Image) -> Media:
    """Return a silent video of pictures, a second each."""
    data = io.BytesIO()
    with av.open(data, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=4)
        stream.width, stream.height, stream.pix_fmt = 320, 320, "yuv420p"
        for image in images:
            for _ in range(4):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(image))))
        container.mux(stream.encode())
    return Media("video", data.getvalue(), "video/mp4")


@pytest.fixture(scope="module")
def ivy(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """Compile the persona with two drawn sights."""
    folder = tmp_path_factory.mktemp("ivy")
    (folder / "pictures").mkdir()
    tower().save(folder / "pictures" / "tower.png")
    gate().save(folder / "pictures" / "gate.png")
    (folder / "persona.yaml").write_text(PERSONA, "utf-8")
    (folder / "sights.yaml").write_text(SIGHTS, "utf-8")
    installed = Installed(plugin_names(), None, set(), None, plugin_facts)
    return compile_persona(folder, folder / "build", installed, lambda *_: None)


@pytest.fixture(scope="module")
def runtime(ivy: Compiled) -> Iterator[Runtime]:
    """Open it."""
    runtime = assemble(ivy.artifact, SQLiteStore(None))
    yield runtime
    runtime.close()


async def say(runtime: Runtime, text: str = "", *media: Media, conversation: str) -> Reply:
    """Return the reply to a message."""
    message = Message(text, tuple(media), conversation, conversation)
    return [event async for event in runtime.answer(message) if isinstance(event, Reply)][-1]


def test_the_artifact_has_the_pictures_of_records(ivy: Compiled) -> None:
    pictured = Pictured.read(ivy.artifact)
    assert pictured is not None
    assert pictured.ids == ("tower", "gate")
    assert np.allclose(np.linalg.norm(pictured.vectors, axis=1), 1, atol=1e-3)
    assert (ivy.artifact / "media/pictures/tower.png").is_file()


async def test_a_photographed_sight_is_named_with_its_story_and_its_source(runtime: Runtime) -> None:
    photo = tower().crop((20, 20, 300, 310)).rotate(5)
    reply = await say(runtime, "", png(photo), conversation="photo")
    assert reply.text.startswith("That looks like Round Tower.")
    assert "harbour" in reply.text
    assert (reply.skill, reply.intent) == ("tourism.recognise", "what_is_it")
    assert reply.sources[0].id.startswith("sights.yaml#tower.story")
    later = await say(runtime, "tell me its story", conversation="photo")
    assert "two hundred years" in later.text


async def test_the_best_frame_of_a_video_counts(runtime: Runtime) -> None:
    reply = await say(runtime, "", video(stranger(), gate(), stranger()), conversation="video")
    assert reply.text.startswith("That looks like Striped Gate.")


async def test_a_picture_with_a_question_reaches_the_skill_too(runtime: Runtime) -> None:
    reply = await say(runtime, "which sight is this?", png(gate()), conversation="asked")
    assert reply.text.startswith("That looks like Striped Gate.")


async def test_a_stranger_is_not_taken_for_a_sight(runtime: Runtime) -> None:
    reply = await say(runtime, "", png(stranger()), conversation="stranger")
    assert reply.text.startswith("I don't recognise that place")
    assert not reply.sources


async def test_the_skill_asks_for_a_picture_when_there_is_none(runtime: Runtime) -> None:
    reply = await say(runtime, "do you know this building?", conversation="none")
    assert reply.text.startswith("Send me a picture")


def test_frames_are_compared_one_by_one() -> None:
    pictured = Pictured(["a", "b", "c"], np.eye(3, dtype=np.float32))
    frames = np.array([[0, 0.2, 0], [0, 0, 3]], np.float32)
    assert pictured.seen({VIDEO: frames, PICTURE: frames.mean(0)})[:2] == (("b", 1.0), ("c", 1.0))
    assert pictured.seen({PICTURE: np.array([1, 0], np.float32)}) == ()
    assert pictured.seen({}) == ()
    assert Pictured([], np.zeros((0, 3), np.float32)).seen({PICTURE: np.ones(3, np.float32)}) == ()


def test_an_artifact_without_pictures_has_none(tmp_path: Path) -> None:
    assert Pictured.read(tmp_path) is None
    Pictured(["one"], np.ones((1, 1), np.float32)).write(tmp_path)
    again = Pictured.read(tmp_path)
    assert (tmp_path / FILE).is_file()
    assert again is not None
    assert again.ids == ("one",)


async def test_a_skill_is_asked_before_the_persona_does_not_know(runtime: Runtime) -> None:
    known = await say(runtime, "Striped Gate, rating, ta", conversation="unsure")
    assert known.text == "Striped Gate: rating 4.7."
    strange = await say(runtime, "solve the integral of x squared", conversation="unsure")
    assert strange.skill is None
    assert strange.intent is None or strange.out_of_scope
    assert "know" in strange.text


async def test_what_stands_when_no_skill_knows_more() -> None:
    persona = Persona.model_validate(
        {"personac": 1, "name": "Ivy", "intents": [{"name": "find", "examples": ["x"], "skill": "guide.find"}]}
    )
    asked = Understanding("other", 0.1, True)

    class Host:
        def skill(self, name: str) -> Skill:
            return Skill(run=lambda context: None, unsure=name == "guide.find")

    host: Any = Host()
    record = Passage("a#b", "a:1", "", "text", "en", record="a")
    for decision in (Decision("fallback"), Decision("grounded", passages=(record,))):
        decided = for_unsure(persona, host, decision, asked)
        assert decided is not None
        assert (decided[0].skill, decided[1].intent, decided[1].out_of_scope) == ("guide.find", "find", False)
    page = Passage("p", "p:1", "", "text", "en")
    for decision in (Decision("response"), Decision("grounded", passages=(page,)), Decision("refuse")):
        assert for_unsure(persona, host, decision, asked) is None
