"""Pictures recognised: how often a photograph-like variant of a record's picture is known, and a stranger's is not.

    python benchmarks/sights.py FOLDER... [--rounds 10] [--seed 0] [--like 0.6 --clearly 0.04] [--choose]

Half of the folders' pictures, drawn anew in each round, are the records'; the others are strangers. Of each picture
eight variants are made as a visitor's camera would: another crop, a turn and a tilt of the view, light, blur, noise,
JPEG, something in front, and all of that at once; and a video of three frames of which one is good. They are compared
as the product compares them. `--choose` prints the rates for a grid of both limits.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import machine
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

Picture = NDArray[np.uint8]
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp"}
LIKES, CLEARLIES = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8), (0.0, 0.02, 0.04, 0.06, 0.1)


def crop(image: Image.Image, drawn: np.random.Generator) -> Image.Image:
    """Return a part of 60 to 85 % of each side."""
    width, height = image.size
    part = drawn.uniform(0.6, 0.85)
    left, top = drawn.uniform(0, 1 - part, 2)
    box = (left * width, top * height, (left + part) * width, (top + part) * height)
    return image.crop(tuple(int(one) for one in box))  # type: ignore[arg-type]


def view(image: Image.Image, drawn: np.random.Generator) -> Image.Image:
    """Return the picture seen from the side and turned by up to 8 degrees."""
    width, height = image.size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    moved = corners + drawn.uniform(0, 0.14, (4, 2)) * [width, height] * [[1, 1], [-1, 1], [-1, -1], [1, -1]]
    rows, wanted = list[list[float]](), list[float]()
    for (x, y), (u, v) in zip(corners, moved):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    solved = np.linalg.solve(np.array(rows), np.array(wanted))
    seen = image.transform(image.size, Image.Transform.PERSPECTIVE, tuple(solved), Image.Resampling.BICUBIC)
    return seen.rotate(float(drawn.uniform(-8, 8)), Image.Resampling.BICUBIC)


def light(image: Image.Image, drawn: np.random.Generator) -> Image.Image:
    """Return the picture darker or brighter, flatter or harder, and of another white."""
    image = ImageEnhance.Brightness(image).enhance(float(drawn.uniform(0.55, 1.5)))
    image = ImageEnhance.Contrast(image).enhance(float(drawn.uniform(0.7, 1.4)))
    tinted = np.asarray(image, float) * drawn.uniform(0.85, 1.15, 3)
    return Image.fromarray(np.clip(tinted, 0, 255).astype(np.uint8))


def blur(image: Image.Image, drawn: np.random.Generator) -> Image.Image:
    """Return the picture out of focus."""
    return image.filter(ImageFilter.GaussianBlur(float(drawn.uniform(1, 2.5)) * max(image.size) / 400))


def noise(image: Image.Image, drawn: np.random.Generator) -> Image.Image:
    """Return the picture with the grain of a dim evening."""
    grain = np.asarray(image, float) + drawn.normal(0, drawn.uniform(8, 22), (*image.size[::-1], 3))
    return Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8))


def jpeg(image: Image.Image, drawn: np.random.Generator) -> Image.Image:
    """Return the picture small and compressed hard, as messengers send it."""
    small = image.resize((max(48, image.width // 2), max(48, image.height // 2)))
    data = io.BytesIO()
    small.save(data, "JPEG", quality=int(drawn.integers(15, 40)))
    return Image.open(data).convert("RGB")


def covered(image: Image.Image, drawn: np.random.Generator) -> Image.Image:
    """Return the picture with somebody's grey back over up to a tenth of it."""
    covered = image.copy()
    width, height = (int(side * drawn.uniform(0.18, 0.32)) for side in image.size)
    place = (int(drawn.uniform(0, image.width - width)), int(drawn.uniform(0, image.height - height)))
    covered.paste(tuple(int(one) for one in drawn.integers(20, 120, 3)), (*place, place[0] + width, place[1] + height))
    return covered


def everything(image: Image.Image, drawn: np.random.Generator) -> Image.Image:
    """Return the picture after all of this."""
    for make in (crop, view, light, covered, blur, jpeg):
        image = make(image, drawn)
    return image


VARIANTS: dict[str, Callable[[Image.Image, np.random.Generator], Image.Image]] = {
    "crop": crop, "view": view, "light": light, "blur": blur, "noise": noise, "jpeg": jpeg, "covered": covered,
    "everything": everything,
}  # fmt: skip


def main() -> None:
    """Print how often pictures are recognised, and how often strangers are taken for one."""
    from personac.core.mind.memory.pictured import Pictured
    from personac.core.mind.understanding.fusion import VIDEO
    from personac.core.models.choose import image_encoder
    from personac.plugins.tourism import CLEARLY, LIKE

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--like", type=float, default=LIKE)
    parser.add_argument("--clearly", type=float, default=CLEARLY)
    parser.add_argument("--choose", action="store_true")
    options = parser.parse_args()
    files = sorted(file for folder in options.folders for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
    drawn = np.random.default_rng(options.seed)
    encoder = image_encoder("auto")
    encoder.warm_up()

    def encode(images: list[Image.Image]) -> NDArray[np.float32]:
        return np.asarray(encoder.encode([np.asarray(image.convert("RGB")) for image in images]), np.float32)

    originals = [Image.open(file).convert("RGB") for file in files]
    known = encode(originals)
    made = {name: encode([make(image, drawn) for image in originals]) for name, make in VARIANTS.items()}
    looks: list[tuple[str, bool, bool, float, float]] = []  # variant, one of the records', the right one, like, clearly
    for _ in range(options.rounds):
        order = drawn.permutation(len(files))
        own = order[: len(files) // 2]
        pictures = Pictured([str(i) for i in own], known[own])
        for i in order:
            videos = {"video": np.stack([made["blur"][i], made["everything"][i], made["crop"][i]])}
            shown: dict[str, Any] = {**{name: vectors[i][None] for name, vectors in made.items()}, **videos}
            for name, frames in shown.items():
                seen = pictures.seen({VIDEO: frames})
                margin = seen[0][1] - seen[1][1] if len(seen) > 1 else 1.0
                looks.append((name, i in own, seen[0][0] == str(i), seen[0][1], margin))
    if options.choose:
        for like, clearly in itertools.product(LIKES, CLEARLIES):
            print(like, clearly, _rates(looks, like, clearly)["all"])
    result = {
        "machine": machine() | {"seed": options.seed},
        "pictures": len(files),
        "like": options.like,
        "clearly": options.clearly,
        **_rates(looks, options.like, options.clearly),
    }
    print(json.dumps(result, indent=1))


def _rates(
    looks: list[tuple[str, bool, bool, float, float]], like: float, clearly: float
) -> dict[str, dict[str, float]]:
    """Return by variant the percentages of records' pictures recognised, taken for another, and of strangers taken."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, own, right, near, margin in looks:
        said = near >= like and margin >= clearly
        for variant in (name, "all"):
            counts[variant]["own" if own else "strangers"] += 1
            if said:
                counts[variant]["recognised" if own and right else "another" if own else "taken"] += 1
    return {
        name: {
            "recognised": round(100 * own["recognised"] / max(1, own["own"]), 1),
            "taken_for_another": round(100 * own["another"] / max(1, own["own"]), 1),
            "strangers_taken": round(100 * own["taken"] / max(1, own["strangers"]), 1),
        }
        for name, own in counts.items()
    }


if __name__ == "__main__":
    main()
