"""A real browser with a microphone that plays a recording, and a line to a server that can be cut."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import wave
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

DEMO = Path(__file__).parents[4] / "personas" / "tour_guide" / "demo"
CHROMIUM = shutil.which("chromium")
PATIENCE = 30_000  # milliseconds; a wait ends as soon as what it waits for is there
Make = Callable[..., Any]
expect.set_options(timeout=PATIENCE)


class Line:
    """A TCP line to a server that can be cut, and mended; what goes over it is passed on as it is."""

    def __init__(self, port: int) -> None:
        self._to, self._up, self._frozen = port, True, False
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End all connections and let none come about."""
        self._up = False
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open.clear()

    def freeze(self) -> None:
        """Lose all that is sent from now on, with nobody told."""
        self._frozen = True

    def mend(self) -> None:
        """Let new connections come about."""
        self._up, self._frozen = True, False

    def close(self) -> None:
        """Cut it for good."""
        self.cut()
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._socket.accept()
            except OSError:
                return
            try:
                if not self._up:
                    raise OSError
                far = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                near.close()
                continue
            self._open += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if not self._frozen:
                    other.sendall(data)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.fixture
def lay() -> Iterator[Callable[[int], Line]]:
    """Return a function that lays a line to a port."""
    lines: list[Line] = []

    def laid(port: int) -> Line:
        lines.append(Line(port))
        return lines[-1]

    yield laid
    for line in lines:
        line.close()


def microphone(folder: Path) -> Path:
    """Write what the microphone hears: a second of quiet, the question, quiet; at 48 kHz, as Chromium wants it."""
    with wave.open(str(DEMO / "question.wav")) as file:
        spoken = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32)
    places = np.arange(len(spoken) * 3) / 3
    pcm = np.concatenate([np.zeros(48_000), np.interp(places, np.arange(len(spoken)), spoken), np.zeros(480_000)])
    path = folder / "microphone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(pcm.astype(np.int16).tobytes())
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start Chromium with a microphone that plays a question."""
    sound = microphone(tmp_path_factory.mktemp("microphone"))
    flags = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={sound}%noloop", "--autoplay-policy=no-user-gesture-required",
    ]  # fmt: skip
    if CHROMIUM is None:
        pytest.skip("no chromium here; get it with: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Make]:
    """Return a function that opens the page as a new visitor; a page that complained fails its test."""
    pages: list[Page] = []
    complaints: list[str] = []
    ignored = "WebSocket connection to|status of 400|ERR_CONNECTION"  # what tests do to a server

    def opened(server: Any, address: str = "", expected: str = "", **options: Any) -> Page:
        nonlocal ignored
        ignored += f"|{expected}" if expected else ""
        settings: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options}
        page = browser.new_context(**settings).new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        pages.append(page)
        page.goto(address or server.base)
        if not address:
            expect(page.locator("html")).to_have_attribute("data-connected", "true")
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert not [line for line in complaints if not re.search(ignored, line)]
