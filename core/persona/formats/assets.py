"""The files that come with a character card: its pictures become the persona's face and expressions.

Assets: https://github.com/kwaroran/character-card-spec-v3, `assets`. Nothing is fetched from the web, nothing is run;
a picture is taken only when its first bytes are those of a picture that cannot carry scripts.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from ...errors import BadInput
from .folder import is_safe
from .portable import Portable

FOLDER = "assets"
MAX_BYTES = 32_000_000
_SIGNS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif"}
_EMOTIONS = {
    "joy": ("joy", "happy", "happiness", "smile", "joyful", "amusement", "高兴", "开心", "快乐", "喜"),
    "sadness": ("sadness", "sad", "cry", "grief", "悲伤", "难过", "伤心"),
    "anger": ("anger", "angry", "annoyance", "mad", "生气", "愤怒"),
    "fear": ("fear", "scared", "afraid", "nervousness", "害怕", "恐惧"),
    "surprise": ("surprise", "surprised", "shocked", "惊讶", "吃惊"),
    "disgust": ("disgust", "disgusted", "厌恶"),
    "neutral": ("neutral", "default", "normal", "平静", "中性"),
}
_DATA = re.compile(r"data:image/[a-z+.-]{1,20};base64,", re.IGNORECASE)


def picture_kind(data: bytes) -> str | None:
    """Return the ending of a picture by its first bytes, None when it is none."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((ending for sign, ending in _SIGNS.items() if data.startswith(sign)), None)


def stored_name(path: str) -> str:
    """Return where a file of a card stands in the persona's folder."""
    return path if path.startswith(f"{FOLDER}/") else f"{FOLDER}/other/{path}"


def take_asset(portable: Portable, path: str, data: bytes) -> None:
    """Put a file of a card among those of the persona; raise BadInput when its name is not safe or stands twice."""
    name = stored_name(path)
    if not is_safe(name):
        raise BadInput("bad_name", f"The card has a file with a name that leads elsewhere: {path[:80]!r}.")
    if name.casefold() in {other.casefold() for other in portable.files}:
        raise BadInput("bad_name", f"The card has two files named {path[:80]!r}.")
    portable.files[name] = data


def use_assets(portable: Portable, data: Mapping[str, Any], *, icon: bool = True) -> None:
    """Take the main icon as the face and pictures of emotions as expressions; tell what is not used."""
    assets = _assets_of(data)
    expressions: dict[str, str] = {}
    elsewhere = sum(str(asset.get("uri", "")).lower().startswith(("http:", "https:")) for asset in assets)
    main = _main_icon(assets) if icon else None
    if main is not None and (image := _picture(portable, main, "face")):
        portable.persona["face"] = {"image": image}
    for number, asset in enumerate(asset for asset in assets if asset.get("type") == "emotion"):
        emotion = _emotion(str(asset.get("name", "")))
        if emotion and emotion not in expressions and (image := _picture(portable, asset, f"emotion_{number}")):
            expressions[emotion] = image
    if expressions:
        portable.persona.setdefault("face", {})["expressions"] = expressions
    if elsewhere:
        portable.notes.append(f"Files elsewhere on the web are not fetched ({elsewhere}); their addresses are kept.")
    others = sorted({str(asset.get("type"))[:30] for asset in assets} - {"icon", "emotion"})
    if others:
        portable.notes.append(f"Files of these kinds are kept and not used: {', '.join(others)}.")


def put_face(portable: Portable, tree: dict[str, Any]) -> None:
    """Put the persona's face among the assets of a card, unless it came from there."""
    face = str((portable.persona.get("face") or {}).get("image") or "")
    data, fields = portable.files.get(face), tree.get("data")
    if data is None or not isinstance(fields, dict):
        return
    assets = _assets_of(fields)
    main = _main_icon(assets)
    before = Portable({}, dict(portable.files))
    if main is not None and (image := _picture(before, main, "main")) and before.files[image] == data:
        return
    ending = face.rsplit(".", 1)[-1].lower()
    name = f"{FOLDER}/icon/images/main.{ending}"
    portable.files[name] = data
    icon = {"type": "icon", "uri": f"embeded://{name}", "name": "main", "ext": ending}
    fields["assets"] = [icon, *(asset for asset in fields.get("assets") or [] if asset is not main)]


def _assets_of(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    assets = data.get("assets")
    return [asset for asset in assets if isinstance(asset, Mapping)][:1000] if isinstance(assets, list) else []


def _main_icon(assets: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    icons = [asset for asset in assets if asset.get("type") == "icon"]
    return next((asset for asset in icons if asset.get("name") == "main"), icons[0] if icons else None)


def _picture(portable: Portable, asset: Mapping[str, Any], stem: str) -> str | None:
    """Return the path of an asset's picture in the persona's folder, None when there is none that may be shown."""
    uri = str(asset.get("uri", ""))
    for scheme in ("embeded://", "embedded://", "__asset:"):
        if uri.startswith(scheme):
            name = stored_name(uri.removeprefix(scheme))
            kind = picture_kind(portable.files.get(name, b""))
            return name if kind and name.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".webp")) else None
    if match := _DATA.match(uri):
        try:
            data = base64.b64decode(re.sub(r"\s+", "", uri[match.end() :]), validate=True)
        except (binascii.Error, ValueError):
            raise BadInput("bad_card", f"The picture {str(asset.get('name'))[:40]!r} is not valid base64.") from None
        kind = picture_kind(data)
        if kind and len(data) <= MAX_BYTES:
            portable.files[f"{stem}.{kind}"] = data
            return f"{stem}.{kind}"
    return None


def _emotion(name: str) -> str | None:
    plain = name.strip().lower()
    return next((emotion for emotion, names in _EMOTIONS.items() if plain in names), None)
