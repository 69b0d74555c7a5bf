"""Run the skills of a persona's plugins: with limits, off the server's event loop, and answerable for what they do.

Knows plugins by their contract and nothing of turns; whoever calls makes the context and says the words.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any, Literal

from ..persona.schema import Rule
from ..plugin import Fact, Found, Manifest, Recogniser, Skill, SkillContext, SkillResult
from .admit import TOLD, TOLD_CHARACTERS, admit
from .threads import LOOK_SECONDS, CutOff, Loop, interrupt, on_thread, where
from .typed import argument, arguments

log = logging.getLogger("personac")
FOUND = 20  # values that a slot type may find in a text
QUICK_SECONDS = 0.5  # that slot types and checks of slots may take
STUCK = 8  # calls of a plugin that did not end when told to; more of it are not begun until one of them has


@dataclass(slots=True)
class Loaded:
    """Hold a plugin that fits, made for one persona."""

    name: str
    manifest: Manifest
    plugin: Any
    skills: Mapping[str, Skill]
    close: Callable[[], Any] = lambda: None
    slot_types: Mapping[str, Recogniser] = field(default_factory=dict)
    knowledge: tuple[Fact, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tell what came of a call: a result, nothing (the skill declined), or a failure, told to the operator already."""

    state: Literal["answered", "declined", "failed"]
    result: SkillResult | None = None
    error: BaseException | None = None


@dataclass(slots=True)
class _Place:
    """Hold where a plugin runs, and the calls that did not end."""

    loaded: Loaded
    loop: Loop | None = None
    stuck: list[Future[Any]] = field(default_factory=list)

    def crowded(self) -> bool:
        self.stuck = [call for call in self.stuck if not call.done()]
        return len(self.stuck) >= STUCK


class Host:
    """Run the plugins of one persona."""

    def __init__(self, plugins: Mapping[str, Loaded], after: Callable[[], Any] = lambda: None) -> None:
        """Hold plugins; `after` is called when they have been let go."""
        self.plugins = dict(plugins)
        self._after = after
        self._places = {name: _Place(loaded) for name, loaded in self.plugins.items()}

    def skill(self, name: str) -> Skill | None:
        """Return a skill by plugin.skill, None when there is none."""
        plugin, _, own = name.partition(".")
        loaded = self.plugins.get(plugin)
        return loaded.skills.get(own) if loaded else None

    def reads(self, name: str) -> Manifest | None:
        """Return the manifest of a skill's plugin."""
        loaded = self.plugins.get(name.partition(".")[0])
        return loaded.manifest if loaded else None

    async def run(self, name: str, context: SkillContext, tell: Callable[[str], None] = lambda text: None) -> Outcome:
        """Run a skill and return what came of it; nothing that it does is raised here.

        `tell` is called on this event loop with what the skill shows while it works.
        """
        skill = self.skill(name)
        if skill is None:
            log.error("the skill %s is not there", name)
            return Outcome("failed")
        place = self._places[name.partition(".")[0]]
        if place.crowded():
            log.error("the skill %s is not called: %d calls of its plugin have not ended", name, STUCK)
            return Outcome("failed")
        started = time.perf_counter()
        try:
            given = replace(_allowed(context, place.loaded.manifest), tell=_teller(tell))
            call = partial(skill.run, given, **arguments(skill, given.slots))
            made = await self._call(place, skill, name, call)
            result = admit(name, made, place.loaded.skills)
        except asyncio.CancelledError:
            raise
        except CutOff as error:
            log.error("the skill %s was cut off after %.1f s: %s", name, time.perf_counter() - started, error)
            return Outcome("failed", error=error)
        except BaseException as error:  # a plugin may raise anything; the turn goes on without it
            trace = "".join(traceback.format_exception(error))
            log.error("the skill %s failed\n%s", name, trace)
            return Outcome("failed", error=error)
        return Outcome("declined") if result is None else Outcome("answered", result)

    def recognise(self, kind: str, text: str, language: str) -> list[Found]:
        """Return what a plugin's slot type finds in a text, within a short time; a fault finds nothing.

        Blocks; for threads that may wait.
        """
        plugin, _, own = kind.partition(".")
        place = self._places.get(plugin)
        recogniser = place.loaded.slot_types.get(own) if place is not None else None
        if place is None or recogniser is None or place.crowded():
            return []
        made = self._quickly(place, f"the slot type {kind}", lambda: list(islice(recogniser(text, language), FOUND)))
        return [one for one in made or () if _fits(one, text)]

    def refused(self, name: str, slot: str, value: Any, language: str) -> str:
        """Return what a skill has against a slot's value, nothing when it takes it; a fault takes it.

        Blocks; for threads that may wait.
        """
        skill = self.skill(name)
        check = skill.checks.get(slot) if skill is not None else None
        place = self._places.get(name.partition(".")[0])
        if skill is None or check is None or place is None or place.crowded():
            return ""
        what = f"the check of {slot} of the skill {name}"
        said = self._quickly(place, what, lambda: check(argument(skill, slot, value), language))
        return said[:TOLD_CHARACTERS] if isinstance(said, str) else ""

    @staticmethod
    def _quickly(place: _Place, what: str, call: Callable[[], Any]) -> Any:
        """Return what a plugin's function returns within a short time, None when it fails; block until then."""
        future, thread = on_thread(place.loaded.name, call)
        try:
            return future.result(QUICK_SECONDS)
        except TimeoutError:
            place.stuck.append(future)
            interrupt(thread)
            log.error("%s was cut off after %g s", what, QUICK_SECONDS)
        except BaseException as error:  # a plugin may raise anything
            log.error("%s failed\n%s", what, "".join(traceback.format_exception(error)))
        return None

    def close(self) -> None:
        """Let plugins go; one that does not end soon is left behind."""
        for name, place in self._places.items():
            future, _ = on_thread(name, place.loaded.close)
            try:
                future.result(timeout=2.0)
            except BaseException:
                log.warning("the plugin %s did not close", name, exc_info=True)
            if place.loop is not None:
                place.loop.close()
        self._after()

    async def _call(self, place: _Place, skill: Skill, name: str, call: Callable[[], Any]) -> Any:
        if not _is_async(skill.run):
            future, thread = on_thread(name, call)
            try:
                return await self._wait(future, skill.seconds, lambda: False)
            except BaseException as error:
                if not future.done():
                    place.stuck.append(future)
                    interrupt(thread)
                    if isinstance(error, CutOff):
                        raise CutOff(f"it has not ended\n{where(thread)}") from None
                raise
        loop = place.loop
        if loop is None or loop.retired or not loop.thread.is_alive():
            loop = place.loop = Loop(place.loaded.name)
        future, tasks = loop.submit(call)
        try:
            return await self._wait(future, skill.seconds, partial(_check, loop, tasks))
        except BaseException as error:
            if not future.done():
                place.stuck.append(future)
                if tasks:
                    loop.cancel(tasks[0])
                if isinstance(error, CutOff) and loop.retired:
                    raise CutOff(f"it blocked the event loop\n{where(loop.thread)}") from None
            raise

    @staticmethod
    async def _wait(future: Future[Any], seconds: float, check: Callable[[], bool]) -> Any:
        """Wait for a call; raise CutOff when its time is over, or `check` says that it must end."""
        waiting = asyncio.wrap_future(future)
        waiting.add_done_callback(lambda done: done.cancelled() or done.exception())  # one that ends later is heard
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            done, _ = await asyncio.wait([waiting], timeout=max(0.0, min(left, LOOK_SECONDS)))
            if done:
                return waiting.result()
            if left <= 0:
                raise CutOff(f"it took more than {seconds:g} s")
            if check():
                raise CutOff("it blocked")


def _check(loop: Loop, tasks: list[asyncio.Task[Any]]) -> bool:
    """Tell whether this call holds its loop; then the loop is retired, and what holds it is told to end."""
    if not loop.thread.is_alive():
        return True
    if not loop.is_blocked():
        return False
    own = bool(tasks) and loop.running() is tasks[0]
    if own or not loop.retired:
        loop.retire()
    return own


def _fits(found: Any, text: str) -> bool:
    """Tell whether a recogniser's value is one: JSON, and within the text."""
    if not (isinstance(found, Found) and isinstance(found.start, int) and isinstance(found.end, int)):
        return False
    try:
        json.dumps(found.value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return 0 <= found.start < found.end <= len(text)


def _is_async(run: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(run) or inspect.iscoroutinefunction(getattr(run, "__call__", None))  # noqa: B004


def _allowed(context: SkillContext, manifest: Manifest) -> SkillContext:
    """Leave out of a context what the manifest does not say that the plugin reads."""
    personal = manifest.reads_personal_data
    return replace(
        context,
        text=context.text if personal or "text" in manifest.reads else "",
        slots=context.slots if personal or "slots" in manifest.reads else {},
        media=context.media if "media" in manifest.reads else (),
        seen=context.seen if "media" in manifest.reads else (),
        history=context.history if "history" in manifest.reads else (),
        facts=context.facts if "memory" in manifest.reads else {},
        remembered=context.remembered if personal or "slots" in manifest.reads else {},
    )


def _teller(tell: Callable[[str], None]) -> Callable[[str], None]:
    """Return what a skill calls, on whichever thread, to show a word; a flood of them ends after some."""
    loop = asyncio.get_running_loop()
    told = 0

    def pass_on(text: str) -> None:
        nonlocal told
        told += 1
        if told <= TOLD and isinstance(text, str) and text.strip():
            with suppress(RuntimeError):  # the server has ended
                loop.call_soon_threadsafe(tell, text[:TOLD_CHARACTERS])

    return pass_on


__all__ = ["Host", "Loaded", "Outcome"]
