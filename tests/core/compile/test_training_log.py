import os
import subprocess
import sys

import pytest
from personac.core.compile.training_log import TENSORBOARD, WANDB, CannotLog, noting


def test_nothing_is_written_unless_it_is_asked_for(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv(TENSORBOARD, raising=False)
    monkeypatch.delenv(WANDB, raising=False)
    monkeypatch.chdir(tmp_path)
    with noting() as note:
        note("loss", 1.0, 1)
    assert not list(tmp_path.iterdir())


def test_tensorboard_gets_the_loss_of_each_epoch(monkeypatch, tmp_path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from .test_understanding import EMOTIONS, D, examples, train

    monkeypatch.setenv(TENSORBOARD, str(tmp_path))
    names = ["one", "two"]
    train(examples([0] * 8 + [1] * 8, 2), [("words", D)], names, EMOTIONS, "words", lambda done, total: None)
    (run,) = tmp_path.iterdir()
    events = EventAccumulator(str(run)).Reload()
    losses = [event.value for event in events.Scalars("fold 1, dropout 0.2/loss/held out")]
    assert len(losses) > 3
    assert losses[-1] < losses[0]
    assert {"loss/training", "accuracy", "threshold", "weight/network"} <= set(events.Tags()["scalars"])


def test_what_is_missing_says_how_to_get_it(monkeypatch) -> None:
    monkeypatch.setenv(WANDB, "personas")
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(CannotLog, match=r"pip install 'personac\[wandb\]'"), noting():
        pass


def test_weights_and_biases_gets_the_figures(tmp_path) -> None:
    pytest.importorskip("wandb", reason="the extra wandb is not installed")
    code = "from personac.core.compile.training_log import noting\nwith noting() as note: note('loss', 0.25, 3)"
    given = {WANDB: "personas", "WANDB_MODE": "offline", "WANDB_DIR": str(tmp_path), "WANDB_SILENT": "true"}
    subprocess.run([sys.executable, "-c", code], env=os.environ | given, check=True, cwd=tmp_path, timeout=120)
    (run,) = tmp_path.rglob("run-*.wandb")
    assert b"0.25" in run.read_bytes()
