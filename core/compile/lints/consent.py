"""Lint on a recorded consent: the recording must be speech in which the named person agrees.

Whether it is that person's voice, and the one that is imitated, is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz

from ...diagnostics import Diagnostic
from ...errors import BadInput
from ...models.choose import recognizer
from ...models.sound import decode_sound
from ...persona.consent import AGREEING, VOICE, read_consent
from ...persona.nodes import get
from .material import Material

ALIKE = 65  # of 100: how like the name what is heard must be; names are misheard


def lint_consent(material: Material) -> Iterator[Diagnostic]:
    """Report a recording in which nobody of the name is heard to agree to the use of a voice."""
    settings = material.persona.voice
    consent = read_consent(settings.consent_by or "")
    node = get(material.tree, "voice", "consent_recording")
    if settings.consent_recording is None or consent is None or node is None:
        return
    advice = f"record {consent.name} saying, for example: “I, {consent.name}, agree that my voice is imitated”"
    speech = material.persona.encoders.speech
    try:
        pcm = decode_sound((material.root / settings.consent_recording).read_bytes())
    except BadInput as error:
        yield Diagnostic("P0420", "warning", f"the consent cannot be heard: {error}", node.span, advice)
        return
    heard = recognizer("auto" if speech == "none" else speech, material.persona.languages).transcribe(pcm).text
    missing = unheard(consent.name, heard)
    if missing:
        message = f"in this recording {' and '.join(missing)} is not heard, but “{heard.strip()[:80]}”"
        yield Diagnostic("P0420", "warning", message, node.span, advice)


def unheard(name: str, heard: str) -> list[str]:
    """Return what a consent lacks: the name, that somebody agrees, and to what."""
    low = heard.lower()
    missing = [] if fuzz.partial_ratio(_sound(name), _sound(low)) >= ALIKE else [f"the name {name}"]
    missing += [] if any(word in low for word in AGREEING) else ["that somebody agrees"]
    return missing + ([] if any(word in low for word in VOICE) else ["a word of the voice"])


def _sound(text: str) -> str:
    """Return a text as it sounds, roughly: Chinese in pinyin, small letters, no blanks."""
    return "".join("".join(lazy_pinyin(text.lower())).split())
