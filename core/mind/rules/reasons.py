"""Why rules fired or did not: for people what decided, for programs all that was looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...turn import Judged, Reason
from .conditions import OUT_OF_TIME

PATTERN = 40  # characters of one that are shown


def reason_text(reason: Reason) -> str:
    """Return in one line what decided: ✓ or ✗, what was looked at, score beside threshold, parts in brackets.

    Of the parts of any and all, those that decided stand there: that held or did not as the whole, and of an any of
    which none held the nearest one.
    """
    mark = "✓" if reason.held else "✗"
    if reason.what == "not":
        return f"{mark} not [{'; '.join(map(reason_text, reason.parts))}]"
    if reason.parts:
        shown = [part for part in reason.parts if part.held == reason.held]
        if reason.what == "any" and not reason.held:
            shown = [max(reason.parts, key=_nearness)]
        count = f" of {len(reason.parts)}" if len(shown) < len(reason.parts) else ""
        return f"{mark} {reason.what}{count} [{'; '.join(map(reason_text, shown))}]"
    if reason.score is None or reason.threshold is None:
        return f"{mark} {_shortened(reason.what)}"
    sign = "≥" if reason.score >= reason.threshold else "<"
    return f"{mark} {reason.what}: {reason.score:.2f} {sign} {reason.threshold:.2f}"


def _shortened(what: str) -> str:
    """Return what was looked at with a long pattern cut to its beginning."""
    known = what.removesuffix(f": {OUT_OF_TIME}")
    if not known.startswith("pattern ") or len(known) <= len("pattern ") + PATTERN:
        return what
    return f"{known[: len('pattern ') + PATTERN - 1]}…{what[len(known) :]}"


def _nearness(reason: Reason) -> float:
    """Return how near a condition came to holding: its score above the threshold, 1 where it held, else -1."""
    if reason.held:
        return 1.0
    if reason.parts and reason.what != "not":
        return (min if reason.what == "all" else max)(map(_nearness, reason.parts))
    return -1.0 if reason.score is None or reason.threshold is None else reason.score - reason.threshold


def judged_text(judged: Judged) -> str:
    """Return in one line what a rule did on one side of the turn, and what decided it."""
    did = judged.did or (f"gave way to {judged.instead}" if judged.instead else "did not fire")
    return f"{judged.rule} ({judged.side}): {did}: {reason_text(judged.why)}"


def weightiest_first(judged: Iterable[Judged]) -> list[Judged]:
    """Return what rules did in the order in which it matters: those that acted, that gave way, that did not fire."""
    return sorted(judged, key=lambda one: 0 if one.did else 1 if one.instead else 2)


def judged_as_dict(judged: Judged) -> dict[str, Any]:
    """Return the same as JSON-ready values."""
    return {
        "rule": judged.rule,
        "side": judged.side,
        "did": judged.did or None,
        "gave_way_to": judged.instead or None,
        "why": reason_as_dict(judged.why),
    }


def reason_as_dict(reason: Reason) -> dict[str, Any]:
    """Return a reason as JSON-ready values."""
    values: dict[str, Any] = {"held": reason.held, "what": reason.what}
    if reason.score is not None and reason.threshold is not None:
        values |= {"score": round(reason.score, 4), "threshold": round(reason.threshold, 4)}
    if reason.parts:
        values["parts"] = [reason_as_dict(part) for part in reason.parts]
    return values
