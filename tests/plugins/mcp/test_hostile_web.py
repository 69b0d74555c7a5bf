"""Servers that misbehave over HTTP."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from personac.plugins.mcp import Mcp
from personac.testing import SkillClient

pytest.importorskip("mcp", reason="the extra mcp is not installed")
TOOL = {
    "name": "look",
    "inputSchema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "annotations": {"readOnlyHint": True},
}


class Far:
    """A server of JSON over HTTP that misbehaves in a call as `how` says."""

    def __init__(self) -> None:
        self.how = ""
        self.headers: list[dict[str, str]] = []
        self.go_on = threading.Event()
        far = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                far.headers.append({name.lower(): value for name, value in self.headers.items()})
                try:
                    far.answer(self, message)
                except OSError:
                    return  # the client hung up

            def do_GET(self) -> None:
                self.send_response(405)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_DELETE = do_GET

            def log_message(self, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/mcp"

    def answer(self, handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        """Answer one message."""
        method, id = message["method"], message.get("id")
        if id is None:
            send(handler, b"", 202)
        elif method == "initialize":
            version = message["params"]["protocolVersion"]
            info = {"name": "far", "version": "1"}
            reply(handler, id, {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info})
        elif method == "tools/list":
            reply(handler, id, {"tools": [TOOL]})
        elif method == "tools/call":
            self.misbehave(handler, id)
        else:
            send(handler, json.dumps({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "no"}}).encode())

    def misbehave(self, handler: BaseHTTPRequestHandler, id: Any) -> None:
        """Answer a call in the way that the test wants."""
        result = {"content": [{"type": "text", "text": "x" * (6_000_000 if self.how == "is huge" else 3)}]}
        body = json.dumps({"jsonrpc": "2.0", "id": id, "result": result}).encode()
        if self.how == "stalls":
            self.go_on.wait(30)
        elif self.how == "is packed":
            send(handler, gzip.compress(body), 200, {"Content-Encoding": "gzip"})
        elif self.how == "leads elsewhere":
            send(handler, b"", 307, {"Location": "http://evil.example/mcp"})
        elif self.how == "is a page":
            send(handler, b"<html>hello</html>", 200, {"Content-Type": "text/html"})
        elif self.how == "wants a key":
            send(handler, b"", 401)
        elif self.how == "is no JSON":
            send(handler, b"{{{")
        elif self.how == "answers another":
            send(handler, body.replace(b'"id": ', b'"id": 99'))
        else:
            send(handler, body)


def send(
    handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, headers: dict[str, str] | None = None
) -> None:
    """Send a response."""
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def reply(handler: BaseHTTPRequestHandler, id: Any, result: dict[str, Any]) -> None:
    """Send a result."""
    send(handler, json.dumps({"jsonrpc": "2.0", "id": id, "result": result}).encode())


@pytest.fixture
def far() -> Iterator[Far]:
    """Run that server."""
    side = Far()
    thread = threading.Thread(target=side.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield side
    side.go_on.set()
    side.server.shutdown()
    side.server.server_close()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("", "far (look) says:\nxxx"),
        ("stalls", "did not answer in time"),
        ("is huge", "cannot be reached right now"),
        ("is packed", "cannot be reached right now"),
        ("leads elsewhere", "I cannot trust"),
        ("is a page", "I cannot trust"),
        ("wants a key", "I cannot trust"),
        ("is no JSON", "I cannot trust"),
        ("answers another", "did not answer in time"),
    ],
)
async def test_a_bad_answer_costs_that_call_only(far: Far, how: str, said: str) -> None:
    settings = {"url": far.url, "allow": ["look"], "seconds": 3 if "time" in said else 30, "start_seconds": 30}
    settings["headers"] = {"Authorization": "Bearer k"}
    async with SkillClient(Mcp, servers={"far": settings}) as client:
        far.how = how
        result = await client.call("far_look", city="Beijing")
        assert result is not None
        assert said in result.text
        far.how = ""
        result = await client.call("far_look", city="Beijing")
        assert result is not None
        assert result.text == "far (look) says:\nxxx"
    assert {headers["authorization"] for headers in far.headers} == {"Bearer k"}
    assert {headers["accept-encoding"] for headers in far.headers} == {"identity"}
