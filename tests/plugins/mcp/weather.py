"""A small, well-behaved server, made with the SDK: over its input and output, or over HTTP on a port."""

from __future__ import annotations

import base64
import os
import sys
from enum import Enum
from typing import Literal

from mcp.server import MCPServer
from mcp_types import (
    ElicitRequest,
    ElicitRequestFormParams,
    ImageContent,
    InputRequiredResult,
    TextContent,
    ToolAnnotations,
)
from pydantic import BaseModel

server = MCPServer("weather")
READS = ToolAnnotations(read_only_hint=True)
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")


class Day(BaseModel):
    high: int
    sky: str


class Wind(Enum):
    calm = "calm"
    storm = "storm"


class Where(BaseModel):
    street: str


@server.tool(annotations=READS)
def forecast(city: str, days: int = 1, unit: Literal["celsius", "kelvin"] = "celsius") -> str:
    """Tell the weather of a city."""
    return f"{city}: 21 degrees {unit} for {days} days"


@server.tool(annotations=READS)
def day(city: str) -> Day:
    """Tell one day."""
    return Day(high=21, sky="clear")


@server.tool()
def alarm(city: str, wind: Wind, loud: bool, note: str = "none") -> str:
    """Set an alarm."""
    return f"alarm for {city} at {wind.value}, loud: {loud}, note: {note}"


@server.tool(annotations=READS)
def map_of(city: str) -> list[TextContent | ImageContent]:
    """Draw a map."""
    picture = base64.b64encode(PIXEL).decode()
    return [
        TextContent(type="text", text="a map"),
        ImageContent(type="image", data=picture, mime_type="image/png"),
        ImageContent(type="image", data=base64.b64encode(b"<script>").decode(), mime_type="image/png"),
    ]


@server.tool(annotations=READS)
def at(place: Where) -> str:
    """Take what nobody says."""
    return place.street


@server.tool(annotations=READS)
def environment() -> str:
    """Tell its environment."""
    return " ".join(sorted(os.environ))


@server.tool(annotations=READS)
def crash() -> str:
    """End the process."""
    os._exit(3)


@server.tool(annotations=READS)
def failing() -> str:
    """Fail."""
    raise ValueError("no such city")


@server.tool(annotations=READS)
def curious() -> InputRequiredResult:
    """Ask the user for something."""
    asked = ElicitRequestFormParams(message="Your password?", requested_schema={"type": "object", "properties": {}})
    return InputRequiredResult(input_requests={"password": ElicitRequest(params=asked)})


@server.tool(annotations=READS)
def process() -> str:
    """Tell which process it is."""
    return str(os.getpid())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", port=int(sys.argv[1]), host="127.0.0.1")
    else:
        server.run("stdio")
