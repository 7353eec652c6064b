"""The program's end on a host that `diagnose remote` reaches: carries out one order and leaves its answer in a folder.

The order comes in on stdin, or lies in the folder as `order.json` where a host's shell would change what passes
through it (Windows); it is deleted as soon as it has been read, because an answer in it may be a secret.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NoReturn

import msgspec

from diagnose.bundle.names import TakenNames, name_fault
from diagnose.bundle.ordering import Order as BundleRequest
from diagnose.bundle.ordering import make, prepare
from diagnose.bundle.private_map import KEY_BYTES, save_map
from diagnose.commands.running import RunOptions, run
from diagnose.diagnostics import Exit, crash, one_line, refuse
from diagnose.errors import InputError
from diagnose.input_files import read_input
from diagnose.remote.order import ABOUT, ANSWER, BUNDLE, LARGEST_ORDER, LATE, MAP, About, Order
from diagnose.report.rendering import Format
from diagnose.run.clock import SystemClock
from diagnose.run.store import MACHINE, RESULT
from diagnose.whole_file import rename

ORDER_FILE = "order.json"
LARGEST_RECORDING = 200_000_000
"""Bytes of a recording's files that travel, before packing."""
_MOST_FILES = 15_000
_ABANDONED = 124
"""Exit code of a program that came to its deadline, as `timeout` has it."""
_RUN = "run"


def main(argv: Sequence[str]) -> int:
    """`argv`: the folder that takes the answer. Ends the process itself at the order's deadline."""
    folder = Path(argv[0])
    _end_politely()
    order = _order(folder)
    _watch(order.deadline_s)
    _silence_stdout()
    return _carry_out(order, folder)


def _carry_out(order: Order, folder: Path) -> int:
    try:
        code = int(run(_options(order, folder)))
    except InputError as error:
        refuse(error, order.language)
        refused = tuple(_lines(error, order))
        _pack(folder, About(order=order.id, exit_code=int(Exit.USAGE), refused=refused), None)
        return Exit.USAGE
    except Exception as error:
        return crash(error, order.language)
    about = About(order=order.id, exit_code=code)
    if order.bundle is None or code == Exit.INTERRUPTED:
        _pack(folder, about, folder / _RUN)
        return code
    # Should the bundle take too long, the result is there all the same.
    _pack(folder, msgspec.structs.replace(about, bundle_problem=LATE), folder / _RUN)
    _pack(folder, msgspec.structs.replace(about, bundle_problem=_bundle(order, folder)), folder / _RUN)
    return code


def _options(order: Order, folder: Path) -> RunOptions:
    return RunOptions(
        target=order.target,
        language=order.language,
        format=Format.JSON,
        answers=order.answers,
        interactive=False,
        output=folder / _RUN,
        machine=None if order.machine is None else Path(order.machine),
        rules=tuple(_rule_folders(order, folder)),
        only=order.only,
        skip=order.skip,
        timeout_s=order.timeout_s,
        until=order.until,
    )


def _rule_folders(order: Order, folder: Path) -> Iterator[Path]:
    """Raises OSError."""
    for number, files in enumerate(order.rules):
        root = folder / f"rules-{number}"
        for name, text in files.items():
            if name_fault(name) is not None:
                continue
            path = root.joinpath(*name.split("/"))
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        yield root


def _bundle(order: Order, folder: Path) -> str:
    """What went wrong with it, in one line; a result without a bundle is still a result."""
    wanted = order.bundle
    request = BundleRequest(
        run=folder / _RUN,
        target=folder / BUNDLE,
        language=order.language,
        key=secrets.token_bytes(KEY_BYTES),
        fit=None if wanted is None else wanted.fit,
        rules=tuple(path for path in sorted(folder.glob("rules-*"))),
    )
    try:
        made = make(prepare(request), SystemClock(), lambda _done, _all: None)
        # Not where runs of this computer's own people keep theirs: nothing stays here.
        save_map(folder / MAP, made.private)
    except InputError as error:
        return "; ".join(_lines(error, order))
    except Exception as error:
        crash(error, order.language)
        return type(error).__name__
    return ""


def _pack(folder: Path, about: About, run_folder: Path | None) -> None:
    """Write the answer, whole or not at all. Raises OSError."""
    files = dict(_travelling(run_folder)) if run_folder is not None else {}
    listed = sum(1 for path in (run_folder / MACHINE).rglob("*") if path.is_file()) if run_folder is not None else 0
    left_out = listed - sum(1 for name in files if name != RESULT)
    aside = folder / f".{ANSWER}"
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_member(ABOUT), msgspec.json.encode(msgspec.structs.replace(about, left_out=left_out)))
        for name, path in files.items():
            archive.writestr(_member(name), path.read_bytes())
    rename(aside, folder / ANSWER)


def _travelling(run_folder: Path) -> Iterator[tuple[str, Path]]:
    """The result, and what of the recording every system can take."""
    result = run_folder / RESULT
    if result.is_file():
        yield RESULT, result
    taken, room, count = TakenNames(), LARGEST_RECORDING, 0
    for path in sorted((run_folder / MACHINE).rglob("*")):
        name = path.relative_to(run_folder).as_posix()
        if not path.is_file() or path.is_symlink() or name_fault(name) is not None or not taken.is_free(name):
            continue
        room, count = room - path.stat().st_size, count + 1
        if room < 0 or count > _MOST_FILES:
            return
        taken.take(name)
        yield name, path


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _lines(error: InputError, order: Order) -> Iterator[str]:
    for problem in error.problems[:10]:
        yield one_line(f"{problem.place or 'diagnose'}: {problem.message.in_language(order.language)}")[:400]


def _order(folder: Path) -> Order:
    """Raises OSError and msgspec.DecodeError: whoever sent it is this program as well."""
    file = folder / ORDER_FILE
    if file.exists():
        data = read_input(file, LARGEST_ORDER)
        file.unlink()
    else:
        stream: BinaryIO = sys.stdin.buffer
        data = stream.read(LARGEST_ORDER + 1)
    return msgspec.json.decode(data, type=Order)


def _end_politely() -> None:
    """Told to end, a run saves what it has."""
    for name in ("SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _watch(seconds: float) -> None:
    """Whatever hangs, nothing of us outlives the deadline: also where nobody watches over us."""

    def end() -> NoReturn:
        os._exit(_ABANDONED)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


def _silence_stdout() -> None:
    """The result goes into the folder; stdout belongs to whoever started us."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
