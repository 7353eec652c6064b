"""A few bytes from a known place of a file that may be large, in a way that a recording keeps."""

from __future__ import annotations

from diagnose.machine.file_reader import LinkRefused
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, CommandResult, Reason, Unseen

_PRINTABLE_FROM = 64
"""From so many bytes on a beginning is asked for as it is, so that people and redaction can read the recording."""


def read_part(machine: Machine, path: str, offset: int, count: int) -> bytes | Absent | Unseen:
    """Up to `count` bytes from `offset` on; `path` must be absolute.

    Never through a link: whoever may write to the folder could lead us to any file. What an open
    file says is not recorded, a program's output is: hence the program first, and the file where there is no such one.
    """
    if not path.startswith("/"):
        return Unseen(Reason.UNSUPPORTED, path)
    info = machine.file_info(path)
    if isinstance(info, Absent | Unseen):
        return info
    opened = machine.open_file(path)
    if isinstance(opened, Absent | LinkRefused):
        return opened
    printed = _printed(machine, path, offset, count)
    if isinstance(opened, Unseen):
        # A recording holds what the program printed, even where it does not hold the file.
        return printed if isinstance(printed, bytes) or opened.reason is Reason.UNSUPPORTED else opened
    with opened:
        return printed if isinstance(printed, bytes) else opened.read(offset, count)


def _printed(machine: Machine, path: str, offset: int, count: int) -> bytes | Unseen:
    plain = offset == 0 and count >= _PRINTABLE_FROM
    span = ["-j", str(offset), "-N", str(count)]
    argv = ["head", "-c", str(count), path] if plain else ["od", "-A", "n", "-v", "-t", "x1", *span, path]
    answer = machine.run(argv, 5.0)
    if not isinstance(answer, CommandResult):
        return answer if isinstance(answer, Unseen) else Unseen(Reason.UNSUPPORTED, answer.where)
    if answer.exit_code != 0:
        return Unseen(Reason.FAILED, path, answer.stderr.decode(errors="replace").strip()[:200])
    if plain:
        return answer.stdout[:count]
    try:
        return bytes.fromhex(answer.stdout[: 4 * count + 64].decode("ascii"))[:count]
    except ValueError:
        return Unseen(Reason.MALFORMED, path)
