"""The Linux around one Windows of the tests (machine.sh): what it is started with, and whether it can be."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

HERE = Path(__file__).parent
FOLDER = Path(os.environ.get("DIAGNOSE_WINE") or HERE.parents[1] / ".wine").absolute()
"""What prepare.sh made."""

_STAGES = ("root.made", "root/prefix.made", "helpers.made")


class WindowsError(Exception):
    """Windows could not be started, or refused what the test wanted of it."""


@dataclass(frozen=True, slots=True)
class Program:
    """The unpacked portable program: `layer` has the files of drive C, `folder` is where they are in Windows."""

    layer: Path
    folder: PureWindowsPath

    @property
    def interpreter(self) -> PureWindowsPath:
        return self.folder / "runtime" / "python.exe"

    def layer_of(self, path: PureWindowsPath) -> Path:
        """Where a file of drive C is in the layer."""
        return self.layer / "prefix" / "drive_c" / Path(*path.parts[1:])


@dataclass(frozen=True, slots=True)
class Drive:
    r"""A folder of the host as a drive (`name` "e:") or as a share (`name` "\\server\data").

    Where it is writable, the user of Windows becomes the owner of the folder.
    """

    folder: Path
    name: str
    removable: bool = False
    writable: bool = False

    @property
    def place(self) -> str:
        """Where it is in the root, without a slash in front."""
        return "media/" + self.name.strip("\\:").replace("\\", "/").lower()


def why_not() -> str | None:
    """Why there can be no Windows here; None when there can."""
    if sys.platform != "linux":
        return "the Windows tests need Linux"
    if os.geteuid() != 0:
        return "the Windows tests need root"
    missing = [tool for tool in ("unshare", "nsenter", "mount", "ip") if shutil.which(tool) is None]
    if missing:
        return f"the Windows tests need {', '.join(missing)}"
    if not all((FOLDER / stage).is_file() for stage in _STAGES):
        return f"the Windows tests need what tests/windows/prepare.sh makes in {FOLDER}; ./do test runs it"
    with tempfile.TemporaryDirectory(prefix="windows-") as work:
        # Its input ends at once, and so does it.
        tried = subprocess.run(machine_command(Path(work)), stdin=subprocess.DEVNULL, capture_output=True, check=False)
    problem = tried.stderr.decode("utf-8", "replace").strip()
    return f"the Windows tests need namespaces and an overlay: {problem}" if tried.returncode != 0 else None


def machine_command(
    work: Path, network: str | None = None, drives: Sequence[Drive] = (), program: Program | None = None
) -> list[str]:
    enter = [f"--net=/run/netns/{network}"] if network else []
    own = [] if network else ["--net"]
    layers = [str(program.layer)] if program else []
    binds = [word for one in drives for word in (str(one.folder), f"/{one.place}", "rw" if one.writable else "ro")]
    # fmt: off
    return [
        "nsenter", *enter, "unshare", *own, "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child",
        "bash", str(HERE / "machine.sh"), "overlay", str(FOLDER / "root"), str(work), *layers, "--", *binds,
    ]
    # fmt: on


@contextmanager
def open_machine(argv: Sequence[str]) -> Iterator[int]:
    """The process id of machine.sh, which lives until the end of `with`, or until we die: then its input ends."""
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin and process.stdout and process.stderr
        try:
            ready = re.fullmatch(rb"ready (\d+)\n", process.stdout.readline())
            if ready is None:
                process.stdin.close()
                raise WindowsError(f"no Linux for Windows: {process.stderr.read().decode('utf-8', 'replace').strip()}")
            yield int(ready[1])
        finally:
            process.stdin.close()
