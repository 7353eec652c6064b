"""Sent to a host as text and run by the host's own Python: unpacks the program, watches over it, removes everything.

Standard library only, and only what Python 3.8 has: it must be able to say what it has found where the program itself
cannot run. It talks in frames: `<mark> <kind> <size>`, a line feed, `size` bytes. It reads a line of JSON, the order
and the program; from then on the end of its input means that nobody waits any more, and it ends and cleans up.
"""

import contextlib
import hashlib
import json
import os
import platform
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from typing import Any, BinaryIO, Dict, List, NoReturn  # noqa: UP035 - Python 3.8

PREFIX = "diagnose-remote-"
START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from diagnose.commands.remote_target import main;"
    " sys.exit(main(sys.argv[2:]))"
)
BLOCK = 1 << 16
LONGEST_HEADER = 10000
ROOM = 64 << 20
"""Bytes for what the run records, besides the program."""
FILES = (("answer", "answer.zip"), ("bundle", "bundle.zip"), ("map", "map.json"))
BEFORE_S, AFTER_S = 900, 3600
"""For taking in the program, and for handing out what was made: whatever hangs, the folder is removed then."""
END_S = 2.0


class Problem(Exception):  # noqa: N818 - it is one, and nobody but us catches it
    """The work cannot be done; `code` tells the other end why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Channel:
    """Our end of the connection."""

    def __init__(self, mark: str, source: BinaryIO, sink: BinaryIO) -> None:
        self.mark = mark
        self.source = source
        self.sink = sink

    def say(self, kind: str, data: Dict[str, Any]) -> None:  # noqa: UP006
        encoded = json.dumps(data).encode()
        self._head(kind, len(encoded))
        self.sink.write(encoded)
        self.sink.flush()

    def send_file(self, kind: str, path: Path) -> None:
        with path.open("rb") as stream:
            self._head(kind, os.fstat(stream.fileno()).st_size)
            shutil.copyfileobj(stream, self.sink, BLOCK)
        self.sink.flush()

    def receive(self, size: int) -> bytes:
        data = self.source.read(size)
        if len(data) != size:
            raise Problem("gone")
        return data

    def gone(self, wait_s: float) -> bool:
        """Whether the other end has closed the connection; waits that long for it."""
        descriptor = self.source.fileno()
        ready, _, _ = select.select([descriptor], [], [], wait_s)
        return bool(ready) and not os.read(descriptor, 1)

    def _head(self, kind: str, size: int) -> None:
        self.sink.write(f"{self.mark} {kind} {size}\n".encode())


class Limit:
    """Stops us when it is over; until then it wakes us each second.

    A signal that comes right before we begin to wait for input is not noticed before something else wakes us.
    """

    def __init__(self, seconds: float) -> None:
        self.set(seconds)
        signal.signal(signal.SIGALRM, self._tick)
        signal.setitimer(signal.ITIMER_REAL, 1, 1)

    def set(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds

    def _tick(self, number: int, frame: Any) -> None:
        if time.monotonic() > self.ends:
            _stop(number, frame)


def main(mark: str, source: BinaryIO, sink: BinaryIO) -> None:
    """The whole work; `mark` begins every frame."""
    os.umask(0o077)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    limit = Limit(BEFORE_S)
    channel = Channel(mark, source, sink)
    folder: Path | None = None
    done: dict[str, Any] = {"problem": "", "detail": "", "code": None, "removed": True}
    try:
        channel.say("hello", about_this_computer())
        wanted = json.loads(source.readline(LONGEST_HEADER) or b"null")
        if wanted is None:
            return
        folder = own_folder(wanted["room"] + ROOM, candidates())
        channel.say("folder", {"folder": str(folder)})
        order = channel.receive(wanted["order"])
        unpack(channel, folder, wanted["program"], wanted["sha256"])
        limit.set(wanted["deadline_s"] + AFTER_S)
        channel.say("started", {})
        done["code"] = run(channel, folder, order, wanted["deadline_s"])
        for kind, name in FILES:
            path = folder / "out" / name
            if path.exists():
                channel.send_file(kind, path)
    except Problem as problem:
        done["problem"], done["detail"] = problem.code, problem.detail
    except OSError as error:
        done["problem"], done["detail"] = "system", f"{type(error).__name__}: {error.strerror}"
    finally:
        # Nothing may come between us and the removal now.
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if folder is not None:
            done["removed"] = remove(folder)
        with contextlib.suppress(OSError, ValueError):  # nobody listens any more
            channel.say("done", done)


def about_this_computer() -> Dict[str, Any]:  # noqa: UP006
    return {
        "platform": sys.platform,
        "machine": platform.machine(),
        "python": list(sys.version_info[:2]),
        "libc": platform.libc_ver()[0],
    }


def candidates() -> List[Path]:  # noqa: UP006
    """Where a folder of ours may be made, best first."""
    return [Path(tempfile.gettempdir()), Path("/var/tmp"), Path("~").expanduser()]  # noqa: S108


def own_folder(room: int, parents: List[Path]) -> Path:  # noqa: UP006
    """A new folder for us alone, where programs may run and `room` bytes are free. Raises Problem."""
    code = "no-folder"
    for parent in parents:
        try:
            disk = os.statvfs(parent)
            if disk.f_flag & getattr(os, "ST_NOEXEC", 0):
                continue
            if disk.f_bavail * disk.f_frsize < room:
                code = "no-space"
                continue
            return Path(tempfile.mkdtemp(prefix=PREFIX, dir=str(parent)))
        except OSError:
            continue
    raise Problem(code, ", ".join(str(parent) for parent in parents))


def unpack(channel: Channel, folder: Path, size: int, sha256: str) -> None:
    """Take in the program. Raises Problem."""
    path, digest = folder / "program.zip", hashlib.sha256()
    with path.open("wb") as stream:
        while size:
            block = channel.receive(min(size, BLOCK))
            digest.update(block)
            stream.write(block)
            size -= len(block)
    if digest.hexdigest() != sha256:
        raise Problem("damaged")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder / "program")
    path.unlink()


def run(channel: Channel, folder: Path, order: bytes, deadline_s: float) -> int:
    """Run the program and give its exit code. Raises Problem when it is late or nobody waits for it any more."""
    made = folder / "out"
    made.mkdir()
    # Not the host's own packages (-S): what is broken there must not break us.
    argv = [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", START, str(folder / "program"), str(made)]
    own = dict.fromkeys(("TMPDIR", "XDG_STATE_HOME", "XDG_CACHE_HOME"), str(folder))
    child = subprocess.Popen(  # noqa: S603 - ourselves
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=str(folder),
        env={**os.environ, **own},
        start_new_session=True,
    )
    threading.Thread(target=_feed, args=(child.stdin, order), daemon=True).start()
    deadline = time.monotonic() + deadline_s
    try:
        while child.poll() is None:
            if channel.gone(0.1):
                raise Problem("gone")
            if time.monotonic() > deadline:
                raise Problem("late")
    finally:
        _end(child)
    return child.returncode


def remove(folder: Path) -> bool:
    """Whether nothing is left of it."""
    for _ in range(5):
        shutil.rmtree(str(folder), ignore_errors=True)
        if not os.path.lexists(str(folder)):
            return True
        time.sleep(0.2)
    return False


def _feed(stream: BinaryIO, data: bytes) -> None:
    try:
        stream.write(data)
        stream.close()
    except OSError:
        pass  # it has ended already; its exit code says more


def _end(child: "subprocess.Popen[bytes]") -> None:
    """With all that it has started: first politely."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(END_S)
        except subprocess.TimeoutExpired:
            continue
        except OSError:
            break
    child.wait()


def _stop(number: int, _frame: Any) -> NoReturn:
    raise Problem("stopped", f"signal {number}")


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
    # What the interpreter would still say at its end, nobody reads.
    os._exit(0)
