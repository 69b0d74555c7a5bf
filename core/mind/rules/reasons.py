"""Why rules fired or did not, as people read it."""

from __future__ import annotations

from typing import Any

from ...turn import Judged, Reason


def reason_text(reason: Reason) -> str:
    """Return a reason in one line: ✓ or ✗, what was looked at, score beside threshold, parts in brackets."""
    mark = "✓" if reason.held else "✗"
    if reason.parts:
        return f"{mark} {reason.what} [{'; '.join(map(reason_text, reason.parts))}]"
    if reason.score is None or reason.threshold is None:
        return f"{mark} {reason.what}"
    sign = "≥" if reason.score >= reason.threshold else "<"
    return f"{mark} {reason.what}: {reason.score:.2f} {sign} {reason.threshold:.2f}"


def judged_text(judged: Judged) -> str:
    """Return in one line what a rule did on one side of the turn, and why."""
    did = judged.did or (f"gave way to {judged.instead}" if judged.instead else "did not fire")
    return f"{judged.rule} ({judged.side}): {did}: {reason_text(judged.why)}"


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
