"""personac voice verify: was a recording spoken by a machine in a person's voice?"""

from __future__ import annotations

import io
import json
from pathlib import Path

import click

from ..errors import BadInput

LONGEST = 3600.0  # seconds
UNREAD = {
    "sound_empty": "there is no sound in it",
    "not_a_sound": "no sound that can be read; WAV, MP3, M4A, Ogg, FLAC and WebM can",
    "no_sound_track": "there is no sound track in it",
    "sound_damaged": "it is damaged and cannot be decoded",
    "sound_too_long": f"it is longer than {LONGEST / 60:.0f} minutes; cut it into parts",
}
"""What is said to an operator of a file that cannot be looked at, by the code of `decode_sound`."""


@click.group("voice")
def command() -> None:
    """Tell whether speech was made in the voice of a person."""


@command.command("verify")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each file.")
@click.pass_context
def verify(context: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
    """Look for the mark of imitated voices in recordings, and for what the file says of itself.

    Exit 0 when all are marked, 1 when one is not, or cannot be read.
    """
    from ..models.sound import decode_sound
    from ..models.watermark import ENOUGH, find

    marked = True
    for file in files:
        data = file.read_bytes()
        try:
            found = find(decode_sound(data, longest=LONGEST))
        except BadInput as error:
            marked = False
            why = UNREAD.get(error.code, str(error))
            if as_json:
                click.echo(json.dumps({"file": str(file), "error": why}, ensure_ascii=False))
            else:
                click.echo(f"{file}: {why}", err=True)
            continue
        note = note_of(data)
        marked &= found.marked
        score = max(found.score, found.best)
        if as_json:
            values = {"file": str(file), "marked": found.marked, "score": round(score, 2), "enough": ENOUGH,
                      "parts": found.parts, "note": note}  # fmt: skip
            click.echo(json.dumps(values, ensure_ascii=False))
            continue
        where = ", ".join(f"{start:.1f} to {end:.1f} s" for start, end in found.parts)
        told = f"marked as a machine's speech in a person's voice{f' ({where})' if where else ''}"
        click.echo(f"{file}: {told if found.marked else 'no mark found'}; score {score:.1f}, needed {ENOUGH}")
        click.echo(f"  the file says: {note}" if note else "  the file says nothing of it")
    context.exit(0 if marked else 1)


def note_of(data: bytes) -> str:
    """Return the comment of a sound file that `decode_sound` reads, empty when there is none."""
    import av

    with av.open(io.BytesIO(data), metadata_errors="ignore") as container:
        places = [container.metadata, *(stream.metadata for stream in container.streams)]
    named = {key.lower(): value for place in places for key, value in place.items()}
    return named.get("comment", "")
