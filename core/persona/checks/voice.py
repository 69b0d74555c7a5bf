"""Check a persona's voice: a person's may be imitated only when they agreed, and by an engine that can."""

from __future__ import annotations

from datetime import date
from pathlib import PurePosixPath

from ..consent import read_consent
from ..findings import Findings
from ..nodes import Node, get, key_span, text

RECORDINGS = (".wav", ".mp3", ".ogg", ".flac", ".m4a")
"""The endings of recordings of a voice."""


def check_voice(tree: Node, findings: Findings) -> None:
    """Report a voice that is imitated without consent, a consent that says too little, an engine that cannot."""
    voice = get(tree, "voice")
    reference, consent, speaker = (get(voice, key) for key in ("reference", "consent_by", "speaker"))
    if speaker is not None and PurePosixPath(text(speaker) or "").suffix.lower() in RECORDINGS:
        message = "a recording is no speaker of a model: it is imitated, and that needs consent"
        findings.error("P0313", message, speaker.span, "write it as `reference:`, with `consent_by: NAME, DATE`")
    if reference is not None and not text(consent):
        span = key_span(voice, "reference") or reference.span
        message = "a voice may be imitated only with the consent of the person it belongs to"
        findings.error("P0313", message, span, "add `consent_by: NAME, DATE`, with who agreed and when")
    if consent is not None and (said := text(consent)):
        read = read_consent(said)
        if read is None:
            advice = "write the name, a comma and the day: `consent_by: Nora Lind, 2026-03-01` or `李娜，2026年3月1日`"
            findings.error("P0370", "this does not say who agreed and when", consent.span, advice)
        elif read.day > date.today():
            message = f"nobody can have agreed on {read.day}: it is to come"
            findings.error("P0370", message, consent.span, "write the day on which they agreed")
    elif get(voice, "consent_recording") is not None:
        span = key_span(voice, "consent_recording") or tree.span
        findings.error("P0370", "a recorded consent needs who agreed and when", span, "add `consent_by: NAME, DATE`")
    if reference is not None and text(consent) and not _can_imitate(voice):
        span = key_span(voice, "reference") or reference.span
        message = "this voice is made by an engine that imitates nobody, so the recording is not used"
        advice = "name a model that can, `engine: coqui` with `model: …`, or delete `reference`"
        findings.warning("P0371", message, span, advice)


def _can_imitate(voice: Node | None) -> bool:
    """Tell whether the engine is Coqui, as `load_voice` chooses it."""
    engine, model = text(get(voice, "engine")) or "auto", text(get(voice, "model"))
    return bool(model) and (engine == "coqui" or (engine == "auto" and not str(model).endswith(".onnx")))
