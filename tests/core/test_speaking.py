"""A language model at the far side of a wire that invents, fails and rambles; the user hears only what sources hold."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from personac.core import speaking
from personac.core.message import Delta, Message, Reply
from personac.core.models import chat
from personac.core.models.chat import OpenAICompatibleModel
from personac.core.persona.schema import ModelSettings
from personac.core.runtime import Runtime

Ask = Callable[..., Any]
Answer = Callable[[BaseHTTPRequestHandler], None]
QUESTION = "What is the price of a Forbidden City ticket?"


class FarSide:
    """An OpenAI-compatible server whose answer each test sets."""

    def __init__(self) -> None:
        self.answer: Answer = lambda handler: None
        self.asked: list[dict[str, Any]] = []
        far_side = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                far_side.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                try:
                    far_side.answer(self)
                except OSError:
                    return  # the runtime hung up

            def log_message(self, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"

    def says(self, *pieces: str, end: bytes = b"data: [DONE]\n\n") -> None:
        """Stream these pieces of text, then what ends the stream."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            begin(handler)
            for piece in pieces:
                handler.wfile.write(chunk(piece))
            handler.wfile.write(end)

        self.answer = answer


def begin(handler: BaseHTTPRequestHandler, status: int = 200) -> None:
    """Send the head of a stream."""
    handler.send_response(status)
    handler.send_header("Content-Type", "text/event-stream")
    handler.end_headers()


def chunk(piece: str) -> bytes:
    """Return one chunk of a chat completion."""
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': piece}}]})}\n\n".encode()


@pytest.fixture
def far_side() -> Iterator[FarSide]:
    """Run the server."""
    side = FarSide()
    thread = threading.Thread(target=side.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield side
    side.server.shutdown()
    side.server.server_close()


@pytest.fixture
def speaker(guide: Runtime, far_side: FarSide) -> Runtime:
    """Return the tour guide with that model and without skills."""
    settings = ModelSettings(name="small", base_url=far_side.url)
    intents = tuple(intent.model_copy(update={"skill": None}) for intent in guide.persona.intents)
    persona = guide.persona.model_copy(update={"model": settings, "intents": intents})
    return Runtime(replace(guide.parts, persona=persona, model=OpenAICompatibleModel("small", far_side.url)))


async def test_supported_sentences_are_said_and_invented_prices_are_not(
    speaker: Runtime, far_side: FarSide, ask: Ask
) -> None:
    far_side.says(
        "Sure, happy to help! A Forbidden City ticket costs 60 yuan from April to October. ",
        "Students pay 25 yuan. Parking is $12. A ticket costs 60 yuan from November to March. ",
        "It costs 40 yuan from November to March.",
    )
    reply = await ask(speaker, QUESTION, conversation="sp1")
    assert reply.text == (
        "Sure, happy to help! A Forbidden City ticket costs 60 yuan from April to October. "
        "It costs 40 yuan from November to March."
    )
    assert [source.id for source in reply.sources] == ["knowledge/sights.yaml#forbidden_city.price.en"]


async def test_the_number_of_a_list_whose_item_never_comes_is_not_said(
    speaker: Runtime, far_side: FarSide, ask: Ask
) -> None:
    far_side.says("1. 2. 10. A Forbidden City ticket costs 60 yuan from April to October. 3.")
    reply = await ask(speaker, QUESTION, conversation="sp9")
    assert reply.text == "A Forbidden City ticket costs 60 yuan from April to October."


async def test_sentences_come_one_by_one(speaker: Runtime, far_side: FarSide) -> None:
    go_on = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin(handler)
        handler.wfile.write(chunk("A Forbidden City ticket costs 60 yuan from April to October. It"))
        assert go_on.wait(10)
        handler.wfile.write(chunk(" costs 40 yuan from November to March.") + b"data: [DONE]\n\n")

    far_side.answer = answer
    said = []
    async for event in speaker.answer(Message(QUESTION, conversation="sp2")):
        if isinstance(event, Delta):
            said.append(event.text)
            go_on.set()
        elif isinstance(event, Reply):
            assert "".join(said).strip() == event.text
    assert len(said) == 2


@pytest.mark.parametrize(
    "words",
    [
        "A ticket costs 9999 yuan.",
        "Sure! A ticket costs 9999 yuan.",
        "Yes. Parking costs 12 dollars an hour.",
        "门票一百元。",
        "The ticket is ninety yuan, bought at the East Gate from Mr. Polo.",
        "",
        "   \n\n ",
        "?!?!",
    ],
)
async def test_when_nothing_is_left_the_passage_is_quoted(
    speaker: Runtime, far_side: FarSide, ask: Ask, words: str
) -> None:
    far_side.says(words)
    reply = await ask(speaker, QUESTION, conversation=f"sp3-{words}")
    assert reply.text == reply.sources[0].text
    assert "60 yuan" in reply.text


def fails(handler: BaseHTTPRequestHandler) -> None:
    begin(handler, 500)


def answers_html(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    handler.wfile.write(b"<html>the gateway says 9999 yuan</html>")


def sends_garbage(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    handler.wfile.write(b'data: {"choices": 3}\n\ndata: [1, 2]\n\ndata: \xff\xfe{\n\n')


def sends_no_text(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    handler.wfile.write(b'data: {"choices": [{"delta": {"content": {"price": 9999}}}]}\n\n')


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    handler.wfile.write(chunk("A Forbidden City ticket costs 60"))
    handler.connection.close()


def is_silent(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    time.sleep(1.0)


def keeps_the_line_open(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    for _ in range(60):
        handler.wfile.write(b": still there\n\n")
        time.sleep(0.02)


def never_ends(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    for _ in range(10_000):
        handler.wfile.write(chunk("word and word and " * 20))


@pytest.mark.parametrize(
    "answer",
    [fails, answers_html, sends_garbage, sends_no_text, hangs_up, is_silent, keeps_the_line_open, never_ends],
)
async def test_a_failing_server_does_not_disturb_the_user(
    speaker: Runtime, far_side: FarSide, ask: Ask, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "SECONDS_BETWEEN_WORDS", 0.3)
    monkeypatch.setattr(speaking, "SECONDS", 0.6)
    far_side.answer = answer
    reply = await ask(speaker, QUESTION, conversation=f"sp4-{answer.__name__}")
    assert reply.text == reply.sources[0].text


async def test_what_was_said_before_a_failure_stays(speaker: Runtime, far_side: FarSide, ask: Ask) -> None:
    far_side.says("A Forbidden City ticket costs 60 yuan from April to October. It costs", end=b"data: {{{\n\n")
    reply = await ask(speaker, QUESTION, conversation="sp5")
    assert reply.text == "A Forbidden City ticket costs 60 yuan from April to October."


async def test_a_model_that_goes_round_in_circles_is_cut_short(speaker: Runtime, far_side: FarSide, ask: Ask) -> None:
    far_side.says(*["A Forbidden City ticket costs 60 yuan from April to October. "] * 50)
    reply = await ask(speaker, QUESTION, conversation="sp6")
    assert reply.text == "A Forbidden City ticket costs 60 yuan from April to October."


async def test_a_model_that_raises_anything_is_survived(speaker: Runtime, ask: Ask) -> None:
    class Broken:
        name = "broken"

        async def stream(self, messages: Any) -> Any:
            raise KeyError("out of order")
            yield ""

    runtime = Runtime(replace(speaker.parts, model=Broken()))
    reply = await ask(runtime, QUESTION, conversation="sp7")
    assert reply.text == reply.sources[0].text


async def test_a_chinese_answer_may_rest_on_an_english_meaning_but_not_on_other_figures(
    speaker: Runtime, far_side: FarSide, ask: Ask
) -> None:
    far_side.says("故宫门票旺季60元，淡季40元。", "学生票20元。")
    reply = await ask(speaker, "故宫门票多少钱？", conversation="sp8")
    assert reply.text == "故宫门票旺季60元，淡季40元。"


async def test_the_model_is_given_few_passages_and_the_question(speaker: Runtime, far_side: FarSide, ask: Ask) -> None:
    far_side.says("A Forbidden City ticket costs 60 yuan from April to October.")
    await ask(speaker, QUESTION, conversation="sp9")
    body = far_side.asked[-1]
    last = body["messages"][-1]["content"]
    assert body["temperature"] == 0
    assert [line[:3] for line in last.splitlines()[1:3]] == ["1. ", "2. "]
    assert "\n3. " not in last
    assert last.endswith(QUESTION)


async def test_an_answer_that_leaves_out_the_figure_is_completed_from_its_passage(
    speaker: Runtime, far_side: FarSide, ask: Ask
) -> None:
    far_side.says("Source 1: Forbidden City tickets are sold online only, and are tied to your passport.")
    reply = await ask(speaker, QUESTION, conversation="sp10")
    assert reply.text.startswith("Forbidden City tickets are sold online only, and are tied to your passport. ")
    assert "60 yuan" in reply.text


async def test_a_figure_of_another_season_than_asked_for_is_not_said(
    speaker: Runtime, far_side: FarSide, ask: Ask
) -> None:
    far_side.says("A Forbidden City ticket costs 60 yuan.")
    reply = await ask(speaker, "What is the price of a Forbidden City ticket in winter?", conversation="sp11")
    assert reply.text != "A Forbidden City ticket costs 60 yuan."
    assert "40 yuan" in reply.text
