"""What a recording is to the fused network: the tokens of a voice.

Does not know how speech is recognised; the states of the recogniser's encoder are given.
"""

from __future__ import annotations

import numpy as np

from ...models.mfcc import voice_frames, voice_measures
from ...models.sound import is_quiet
from ...turn import Vector
from .fusion import SPEECH, TONE, VOICE

TOKENS = (SPEECH, VOICE, TONE)


def sounds_of(pcm: Vector, states: Vector | None) -> dict[str, Vector]:
    """Return the tokens of a recording [n]: what the recogniser's encoder made of it, and how the voice sounds.

    SPEECH [d] is left out where the recogniser gives no states, or some that are no numbers; VOICE is [frames, FRAME]
    and TONE [MEASURES]. Silence has no token; a sample that is no number is silent.
    """
    pcm = np.nan_to_num(np.asarray(pcm, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    if is_quiet(pcm):
        return {}
    found = {VOICE: voice_frames(pcm), TONE: voice_measures(pcm)}
    return found if states is None or not np.isfinite(states).all() else {SPEECH: states, **found}
