"""Log files as bounded lists of lines, whatever their encoding."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.machine.interface import READ_LIMIT, Machine
from diagnose.machine.line_search import MAX_LINE
from diagnose.machine.text_file import decode_text
from diagnose.machine.values import Absent, FileContent, Reason, Unseen

MAX_LINES = 200_000
"""The last lines that are kept: more than a real log has in the bytes that are read."""
_PACKED = 4 * READ_LIMIT
"""Bytes of a packed log that are read."""
_MOST_UNPACKED, _KEPT_UNPACKED = 256 << 20, 16 << 20
"""Bytes that a packed log may unpack to, and how many of its last ones are searched."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Log:
    path: str
    lines: tuple[str, ...]
    first_number: int | None
    """The number of the first line; None when the file's beginning was not read."""

    def backwards(self) -> Iterator[tuple[int, str]]:
        """Index and text of each line, the last one first."""
        for index in range(len(self.lines) - 1, -1, -1):
            yield index, self.lines[index]

    def number(self, index: int) -> str:
        return "~" if self.first_number is None else str(self.first_number + index)


def read_log(machine: Machine, path: str) -> Log | Unseen:
    """The file's last lines; Unseen(MALFORMED) for one that is no text, Unseen(MISSING) for one that has gone.

    Of a rotated log that is packed (.gz) the last lines of what it unpacks to.
    """
    packed = path.lower().endswith(".gz")
    content = machine.read_file(path, _PACKED) if packed else machine.read_file(path)
    if isinstance(content, Unseen):
        return content
    if isinstance(content, Absent):
        return Unseen(Reason.MISSING, content.where)
    if not packed:
        return _log(path, content.data, content.whole)
    unpacked = _unpack(content)
    return unpacked if isinstance(unpacked, Unseen) else _log(path, *unpacked)


def _log(path: str, data: bytes, whole: bool) -> Log | Unseen:
    decoded = decode_text(data, whole)
    if decoded.binary:
        return Unseen(Reason.MALFORMED, path, "binary")
    # str.splitlines would also break at form feeds and the like, and its numbers would not be an editor's.
    lines = decoded.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    dropped = max(0, len(lines) - MAX_LINES)
    kept = tuple(_searchable(line[:MAX_LINE]) for line in lines[dropped:])
    return Log(path, kept, dropped + 1 if whole else None)


def _unpack(content: FileContent) -> tuple[bytes, bool] | Unseen:
    """The last bytes that a gzip file unpacks to, and whether these are all; a damaged end is left out."""
    if not content.whole:
        return Unseen(Reason.MALFORMED, content.path, "large")
    kept: deque[bytes] = deque()
    total = held = 0
    unpacker, data = zlib.decompressobj(31), content.data
    try:
        while data and total < _MOST_UNPACKED:
            chunk = unpacker.decompress(data, _CHUNK)
            total, held = total + len(chunk), held + len(chunk)
            kept.append(chunk)
            while held - len(kept[0]) >= _KEPT_UNPACKED:
                held -= len(kept.popleft())
            data = unpacker.unconsumed_tail
            if unpacker.eof:
                # Logs that are packed one by one are often joined to one file.
                data = unpacker.unused_data.lstrip(b"\0")
                unpacker = zlib.decompressobj(31)
            elif not data and not chunk:
                break
    except zlib.error as error:
        if not total:
            return Unseen(Reason.MALFORMED, content.path, str(error))
    return b"".join(kept), held == total


def _searchable(line: str) -> str:
    """RE2 takes UTF-8, which has no half characters."""
    return line if line.isascii() else line.encode("utf-8", "replace").decode("utf-8")
