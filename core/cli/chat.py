"""personac chat: in the terminal, or one turn for scripts."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path

import click

from ..chinese import simplified
from ..contracts import Bot
from ..message import EXPORT, RIGHT, Delta, Heard, Media, Message, Progress, Reply, Seen, Sound, joined
from ..mind.phrases import phrase
from ..mind.rights_polarity import answer
from ..mind.rights_words import label
from ..mind.rules.ending import HELPING
from ..mind.rules.reasons import judged_as_dict, judged_text, weightiest_first
from ..runtime import Runtime
from ..turn import Trace
from . import persona_path
from .building import find_artifact, open_persona, store_folder

AGREEING = f"{RIGHT}agree"  # the intent of a conversation in which the question for consent is open


@click.command("chat")
@click.argument("path")
@click.option("--say", help="Say this, print the answer and end.")
@click.option("--audio", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A recording to hear.")
@click.option("--image", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A picture to see.")
@click.option("--user", default="local", help="Who is talking.", show_default=True)
@click.option("--speak", type=click.Path(path_type=Path, dir_okay=False), help="Write the spoken answer to this WAV.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one JSON object.")
@click.option("--trace", is_flag=True, help="Tell what decided on each ethics rule; --json has all that was looked at.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where artifacts go; by default PATH/build.")
@click.option("--store", type=click.Path(path_type=Path), help="The folder that keeps conversations.")
def command(
    path: str,
    say: str | None,
    audio: Path | None,
    image: Path | None,
    user: str,
    speak: Path | None,
    as_json: bool,
    trace: bool,
    out: Path | None,
    store: Path | None,
) -> None:
    """Talk with a persona in the terminal."""
    logging.basicConfig(level=logging.ERROR)
    runtime = open_persona(find_artifact(persona_path(path), out, quiet=as_json), store_folder(store))
    gathered: list[Trace] = []
    traces = gathered if trace else None
    if trace:
        runtime.watch = lambda _, turn: gathered.append(turn)
    media = [Media("audio", audio.read_bytes(), name=audio.name)] if audio else []
    media += [Media("image", image.read_bytes(), name=image.name)] if image else []
    try:
        if say is None and not media:
            asyncio.run(_converse(runtime, user, traces))
            return
        message = Message(say or "", tuple(media), f"terminal-{user}", user, "terminal", speak is not None)
        reply = asyncio.run(one_turn(runtime, message, as_json, speak, traces))
        if not as_json:
            if reply.consent:
                click.echo(f"{reply.consent} (/privacy)")
            hand_over(runtime, reply, user)
    finally:
        runtime.close()


async def one_turn(
    bot: Bot,
    message: Message,
    as_json: bool = False,
    speak: Path | None = None,
    traces: Sequence[Trace] | None = None,
) -> Reply:
    """Run one turn and print it, as JSON or for people; return the reply.

    The last of the `traces` is this turn's, when it has ended: what its rules saw is printed, too.
    """
    reply: Reply | None = None
    sounds: list[Sound] = []
    async for event in bot.answer(message):
        if isinstance(event, Reply):
            reply = event
        elif isinstance(event, Sound):
            sounds.append(event)
        elif not as_json:
            _show(event)
    if reply is None:
        raise click.ClickException("the turn ended without an answer")
    if speak is not None and sounds:
        speak.write_bytes(joined(sounds).wav())
        reply.audio = str(speak)
    judged = traces[-1].judged if traces else []
    if as_json:
        values = reply.as_dict()
        if traces is not None:
            values["trace"] = {"rules": [judged_as_dict(one) for one in judged]}
        click.echo(json.dumps(values, ensure_ascii=False, indent=1))
    else:
        click.echo("")
        if reply.choices and reply.about_data:
            click.echo(f"  [{'] ['.join(reply.choices)}]")
        click.echo(click.style(footnotes(reply), dim=True))
        for one in weightiest_first(judged):
            click.echo(click.style(f"  {judged_text(one)}", dim=True))
    return reply


def _show(event: Heard | Seen | Progress | Delta) -> None:
    if isinstance(event, Heard):
        click.echo(click.style(f"  heard ({event.language}): {event.transcript}", dim=True))
    elif isinstance(event, Seen):
        read = " / ".join(event.text.splitlines())
        click.echo(click.style(f"  read in the picture: {read or '(no text)'}", dim=True))
        if event.labels:
            click.echo(click.style(f"  it looks like: {', '.join(event.labels)}", dim=True))
    elif isinstance(event, Progress):
        click.echo(click.style(f"  {event.text}", dim=True))
    else:
        click.echo(event.text, nl=False)


def footnotes(reply: Reply) -> str:
    """Return the sources of a reply and the time of each stage, for people."""
    lines = [f"  source: {source.source} ({source.score:.2f})" for source in reply.sources]
    lines += [f"  rule: {rule.id} → {rule.did}" for rule in reply.rules]
    times = " · ".join(f"{stage} {ms:.1f}" for stage, ms in reply.milliseconds.items())
    understood = f"{reply.intent} ({reply.confidence:.0%})" if reply.intent else "no intent"
    return "\n".join([*lines, f"  {understood} · ms: {times}"])


def hand_over(bot: Bot, reply: Reply, user: str) -> None:
    """Write the files of an export into the working folder, and tell where they are."""
    if reply.skill == EXPORT:
        for file in bot.export_files(user, reply.language):
            path = free(Path(file.name))
            path.write_bytes(file.data)
            click.echo(f"  {path.resolve()}")


def free(path: Path) -> Path:
    """Return a path that is not there yet: the given one, or one with a number."""
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(one for one in chain([path], numbered) if not one.exists())


async def _converse(runtime: Runtime, user: str, traces: Sequence[Trace] | None = None) -> None:
    profile = runtime.profile
    click.echo(click.style(f"{profile.name}: ", bold=True) + profile.greeting[profile.languages[0]])
    about = "/image FILE and /audio FILE send files; /privacy, /export, /forget are about your data"
    click.echo(click.style(f"(an empty line or Ctrl-D ends; {about})", dim=True))
    conversation = f"terminal-{user}"
    asked: Reply | None = None  # whose question for consent is open
    above = False  # that question stands right above the line
    while True:
        try:
            line = (await asyncio.to_thread(input, "> ")).strip()
        except (EOFError, KeyboardInterrupt):
            return
        if not line:
            return
        if asked is not None and above and (agreed := is_agreed(line)) is not None:
            line = label("agree" if agreed else "withdraw", asked.language)  # what the button of other channels says
        try:
            text, media = attachments(line)
            click.echo(click.style(f"{profile.name}: ", bold=True), nl=False)
            reply = await one_turn(runtime, Message(text, tuple(media), conversation, user), traces=traces)
            hand_over(runtime, reply, user)
            asked = None if runtime.consent(user) is not None else reply if reply.consent else asked
            above = asked is not None and not _waits(runtime, conversation)
            above = above and not any(rule.did in HELPING for rule in reply.rules)
            if asked is not None and above:
                yes, no = phrase("yes", asked.language), phrase("no", asked.language)
                click.echo(f"{asked.consent} [{yes}/{no}]")
            elif reply.consent:
                click.echo(f"{reply.consent} (/privacy)")
        except (OSError, ValueError) as error:
            click.echo(f"that file cannot be read: {error}")
        except Exception as error:
            from ..errors import PersonacError

            if not isinstance(error, PersonacError):
                raise
            click.echo(str(error))


def is_agreed(line: str) -> bool | None:
    """Tell whether a line below the question for consent is a yes or a no; None for any other message."""
    plain = simplified(line)
    short = plain.casefold().strip(" .!。！")
    return {"y": True, "好": True, "好的": True, "n": False, "否": False}.get(short, answer(plain))


def _waits(runtime: Runtime, conversation: str) -> bool:
    """Tell whether the persona has asked something itself, which a yes or a no would answer."""
    state = runtime.state(conversation)
    return state.asking is not None and state.intent != AGREEING


def attachments(line: str) -> tuple[str, Sequence[Media]]:
    """Return the text and the files of a line; raise OSError when a file cannot be read."""
    for command_name, kind in (("/image ", "image"), ("/audio ", "audio")):
        if line.startswith(command_name):
            path = Path(line[len(command_name) :].strip()).expanduser()
            return "", [Media("image" if kind == "image" else "audio", path.read_bytes(), name=path.name)]
    return line, []
