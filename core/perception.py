"""What a message says: typed, heard in its recordings, read and seen in its pictures and videos.

Knows the models behind hearing and sight only as protocols, and neither the persona nor what a message means.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .contracts import PictureLabeller
from .errors import BadInput
from .message import Event, Heard, Media, Message, Seen
from .mind.understanding.views import Picture, pictures_of
from .mind.understanding.voices import sounds_of
from .models.language import is_mute
from .turn import Percept, Transcript, Vector

if TYPE_CHECKING:
    from .contracts import Encoder, PictureReader, Recognizer
    from .senses import Lazy

TEXT_CHARACTERS = 4000
MEDIA_PIECES = 4
LABEL_SURE = 0.25


def check_size(message: Message) -> None:
    """Raise BadInput when a message is longer, or has more recordings and pictures, than is taken at a time."""
    if len(message.text) > TEXT_CHARACTERS:
        raise BadInput(
            "text_too_long",
            f"That message has {len(message.text):,} characters; please keep it under {TEXT_CHARACTERS:,}.",
        )
    if len(message.media) > MEDIA_PIECES:
        raise BadInput("too_many_media", f"Please send at most {MEDIA_PIECES} pictures or recordings at a time.")


class Detect(Protocol):
    """Tell the language of a text, given that of the conversation so far."""

    def __call__(self, text: str, previous: str | None = None) -> str:
        """Return the language's code."""
        ...


@dataclass(frozen=True, slots=True)
class Perception:
    """Hear and see for a persona; what it has no model for is None."""

    detect: Detect
    language: str  # of a message without words that begins a conversation
    hearing: Lazy[Recognizer] | None = None
    sight: Lazy[tuple[Encoder, PictureReader]] | None = None
    previous: str | None = None  # the conversation's language so far

    async def perceive(self, message: Message, percept: Percept) -> AsyncIterator[Event]:
        """Yield what is heard and seen, and fill the percept with all but the vectors of its text."""
        typed = message.text.strip()
        texts = [typed]
        spoken: str | None = None
        for media in message.media:
            heard, seen, vectors = await asyncio.to_thread(self.take_in, media)
            percept.vectors.update(vectors)
            if heard is not None:
                percept.transcript = heard
                spoken = heard.language
                texts.append(heard.text)
                yield Heard(heard.text, heard.language)
            if seen is not None:
                percept.picture_text = "\n".join(filter(None, [percept.picture_text, seen.text])) or ""
                percept.labels = (*percept.labels, *seen.labels)
                texts.append(seen.text)
                yield seen
        percept.text = "\n".join(text for text in texts if text)
        own_words = "\n".join(filter(None, [typed, percept.transcript.text if percept.transcript else ""]))
        said = own_words or percept.text
        percept.language = (self.previous or self.language) if is_mute(said) else self.detect(said, self.previous)
        if spoken and percept.text and not typed:
            percept.language = spoken

    def take_in(self, media: Media) -> tuple[Transcript | None, Seen | None, dict[str, Vector]]:
        """Return what is heard and seen in a sound, a picture or a video, and its tokens; raise BadInput."""
        if media.kind == "audio":
            transcript, sounds = self.hear(media.data)
            return transcript, None, sounds
        if media.kind == "image":
            from .models.picture import decode_picture

            return None, *self.see([decode_picture(media.data)])
        from .models.video import decode_video

        video = decode_video(media.data)
        heard: Transcript | None = None
        seen: Seen | None = None
        tokens: dict[str, Vector] = {}
        if video.has_sound and (self.hearing is not None or not video.pictures):
            heard, tokens = self.hear(media.data)
        if video.pictures and (self.sight is not None or heard is None):
            seen, vectors = self.see(video.pictures)
            tokens |= vectors
        return heard, seen, tokens

    def hear(self, data: bytes) -> tuple[Transcript, dict[str, Vector]]:
        """Return what is said in a recording, and its tokens; raise BadInput."""
        if self.hearing is None:
            raise BadInput("no_hearing", "This persona cannot hear; please type your question.")
        from .models.sound import decode_sound

        pcm = decode_sound(data)
        transcript = self.hearing.get().transcribe(pcm)
        return transcript, sounds_of(pcm, transcript.states)

    def see(self, pictures: Sequence[Picture]) -> tuple[Seen, dict[str, Vector]]:
        """Return what one picture shows, or several of a video: their text is read in the one in the middle."""
        if self.sight is None:
            raise BadInput("no_sight", "This persona cannot see pictures; please type your question.")
        encoder, reader = self.sight.get()
        vectors, tokens = pictures_of(encoder, pictures)
        named = encoder.label(vectors)[0] if isinstance(encoder, PictureLabeller) else []
        labels = [name for name, probability in named if probability >= LABEL_SURE][:3]
        return Seen("\n".join(reader.read(pictures[len(pictures) // 2])), tuple(labels)), tokens


__all__ = ["Detect", "Perception", "check_size"]
