"""Turns through the whole pipeline, with the sample personas and real models."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import subprocess
import sys
import threading
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from personac.core.cli.building import build, open_persona
from personac.core.errors import BadInput
from personac.core.hosting.host import Host, Loaded
from personac.core.message import Delta, Heard, Media, Message, Progress, Reply, Seen, Sound
from personac.core.mind.ethics import Ethics
from personac.core.mind.phrases import phrase
from personac.core.models.chat import OpenAICompatibleModel
from personac.core.persona.schema import ModelSettings, Rule
from personac.core.plugin import Skill, SkillContext, SkillResult
from personac.core.runtime import Runtime
from personac.core.turn import Trace

DEMO = Path(__file__).parents[2] / "personas" / "tour_guide" / "demo"
Ask = Callable[..., Any]


async def test_a_typed_question_is_answered_with_its_source(guide: Runtime, ask: Ask) -> None:
    reply = await ask(guide, "When does the Temple of Heaven open?", conversation="a")
    assert reply.language == "en"
    assert reply.intent == "opening_hours"
    assert reply.skill == "tourism.opening_hours"
    assert reply.slots["sight"] == {"id": "temple_of_heaven", "name": "Temple of Heaven"}
    assert "6:00" in reply.text
    assert reply.sources[0].source.startswith("knowledge/sights.yaml:")
    assert reply.sources[0].text == reply.text


async def test_a_chinese_question_is_answered_in_chinese(guide: Runtime, ask: Ask) -> None:
    reply = await ask(guide, "颐和园的门票多少钱？", conversation="b")
    assert (reply.language, reply.intent) == ("zh", "ticket_price")
    assert "元" in reply.text
    assert reply.slots["sight"]["name"] == "颐和园"


@pytest.mark.parametrize(
    ("said", "open_at", "price"),
    [
        ("When does gugong open and how much is a ticket?", "8:30", "60 yuan"),
        ("故宫几点开门？门票多少钱？", "8:30", "60元"),
    ],
)
async def test_each_wish_of_a_message_is_answered_with_its_source(
    guide: Runtime, ask: Ask, said: str, open_at: str, price: str
) -> None:
    reply = await ask(guide, said, conversation=said)
    assert open_at in reply.text
    assert price in reply.text.replace("60 元", "60元")
    assert [source.id.split(".")[-2] for source in reply.sources] == ["opening_hours", "price"]


async def test_a_spoken_question_is_heard_and_answered(guide: Runtime) -> None:
    media = Media("audio", (DEMO / "question.wav").read_bytes())
    events = [event async for event in guide.answer(Message(media=(media,), conversation="c"))]
    heard, reply = events[0], events[-1]
    assert isinstance(heard, Heard)
    assert "temple of heaven" in heard.transcript.lower()
    assert isinstance(reply, Reply)
    assert reply.transcript == heard.transcript
    assert "Line 5" in reply.text


async def test_the_text_in_a_picture_is_part_of_the_question(guide: Runtime) -> None:
    media = Media("image", (DEMO / "sign.png").read_bytes())
    message = Message("What is the story of this place?", (media,), conversation="d")
    events = [event async for event in guide.answer(message)]
    assert isinstance(events[0], Seen)
    assert "雍和宫" in events[0].text
    assert isinstance(events[-1], Reply)
    assert events[-1].slots["sight"]["id"] == "lama_temple"
    assert "Yongzheng" in events[-1].text


async def test_words_come_before_the_reply_and_sound_after_it(guide: Runtime) -> None:
    message = Message("Tell me about the Summer Palace's opening hours", conversation="e", speak=True)
    events = [event async for event in guide.answer(message)]
    kinds = [type(event) for event in events]
    reply = next(event for event in events if isinstance(event, Reply))
    assert "".join(event.text for event in events if isinstance(event, Delta)) == reply.text
    assert kinds.index(Delta) < kinds.index(Reply) < kinds.index(Sound)
    sound = next(event for event in events if isinstance(event, Sound))
    assert sound.seconds > 0.3
    assert {shape for _, shape in sound.visemes} <= {"closed", "small", "open", "wide", "round", "teeth"}
    assert len({shape for _, shape in sound.visemes}) > 1


async def test_chinese_is_spoken_too(guide: Runtime) -> None:
    events = [event async for event in guide.answer(Message("谢谢", conversation="e2", speak=True))]
    sounds = [event for event in events if isinstance(event, Sound)]
    loudness = max(float(np.abs(np.frombuffer(sound.pcm, np.int16)).max()) for sound in sounds)
    assert loudness > 1000


async def test_a_question_that_leans_on_the_last_one_is_understood(guide: Runtime, ask: Ask) -> None:
    await ask(guide, "故宫几点开门？", conversation="f")
    reply = await ask(guide, "How do I get there?", conversation="f")
    assert reply.slots["sight"] == {"id": "forbidden_city", "name": "Forbidden City"}
    assert reply.language == "en"


async def test_a_missing_slot_is_asked_for_and_the_answer_fills_it(guide: Runtime, ask: Ask) -> None:
    asked = await ask(guide, "When does it open?", conversation="g")
    assert asked.intent == "opening_hours"
    assert not asked.sources
    reply = await ask(guide, "Beihai Park", conversation="g")
    assert reply.skill == "tourism.opening_hours"
    assert "Beihai" in reply.text


async def test_a_name_with_a_slip_is_still_found(guide: Runtime, ask: Ask) -> None:
    reply = await ask(guide, "ticket price of the Temple of Heven", conversation="h")
    assert reply.slots["sight"]["id"] == "temple_of_heaven"


@pytest.mark.parametrize("question", ["Who won the 1998 world cup?", "How do I repair a bicycle chain?"])
async def test_what_is_not_known_is_not_guessed(guide: Runtime, ask: Ask, question: str) -> None:
    reply = await ask(guide, question, conversation="i")
    assert reply.text == guide.persona.tone.fallback["en"]  # type: ignore[index]
    assert not reply.sources


async def test_an_answer_from_the_bank_quotes_its_passage(bank: Runtime, ask: Ask) -> None:
    reply = await ask(bank, "how much cash can I take out in a day", conversation="j")
    assert "500" in reply.text
    assert reply.sources[0].source.startswith("knowledge/")
    assert reply.text in reply.sources[0].text


async def test_an_ethics_rule_refuses_in_the_persona_s_words(bank: Runtime, ask: Ask) -> None:
    reply = await ask(bank, "Should I put my money into Tesla shares?", conversation="k")
    assert [(rule.id, rule.did) for rule in reply.rules] == [("no-investment-advice", "refuse")]
    assert reply.text == bank.persona.ethics.rules[0].say["en"]  # type: ignore[index]
    assert not reply.sources


@pytest.mark.parametrize(("question", "word"), [("Are you a real person?", "bot"), ("你是真人吗？", "机器人")])
async def test_a_persona_says_that_it_is_a_bot_when_asked(guide: Runtime, ask: Ask, question: str, word: str) -> None:
    assert word in (await ask(guide, question, conversation="l")).text


async def test_personal_data_is_masked_before_anything_is_kept(bank_artifact: Path, tmp_path: Path, ask: Ask) -> None:
    runtime = open_persona(bank_artifact, tmp_path)
    runtime.set_consent("ann", True)
    text = "My card is 4111 1111 1111 1111 and my mail is ann@example.com, why was it declined?"
    reply = await ask(runtime, text, conversation="m", user="ann")
    assert set(reply.redactions) == {"bank_card", "email"}
    assert "[bank_card 1]" in runtime.history("m")[0][1]
    runtime.close()
    for file in tmp_path.iterdir():
        assert b"4111" not in file.read_bytes()
        assert b"ann@example" not in file.read_bytes()


async def test_without_consent_nothing_reaches_the_disk(bank_artifact: Path, tmp_path: Path, ask: Ask) -> None:
    runtime = open_persona(bank_artifact, tmp_path)
    await ask(runtime, "what does an overdraft cost, says the walrus", conversation="n", user="bob")
    assert runtime.history("n")
    runtime.close()
    assert not any(b"walrus" in file.read_bytes() for file in tmp_path.iterdir())


async def test_a_skill_that_raises_does_not_end_the_turn(
    guide: Runtime, ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(context: SkillContext) -> SkillResult | None:
        raise ValueError("broken")

    own = guide.parts.plugins.plugins["tourism"]
    bad = Loaded("tourism", own.manifest, own.plugin, {"opening_hours": Skill(run=broken)})
    monkeypatch.setattr(guide.skills, "host", Host({"tourism": bad}))
    reply = await ask(guide, "When does the Temple of Heaven open?", conversation="o")
    assert reply.text == phrase("skill_failed", "en")
    assert reply.skill is None
    assert "ValueError: broken" in caplog.text


async def test_what_a_skill_tells_while_it_works_comes_before_its_answer(
    guide: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(context: SkillContext) -> SkillResult | None:
        context.tell("I am looking it up")
        return SkillResult("At six.", choices=["Thanks"], media=[Media("image", b"png", "image/png", "a plot")])

    own = guide.parts.plugins.plugins["tourism"]
    chatty = Loaded("tourism", own.manifest, own.plugin, {"opening_hours": Skill(run=slow)})
    monkeypatch.setattr(guide.skills, "host", Host({"tourism": chatty}))
    events = [event async for event in guide.answer(Message("When does the Temple of Heaven open?", conversation="t"))]
    assert events[0] == Progress("I am looking it up")
    assert events[-1].text == "At six."  # type: ignore[union-attr]
    assert events[-1].choices == ("Thanks",)  # type: ignore[union-attr]
    again = Reply.from_dict(json.loads(json.dumps(events[-1].as_dict())))  # type: ignore[union-attr]
    assert again.media == (Media("image", b"png", "image/png", "a plot"),)


async def test_turns_at_the_same_time_share_batches(bank: Runtime, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    encode_now = bank.parts.encoders.encode_now

    def counted(batch: Any) -> Any:
        sizes.append(len(batch))
        return encode_now(batch)

    monkeypatch.setattr(bank.parts.encoders, "encode_now", counted)
    questions = [f"how do I freeze card number {i}" for i in range(24)]
    together = await asyncio.gather(*(ask(bank, text, conversation=f"p{i}") for i, text in enumerate(questions)))
    assert sum(sizes) == 24
    assert len(sizes) < 12
    alone = await ask(bank, questions[7], conversation="p-alone")
    assert (alone.text, alone.intent) == (together[7].text, together[7].intent)
    assert alone.confidence == pytest.approx(together[7].confidence, abs=1e-3)


def silence(seconds: float) -> bytes:
    """Return a WAV of silence."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(b"\0\0" * int(16000 * seconds))
    return buffer.getvalue()


async def test_silence_is_answered_kindly(guide: Runtime, ask: Ask) -> None:
    reply = await ask(guide, media=(Media("audio", silence(1.0)),), conversation="q")
    assert "could not make out" in reply.text


def film(picture: bytes, sound: bytes) -> bytes:
    """Return a video that shows a picture while a recording is heard."""
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as made, av.open(io.BytesIO(sound), "r") as heard:
        shown = next(av.open(io.BytesIO(picture), "r").decode(video=0))
        track = made.add_stream("mjpeg", rate=5)
        track.width, track.height, track.pix_fmt = shown.width // 2 * 2, shown.height // 2 * 2, "yuvj420p"
        voice = made.add_stream("pcm_s16le", rate=heard.streams.audio[0].rate)
        voice.layout = "mono"
        still = shown.reformat(track.width, track.height, "yuvj420p")
        for number in range(10):
            still.pts = number
            made.mux(track.encode(still))
        made.mux(track.encode(None))
        for frame in heard.decode(audio=0):
            frame.pts = None
            made.mux(voice.encode(frame))
        made.mux(voice.encode(None))
    return buffer.getvalue()


async def test_a_video_is_heard_and_seen(guide: Runtime) -> None:
    data = film((DEMO / "sign.png").read_bytes(), (DEMO / "question.wav").read_bytes())
    traces: list[Trace] = []
    guide.watch = lambda message, trace: traces.append(trace)
    try:
        events = [event async for event in guide.answer(Message(media=(Media("video", data),), conversation="v"))]
    finally:
        guide.watch = None
    heard, seen = events[:2]
    assert isinstance(heard, Heard)
    assert isinstance(seen, Seen)
    assert "temple of heaven" in heard.transcript.lower()
    assert seen.text
    vectors = traces[0].percept.vectors
    assert {"speech", "voice", "tone", "picture", "video"} <= set(vectors)
    assert len(vectors["video"]) == 8


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("audio", b""),
        ("audio", (DEMO / "question.wav").read_bytes()[:30]),
        ("audio", b"this is a text and no sound " * 50),
        ("audio", (DEMO / "sign.png").read_bytes()),
        ("image", b""),
        ("image", (DEMO / "sign.png").read_bytes()[:300]),
        ("image", (DEMO / "question.wav").read_bytes()),
        ("video", b""),
        ("video", b"this is a text and no video " * 50),
    ],
    ids=[
        "empty",
        "truncated",
        "text",
        "picture as sound",
        "empty picture",
        "half a picture",
        "sound as picture",
        "empty video",
        "text as video",
    ],
)
async def test_media_that_cannot_be_used_get_one_clear_sentence(
    guide: Runtime, ask: Ask, kind: Any, data: bytes
) -> None:
    with pytest.raises(BadInput) as error:
        await ask(guide, media=(Media(kind, data),), conversation=f"r-{kind}")
    assert len(str(error.value)) > 20
    assert not guide.history(f"r-{kind}")


async def test_a_very_long_text_is_refused_and_an_empty_one_is_welcome(guide: Runtime, ask: Ask) -> None:
    with pytest.raises(BadInput, match="4,000"):
        await ask(guide, "x" * 4001, conversation="s")
    assert (await ask(guide, "", conversation="s")).text


class _ModelServer(BaseHTTPRequestHandler):
    """Speak the chat completions stream of an OpenAI-compatible server, with an invented price in the middle."""

    sentences = ("The Temple of Heaven opens at 6:00. ", "Tickets cost 9999 yuan. ", "The park gates open early.")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked = body  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for sentence in self.sentences:
            for piece in (sentence[:7], sentence[7:]):
                data = {"choices": [{"index": 0, "delta": {"content": piece}}]}
                self.wfile.write(f"data: {json.dumps(data)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *args: Any) -> None:
        return


@pytest.fixture
def model_server() -> Iterator[str]:
    """Run the server and return its base address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _ModelServer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def with_model(runtime: Runtime, url: str) -> Runtime:
    """Return the same persona with a language model and without skills."""
    settings = ModelSettings(name="small", base_url=url)
    intents = tuple(intent.model_copy(update={"skill": None}) for intent in runtime.persona.intents)
    persona = runtime.persona.model_copy(update={"model": settings, "intents": intents})
    return Runtime(replace(runtime.parts, persona=persona, model=OpenAICompatibleModel("small", url)))


async def test_a_language_model_s_invented_price_is_not_said(guide: Runtime, model_server: str, ask: Ask) -> None:
    reply = await ask(with_model(guide, model_server), "When does the Temple of Heaven open?", conversation="t")
    assert "opens at 6:00" in reply.text
    assert "9999" not in reply.text
    assert reply.sources
    asked = _ModelServer.asked["messages"]  # type: ignore[attr-defined]
    assert asked[-1]["content"].startswith("Facts:\n1. ")


async def test_without_its_server_the_persona_quotes_its_passages(guide: Runtime, ask: Ask) -> None:
    reply = await ask(
        with_model(guide, "http://127.0.0.1:9/v1"), "When does the Temple of Heaven open?", conversation="u"
    )
    assert "Temple of Heaven" in reply.text
    assert reply.sources


def test_a_served_text_turn_never_imports_torch(bank_artifact: Path, tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
from pathlib import Path
from personac.core.cli.building import open_persona
from personac.core.message import Message, Reply
from personac.connectors.web.app import make_app
runtime = open_persona(Path({str(bank_artifact)!r}), None)
make_app([runtime])
async def turn():
    return [e async for e in runtime.answer(Message("how do I close my account"))][-1]
reply = asyncio.run(turn())
assert reply.sources
print([name for name in ("torch", "transformers", "whisper", "onnx", "scipy") if name in sys.modules])
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert out.stdout.strip() == "[]", out.stderr


async def test_a_picture_can_decide_the_intent(write_persona: Callable[..., Path], tmp_path: Path, ask: Ask) -> None:
    from PIL import Image

    random = np.random.default_rng(7)
    folder = write_persona(
        "personac: 1\nname: Eye\nintents:\n"
        "  - name: stripes\n    examples:\n"
        + "".join(f"      - {{text: what is this, image: a{i}.png}}\n" for i in range(6))
        + "    responses: {en: [Those are stripes.]}\n"
        "  - name: noise\n    examples:\n"
        + "".join(f"      - {{text: what is this, image: b{i}.png}}\n" for i in range(6))
        + "    responses: {en: [That is noise.]}\n"
    )

    def stripes(shift: int) -> Image.Image:
        picture = np.zeros((96, 96, 3), np.uint8)
        picture[:, (np.arange(96) + shift) % 16 < 8] = (220, 40, 40)
        return Image.fromarray(picture)

    def noise() -> Image.Image:
        return Image.fromarray(random.integers(0, 255, (96, 96, 3), np.uint8))

    for i in range(6):
        stripes(i).save(folder / f"a{i}.png")
        noise().save(folder / f"b{i}.png")
    runtime = open_persona(build(folder, None, quiet=True).artifact, None)
    answers = []
    for number, picture in enumerate((stripes(11), noise())):
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        reply = await ask(runtime, "what is this", media=(Media("image", buffer.getvalue()),), conversation=str(number))
        answers.append(reply.text)
    runtime.close()
    shutil.rmtree(folder)
    assert answers == ["Those are stripes.", "That is noise."]


async def test_what_a_rule_redacts_is_neither_understood_nor_kept(bank: Runtime, ask: Ask) -> None:
    rule = Rule.model_validate({"id": "code", "when": {"pattern": "walrus"}, "on": ["input"], "do": "redact"})
    runtime = Runtime(replace(bank.parts, ethics=Ethics([rule], {}, "en")))
    reply = await ask(runtime, "my walrus card was stolen", conversation="redacted")
    assert [fired.id for fired in reply.rules] == ["code"]
    assert runtime.history("redacted")[0][1] == "my ▮▮▮ card was stolen"


async def test_a_number_that_only_the_user_named_is_no_source(guide: Runtime, model_server: str, ask: Ask) -> None:
    question = "Does the Temple of Heaven ticket cost 9999 yuan?"
    reply = await ask(with_model(guide, model_server), question, conversation="claimed")
    assert "9999" not in reply.text
