"""The back office in PostgreSQL, by URL: a real server on loopback."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Open, Talk

PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), Path("/nowhere"))
INITDB = shutil.which("initdb") or str(PROGRAMS / "initdb")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Yield the URL of a server that is empty; it will not run as root, so root runs it as nobody else's user."""
    if not Path(INITDB).is_file():
        pytest.skip("PostgreSQL's initdb is not installed")
    pytest.importorskip("pg8000", reason="the driver pg8000 is not installed")
    data = Path(tempfile.mkdtemp(prefix="personac-postgres-"))  # pytest's folders are closed to other users
    programs, user = Path(INITDB).parent, {}
    if os.getuid() == 0:
        user = {"user": "postgres"}
        shutil.chown(data, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **user)  # type: ignore[call-overload]

    run(str(programs / "initdb"), "-D", str(data / "db"), "-U", "bank", "--auth=trust", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = (str(programs / "pg_ctl"), "-D", str(data / "db"))
    run(*control, "-o", options, "-l", str(data / "log"), "-w", "start")
    try:
        yield f"postgresql+pg8000://bank@127.0.0.1:{port}/postgres"
    finally:
        run(*control, "-m", "immediate", "stop")
        shutil.rmtree(data, ignore_errors=True)


async def test_the_same_work_is_done_in_postgresql_by_two_processes_at_once(server: str, open_office: Open) -> None:
    async with open_office(database=server) as one, open_office(database=server) as two:
        talks = [Talk(office, f"c{n}", f"u{n}") for n, office in enumerate((one, two, one, two))]
        await asyncio.gather(*(talk.prove() for talk in talks))
        for talk in talks:
            assert "5 pounds for ST-31" in (await talk.say("refund", "refund ST-31")).text
        said = [result.text for result in await asyncio.gather(*(talk.answer("yes") for talk in talks))]
        assert sum("I have refunded" in text for text in said) == 1
        assert sum("was refunded already" in text for text in said) == 3
        for number, matter in enumerate(("a wrong address; DROP TABLE tickets --", "a lost letter")):
            await talks[number].say("ticket", "open a ticket")
            assert f"ticket {1001 + number}" in (await talks[number].answer(matter)).text
        assert "DROP TABLE" in (await talks[2].say("ticket_status", "my ticket 1001")).text


async def test_wrong_answers_are_counted_in_postgresql(server: str, open_office: Open) -> None:
    async with open_office(database=server) as office:
        for turn in range(3):
            talk = Talk(office, f"wrong{turn}", "mallory")
            await talk.say("card", "my cards")
            await talk.answer("HB-1002")
            last = await talk.answer("1 January 1970")
        assert "minutes" in last.text
