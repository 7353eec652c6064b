"""Compiles all Python to .pyc files in the place of their sources, the same bytes every time.

From a stick that cannot be written to, Python would compile every module at every start. Bytecode is checked against
no source (there is none), and names its file relative to the folder, as tracebacks shall show it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from portable.files import Files
from portable.problems import BuildError, SetupError

_WORKERS = 2
_TIMEOUT_S = 600


def check_python(running: tuple[int, int], needed: tuple[int, int]) -> None:
    """Bytecode of another minor version would not load. Raises SetupError."""
    if running != needed:
        names = [".".join(str(part) for part in version) for version in (running, needed)]
        raise SetupError(
            f"this is Python {names[0]}, but the portable program runs on {names[1]}: run the build with that"
        )


def compile_tree(files: Mapping[str, bytes]) -> Files:
    """The same files with each `x.py` replaced by `x.pyc`. Raises BuildError for a source that does not compile."""
    sources = sorted(name for name in files if name.endswith(".py"))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_WORKERS) as workers:
        for name in sources:
            _write(Path(folder, name), files[name])
        # What a process compiled before shows in the bytes (shared constants), so the shares are fixed too.
        list(workers.map(lambda share: _compile(Path(folder), share), (sources[i::_WORKERS] for i in range(_WORKERS))))
        compiled = {f"{name}c": Path(folder, f"{name}c").read_bytes() for name in sources}
    return {name: data for name, data in files.items() if not name.endswith(".py")} | compiled


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _compile(folder: Path, names: list[str]) -> None:
    listing = "".join(f"{folder / name}\n" for name in names)
    options = ["-q", "-b", "-f", "-o", "0", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-i", "-"]
    done = subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-s", "-m", "compileall", *options],
        input=listing,
        env={"PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines() or ["no reason given"]
        raise BuildError(f"a source does not compile: {lines[0]}")
