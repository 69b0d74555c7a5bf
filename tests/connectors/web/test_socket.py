"""A conversation over the WebSocket: what a client gets, in which order, and what it may not have."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Callable
from typing import Any

import pytest
from personac.connectors.web.media import MEDIA_BYTES
from personac.core.errors import Unavailable
from personac.core.message import Reply
from websockets.exceptions import InvalidStatus

QUESTION = "how much cash can I take out in a day"
Make = Callable[..., Any]


async def test_a_hello_is_answered_with_who_it_is(bank_server: Any, bank: Any, client: Make) -> None:
    welcome = await (await client(bank_server)).hello()
    assert welcome["persona"]["name"] == "Ava"
    assert welcome["persona"]["has_face"] is True
    assert welcome["ready"] == bank.ready()
    assert welcome["limits"] == {"media_bytes": MEDIA_BYTES, "text_characters": 4000}
    assert welcome["history"] == []


async def test_a_turn_is_words_then_the_reply_then_its_voice(
    bank_server: Any, client: Make, reply_keys: set[str]
) -> None:
    ann = await client(bank_server)
    await ann.hello()
    frames = await ann.say(QUESTION, "m1", speak=True)
    turn = [frame for frame in frames if frame["type"] != "ready"]
    kinds = [frame["type"] for frame in turn]
    assert {frame["id"] for frame in turn} == {"m1"}
    assert re.fullmatch(r"(text )+reply (sound )+done ", "".join(f"{kind} " for kind in kinds))
    reply = frames.of("reply")[0]["reply"]
    assert set(reply) == reply_keys
    assert "".join(frame["delta"] for frame in frames.of("text")) == reply["text"]
    for sound in frames.of("sound"):
        assert len(sound["payload"]) == sound["bytes"]
        with wave.open(io.BytesIO(sound["payload"])) as file:
            assert file.getnframes() / file.getframerate() == pytest.approx(sound["seconds"], abs=0.01)
        assert {shape for _, shape in sound["visemes"]} <= {"closed", "small", "open", "wide", "round", "teeth"}
        assert [at for at, _ in sound["visemes"]] == sorted(at for at, _ in sound["visemes"])


async def test_a_muted_page_gets_no_voice(bank_server: Any, client: Make) -> None:
    frames = await (await client(bank_server)).say(QUESTION, speak=False)
    assert frames.of("reply")
    assert not frames.of("sound")


async def test_parts_that_do_not_exist_are_left_out(serve: Make, script: Make, client: Make) -> None:
    bot = script(ready={"text": True, "speech": False})
    with serve(bot) as server:
        ann = await client(server)
        assert (await ann.hello())["ready"] == {"text": True, "speech": False}
        bot.parts["speech"] = True
        assert (await ann.until("ready"))[-1]["ready"] == {"text": True, "speech": True}


@pytest.mark.parametrize(("granted", "told"), [(True, "granted"), (False, "denied")])
async def test_consent_is_asked_once_and_remembered(
    serve: Make, script: Make, client: Make, cookie: Make, granted: bool, told: str
) -> None:
    ann = cookie()
    with serve(script()) as server:
        first = await client(server, ann)
        welcome = await first.hello()
        assert welcome["consent"] == "ask"
        assert welcome["consent_text"]["zh"] == "可以保留吗？"
        await first.send("consent", granted=granted)
        await first.say("hello")  # frames are handled in order
        assert (await (await client(server, ann)).hello())["consent"] == told
        assert (await (await client(server, cookie())).hello())["consent"] == "ask"


async def test_a_no_after_a_yes_shows_what_was_erased(serve: Make, script: Make, client: Make) -> None:
    with serve(script()) as server:
        ann = await client(server)
        await ann.hello()
        await ann.send("consent", granted=True)
        await ann.send("consent", granted=False, language="zh")
        assert (await ann.until("erased"))[-1]["text"] == "Receipt (zh)"


async def test_other_devices_of_the_user_are_told_of_a_no(
    serve: Make, script: Make, client: Make, cookie: Make
) -> None:
    ann = cookie()
    with serve(script()) as server:
        phone, laptop, bob = await client(server, ann), await client(server, ann), await client(server, cookie())
        for each in (phone, laptop, bob):
            await each.hello()
        await phone.send("consent", granted=True)
        await phone.send("consent", granted=False, language="en")
        assert (await laptop.until("erased"))[-1]["text"] == "Receipt (en)"
        assert len((await phone.say("hello")).of("erased")) == 1
        assert (await bob.say("hello")).of("erased") == []


@pytest.mark.parametrize("words", [False, True])
async def test_other_devices_of_the_user_are_told_that_all_is_erased(
    serve: Make, script: Make, client: Make, cookie: Make, words: bool
) -> None:
    ann = cookie()
    with serve(script()) as server:
        phone, laptop, bob = await client(server, ann), await client(server, ann), await client(server, cookie())
        for each in (phone, laptop, bob):
            await each.hello()
        if words:
            (reply,) = (await phone.say("/forget")).of("reply")
            told = reply["reply"]["text"]
        else:
            await phone.send("forget", language="en")
            told = (await phone.until("forgotten"))[-1]["text"]
        assert (await laptop.until("forgotten"))[-1]["text"] == told
        assert (await phone.say("hello")).of("forgotten") == []
        assert (await bob.say("hello")).of("forgotten") == []


@pytest.mark.parametrize(("words", "told"), [("keep it", "granted"), ("keep nothing", "denied"), ("/forget", "ask")])
@pytest.mark.parametrize("same", [False, True])
async def test_all_who_are_here_are_told_what_was_decided_in_words(
    serve: Make, script: Make, client: Make, cookie: Make, words: str, told: str, same: bool
) -> None:
    ann = cookie()
    with serve(script()) as server:
        phone, laptop, bob = await client(server, ann), await client(server, ann), await client(server, cookie())
        conversation = (await phone.hello())["conversation"]
        await laptop.hello(conversation if same else None)
        await bob.hello()
        heard = await phone.say(words)
        assert [frame["consent"] for frame in heard.of("consent")] == [told]
        assert (await laptop.until("consent"))[-1]["consent"] == told
        assert (await bob.say("hello")).of("consent") == []


@pytest.mark.parametrize(("granted", "told"), [(True, "granted"), (False, "denied")])
async def test_all_who_are_here_are_told_what_was_decided_by_a_button(
    serve: Make, script: Make, client: Make, cookie: Make, granted: bool, told: str
) -> None:
    ann = cookie()
    with serve(script()) as server:
        phone, laptop = await client(server, ann), await client(server, ann)
        for each in (phone, laptop):
            await each.hello()
        await phone.send("consent", granted=granted)
        for each in (phone, laptop):
            assert (await each.until("consent"))[-1]["consent"] == told


async def test_a_decision_that_was_not_written_down_has_its_own_error(serve: Make, script: Make, client: Make) -> None:
    def full(*_: Any) -> str:
        raise Unavailable("that could not be written down")

    bot = script()
    bot.set_consent = full
    with serve(bot) as server:
        ann = await client(server)
        await ann.hello()
        await ann.send("consent", granted=True)
        error = (await ann.until("error"))[-1]
        assert (error["code"], error["message"]) == ("undecided", "That could not be written down")


async def test_an_erasure_that_could_not_be_done_is_an_error(serve: Make, script: Make, client: Make) -> None:
    bot = script()
    bot.erase_and_tell = lambda user, language: Reply("Not now.", language, skill="personac.forget")
    with serve(bot) as server:
        ann = await client(server)
        await ann.hello()
        await ann.send("forget", language="en")
        assert (await ann.until("error"))[-1]["message"] == "Not now."
        assert (await ann.say("hello")).of("forgotten") == []


async def test_a_persona_that_need_not_ask_says_so(serve: Make, script: Make, client: Make) -> None:
    with serve(script(consent="implied")) as server:
        assert (await (await client(server)).hello())["consent"] == "implied"


async def test_who_returns_finds_the_conversation(bank_server: Any, client: Make, cookie: Make) -> None:
    ann = cookie()
    first = await client(bank_server, ann)
    conversation = (await first.hello())["conversation"]
    assert ann not in conversation  # it may be seen; the cookie may not
    said = (await first.say(QUESTION)).of("reply")[0]["reply"]["text"]
    await first.socket.close()
    welcome = await (await client(bank_server, ann)).hello(conversation)
    assert welcome["conversation"] == conversation
    assert [(line["role"], line["text"]) for line in welcome["history"]] == [("user", QUESTION), ("persona", said)]


async def test_somebody_else_s_conversation_is_not_readable(bank_server: Any, client: Make, cookie: Make) -> None:
    ann = await client(bank_server, cookie())
    conversation = (await ann.hello())["conversation"]
    await ann.say(QUESTION)
    for stranger in (cookie(), "", "x" * 20):
        welcome = await (await client(bank_server, stranger)).hello(conversation)
        assert welcome["conversation"] != conversation
        assert welcome["history"] == []


async def test_forget_me_erases(bank_server: Any, bank: Any, client: Make, cookie: Make) -> None:
    user = cookie()
    ann, bob = await client(bank_server, user), await client(bank_server, cookie())
    conversation, others = (await ann.hello())["conversation"], (await bob.hello())["conversation"]
    await ann.send("consent", granted=True)
    await ann.say(QUESTION)
    await bob.say(QUESTION)
    assert bank.parts.store.export(user)["turns"]
    await ann.send("forget")
    assert "everything that was kept of you is erased" in (await ann.until("forgotten"))[-1]["text"]
    assert bank.parts.store.export(user)["turns"] == []
    assert bank.consent(user) is None
    assert (await ann.hello(conversation))["history"] == []
    assert bank.history(others)


async def test_forget_me_ends_the_turn_that_still_runs(serve: Make, script: Make, client: Make) -> None:
    bot = script()
    with serve(bot) as server:
        ann = await client(server)
        await ann.send("message", id="m1", text="think")
        await ann.send("message", id="m2", text="hello")
        await ann.send("forget")
        frames = await ann.until("forgotten")
    assert {frame["id"] for frame in frames.of("done")} == {"m1", "m2"}
    assert not frames.of("reply")


async def test_who_asks_again_while_the_voice_still_comes_hears_the_answer_once(
    serve: Make, script: Make, client: Make
) -> None:
    bot = script()
    with serve(bot) as server:
        ann = await client(server, visitor := "a-visitor-with-a-cookie")
        welcome = await ann.hello()
        await ann.send("message", id="m1", text="talk")
        await ann.until("sound")
        back = await client(server, visitor)
        await back.hello(welcome["conversation"])
        await back.send("message", id="m1", text="talk")
        await back.send("nonsense")  # its error comes behind whatever the message brings
        heard = await back.until("error")
        assert [frame["reply"]["text"] for frame in heard.of("reply")] == ["talk"]
        await back.send("stop")
        assert not (await back.until("done", id="m1")).of("reply")
        assert [frame["type"] for frame in await back.say("talk", "m1")] == ["reply", "done"]
        assert bot.ended == ["talk"]


async def test_stop_cuts_the_voice(serve: Make, script: Make, client: Make) -> None:
    bot = script()
    with serve(bot) as server:
        ann = await client(server)
        await ann.send("message", id="m1", text="talk")
        await ann.until("sound")
        await ann.send("stop")
        rest = await ann.until("done", id="m1")
        assert len(rest.of("sound")) < 20
        assert bot.ended == ["talk"]
        assert (await ann.say("hello", "m2")).of("reply")


async def test_stop_drops_what_waits_and_says_done_for_each(serve: Make, script: Make, client: Make) -> None:
    bot = script()
    with serve(bot) as server:
        ann = await client(server)
        for number, text in enumerate(["think", "one", "two", "three"]):
            await ann.send("message", id=f"m{number}", text=text)
        await ann.send("stop")
        await ann.send("stop")
        frames = await ann.say("after", "m9")
        assert sorted(frame["id"] for frame in frames.of("done")) == ["m0", "m1", "m2", "m3", "m9"]
        assert [frame["reply"]["text"] for frame in frames.of("reply")] == ["after"]
        assert [message.text for message in bot.asked][-1] == "after"


async def test_a_stop_right_behind_a_message_still_ends_with_done(serve: Make, script: Make, client: Make) -> None:
    with serve(script()) as server:
        ann = await client(server)
        for number in range(30):
            await ann.send("message", id=f"m{number}", text="talk")
            await ann.send("stop")
            await ann.until("done", id=f"m{number}")


async def test_a_new_question_cuts_the_voice_of_the_last(serve: Make, script: Make, client: Make) -> None:
    bot = script()
    with serve(bot) as server:
        ann = await client(server)
        await ann.send("message", id="m1", text="talk")
        await ann.until("sound", id="m1")
        frames = await ann.say("and now?", "m2")
        assert [frame["id"] for frame in frames.of("done")] == ["m1", "m2"]
        assert len(frames.of("sound")) < 20
        assert bot.ended == ["talk", "and now?"]


async def test_a_question_that_waits_takes_the_voice_of_the_one_before(serve: Make, script: Make, client: Make) -> None:
    with serve(script()) as server:
        ann = await client(server)
        for number in range(4):
            await ann.send("message", id=f"m{number}", text="talk")
        await ann.send("message", id="m9", text="hello")
        frames = await ann.until("done", id="m9")
        assert [frame["id"] for frame in frames.of("reply")] == ["m0", "m1", "m2", "m3", "m9"]
        assert len(frames.of("sound")) < 20


async def test_the_real_voice_stops_too(bank_server: Any, client: Make) -> None:
    ann = await client(bank_server)
    await ann.send("message", id="m1", text="What can you do?", speak=True)
    await ann.until("sound", id="m1")
    await ann.send("stop")
    await ann.until("done", id="m1")
    assert (await ann.say(QUESTION)).of("reply")
    assert not bank_server.errors


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost.evil.example", "null", "http://127.0.0.1:1"]
)
async def test_a_page_of_another_host_cannot_connect(bank_server: Any, client: Make, origin: str) -> None:
    with pytest.raises(InvalidStatus) as error:
        await client(bank_server, origin=origin)
    assert error.value.response.status_code == 403


async def test_the_page_itself_can_connect(bank_server: Any, client: Make) -> None:
    assert await (await client(bank_server, origin=bank_server.base)).hello()


async def test_a_socket_at_another_path_is_refused_in_order(bank_server: Any, client: Make) -> None:
    with pytest.raises(InvalidStatus) as error:
        await client(bank_server, path="/elsewhere")
    assert error.value.response.status_code in (403, 404)
    assert not bank_server.errors
