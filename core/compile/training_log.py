"""Where the figures of a training are written while it runs: TensorBoard, and Weights & Biases, when asked for.

The environment asks: PERSONAC_TENSORBOARD names a folder, PERSONAC_WANDB a project. Without either nothing is imported.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..errors import PersonacError

TENSORBOARD, WANDB = "PERSONAC_TENSORBOARD", "PERSONAC_WANDB"
Note = Callable[[str, float, int], None]


class CannotLog(PersonacError):
    """Tell that what should be written to is not installed."""


def silent(name: str, value: float, step: int) -> None:
    """Write nothing."""


@contextmanager
def noting() -> Iterator[Note]:
    """Give a function that takes a figure's name, its value and the epoch. Raises CannotLog."""
    folder, project = os.environ.get(TENSORBOARD), os.environ.get(WANDB)
    notes: list[Note] = []
    with ExitStack() as stack:
        if folder:
            notes.append(_tensorboard(Path(folder), stack))
        if project:
            notes.append(_wandb(project, stack))

        def note(name: str, value: float, step: int) -> None:
            for each in notes:
                each(name, value, step)

        yield note if notes else silent


def _tensorboard(folder: Path, stack: ExitStack) -> Note:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise CannotLog(
            f"{TENSORBOARD} is set, but TensorBoard is missing: pip install 'personac[tensorboard]'"
        ) from error
    writer = SummaryWriter(folder / time.strftime("%Y%m%d-%H%M%S"))
    stack.callback(writer.close)
    return lambda name, value, step: writer.add_scalar(name, value, step)


def _wandb(project: str, stack: ExitStack) -> Note:
    try:
        import wandb
    except ImportError as error:
        raise CannotLog(f"{WANDB} is set, but Weights & Biases is missing: pip install 'personac[wandb]'") from error
    run = wandb.init(project=project)
    stack.callback(run.finish)
    return lambda name, value, step: run.log({name: value, f"epoch of {name}": step})
