"""One ONNX Runtime session, set up for a small machine.

Imports onnxruntime only when a session is opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import ModelDamaged, ModelMissing


def open_session(path: Path, threads: int = 2) -> Any:
    """Open a session on the CPU; raise ModelMissing or ModelDamaged.

    Without the arena and the memory pattern a long sentence does not keep its memory for ever; without spinning
    an idle session leaves the cores to others.
    """
    import onnxruntime

    if not path.is_file():
        raise ModelMissing(str(path), "personac compile, which makes it again")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own kinds, none with a common base
        raise ModelDamaged(f"{path} can't be loaded ({error}); delete it and compile again") from error
