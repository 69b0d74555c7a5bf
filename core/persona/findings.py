"""Gather the findings of a check."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics import Diagnostic, Span


class Findings:
    """Gather findings, in any order."""

    def __init__(self, diagnostics: Iterable[Diagnostic] = ()) -> None:
        self.all = list(diagnostics)

    def error(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        """Add something that must be put right."""
        self.all.append(Diagnostic(code, "error", message, span, help))

    def warning(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        """Add something that is likely not meant."""
        self.all.append(Diagnostic(code, "warning", message, span, help))
