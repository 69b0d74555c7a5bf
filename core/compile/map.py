"""A flat map of sentences: what is near in meaning lies near on paper, as far as two dimensions can hold that.

Knows vectors and labels only. Each label has a landmark, the mean of its vectors; landmarks are laid out by stress
majorisation (SMACOF: de Leeuw 1977), and each sentence lies between the landmarks that it is most like. Its own label
does not pull it: an example that belongs elsewhere is seen elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SWEEPS = 80  # of the layout
SHARPNESS = 14.0  # how much more a nearer landmark pulls
SPREAD = 0.5  # how far a sentence may lie from its place between landmarks, in distances to the next landmark
PART = 24  # a label has a landmark for so many sentences
MOST = 12  # landmarks of one label
ALL = 160  # landmarks of all labels together, unless there are more labels
DECIMALS = 4
Array = NDArray[np.float64]


def map_points(
    vectors: NDArray[np.float32], kinds: Sequence[str], labels: Sequence[str], texts: Sequence[str]
) -> NDArray[np.float32]:
    """Return places [n, 2] within -1 … 1 for vectors [n, d] of length 1; the same in gives the same out.

    Sentences of the same words lie in the same place.
    """
    if not len(vectors):
        return np.zeros((0, 2), np.float32)
    first = {text: i for i, text in reversed(list(enumerate(texts)))}
    rows = vectors.astype(np.float64)
    landmarks = _landmarks(rows, [f"{kind} {label}" for kind, label in zip(kinds, labels, strict=True)])
    places = _lay_out(landmarks)
    found = _between(rows, landmarks, places)
    found = found[[first[text] for text in texts]]
    return np.asarray(np.round(_centred(found), DECIMALS) + 0.0, np.float32)


def write_map(
    folder: Path, vectors: NDArray[np.float32], kinds: Sequence[str], labels: Sequence[str], texts: Sequence[str]
) -> None:
    """Write the places as map.safetensors (`points` [n, 2]) and what they are as map.json, in the same order."""
    from safetensors.numpy import save_file

    save_file({"points": map_points(vectors, kinds, labels, texts)}, str(folder / "map.safetensors"))
    named = [
        {"kind": kind, "label": label, "text": text} for kind, label, text in zip(kinds, labels, texts, strict=True)
    ]
    (folder / "map.json").write_text(json.dumps(named, ensure_ascii=False) + "\n", "utf-8")


def _landmarks(rows: Array, names: Sequence[str]) -> Array:
    """Return the mean direction of each label [k, d]; of a large one, of its parts."""
    found = []
    members: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        members.setdefault(name, []).append(i)
    part_size = PART
    while sum(min(MOST, 1 + len(own) // part_size) for own in members.values()) > max(ALL, len(members)):
        part_size *= 2
    for own in members.values():
        for part in _parts(rows[own], min(MOST, 1 + len(own) // part_size)):
            mean = part.mean(0)
            found.append(mean / max(float(np.linalg.norm(mean)), 1e-9))
    return np.stack(found)


def _parts(rows: Array, count: int) -> list[Array]:
    """Split rows by k-means, started from those that are farthest from each other."""
    if count < 2:
        return [rows]
    chosen = [int(np.argmax(rows @ rows.mean(0)))]
    near = rows @ rows[chosen[0]]
    while len(chosen) < count:
        chosen.append(int(np.argmin(near)))
        near = np.maximum(near, rows @ rows[chosen[-1]])
    centres = rows[chosen]
    for _ in range(8):
        owner = np.argmax(rows @ centres.T, axis=1)
        centres = np.stack([rows[owner == i].mean(0) if (owner == i).any() else centres[i] for i in range(count)])
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    return [rows[owner == i] for i in range(count) if (owner == i).any()]


def _lay_out(landmarks: Array) -> Array:
    """Return places [k, 2] whose distances are as like as can be to those of the landmarks."""
    count = len(landmarks)
    if count == 1:
        return np.zeros((1, 2))
    wanted = np.sqrt(np.maximum(2 - 2 * landmarks @ landmarks.T, 0.0))
    centred = landmarks - landmarks.mean(0)
    axes, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    places = np.zeros((count, 2))
    width = min(2, len(sizes))
    places[:, :width] = axes[:, :width] * sizes[:width]
    places *= np.where(places[np.abs(places).argmax(0), [0, 1]] < 0, -1.0, 1.0)  # a sign that no library chooses
    weights = np.where(np.eye(count, dtype=np.bool_), 0.0, 1.0 / np.maximum(wanted, 0.05) ** 2)  # near ones matter most
    laplacian = np.diag(weights.sum(1)) - weights
    inverse = np.linalg.pinv(laplacian)
    for _ in range(SWEEPS):
        distances = np.sqrt(((places[:, None] - places[None]) ** 2).sum(2))
        ratio = np.where(distances > 1e-9, weights * wanted / np.maximum(distances, 1e-9), 0.0)
        places = inverse @ (places * ratio.sum(1)[:, None] - ratio @ places)
    return places


def _between(rows: Array, landmarks: Array, places: Array) -> Array:
    """Return a place for each row: between the landmarks that it is like, and off that in its own direction."""
    if len(landmarks) == 1:
        centred = rows - rows.mean(0)
        axes, sizes, _ = np.linalg.svd(centred, full_matrices=False)
        found = np.zeros((len(rows), 2))
        width = min(2, len(sizes))
        found[:, :width] = axes[:, :width] * sizes[:width]
        return np.asarray(found * np.where(found[np.abs(found).argmax(0), [0, 1]] < 0, -1.0, 1.0))
    like = rows @ landmarks.T
    pull = np.exp(SHARPNESS * (like - like.max(1, keepdims=True)))
    pull /= pull.sum(1, keepdims=True)
    distances = np.sqrt(((places[:, None] - places[None]) ** 2).sum(2))
    np.fill_diagonal(distances, np.inf)
    room = distances.min(1)
    nearest = like.argmax(1)
    rest = rows - landmarks[nearest] * like.max(1, keepdims=True)
    compass = np.stack([np.cos(np.arange(rows.shape[1])), np.sin(np.arange(rows.shape[1]))], 1)  # any two, but fixed
    off = rest @ compass
    off /= np.maximum(np.linalg.norm(off, axis=1, keepdims=True), 1e-9)
    far = np.clip(1.0 - like.max(1), 0.0, 1.0) * SPREAD
    return np.asarray(pull @ places + off * (far * room[nearest])[:, None])


def _centred(places: Array) -> Array:
    middle = (places.max(0) + places.min(0)) / 2
    return np.asarray((places - middle) / max(float(np.abs(places - middle).max()), 1e-9))
