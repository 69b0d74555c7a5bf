"""The description of the interface: OpenAPI, as it is answered and no more.

Knows what FastAPI writes; does not know what the paths do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI

UNUSED = ("HTTPValidationError", "ValidationError")


def describe_paths(app: FastAPI, models: Sequence[str]) -> None:
    """Let an application name its personas as models, and only the refusals that it gives."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _corrected(plain(), models)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _corrected(schema: dict[str, Any], models: Sequence[str]) -> dict[str, Any]:
    known = schema.get("components", {}).get("schemas", {})
    for operations in schema["paths"].values():
        for operation in operations.values():
            if UNUSED[0] in str(operation["responses"].get("422", "")):
                del operation["responses"]["422"]  # below /v1 a wrong field is a 400, as OpenAI's own is
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == "model":
                    parameter["schema"]["examples"] = list(models)
    for name in UNUSED:
        known.pop(name, None)
    for shape in known.values():
        if "model" in shape.get("properties", {}):
            shape["properties"]["model"]["examples"] = list(models)
    return schema
