"""Log files as bounded lists of lines, whatever their encoding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.machine.interface import Machine
from diagnose.machine.text_file import decode_text
from diagnose.machine.values import Absent, Reason, Unseen

MAX_LINES = 200_000
"""The last lines that are kept: more than a real log has in the bytes that are read."""
MAX_LINE = 4_000
"""Characters of one line that a pattern sees."""


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
    """The file's last lines; Unseen(MALFORMED) for one that is no text, Unseen(MISSING) for one that has gone."""
    content = machine.read_file(path)
    if isinstance(content, Unseen):
        return content
    if isinstance(content, Absent):
        return Unseen(Reason.MISSING, content.where)
    whole = content.whole
    decoded = decode_text(content.data, whole)
    if decoded.binary:
        return Unseen(Reason.MALFORMED, path, "binary")
    # str.splitlines would also break at form feeds and the like, and its numbers would not be an editor's.
    lines = decoded.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    dropped = max(0, len(lines) - MAX_LINES)
    kept = tuple(_searchable(line[:MAX_LINE]) for line in lines[dropped:])
    return Log(path, kept, dropped + 1 if whole else None)


def _searchable(line: str) -> str:
    """RE2 takes UTF-8, which has no half characters."""
    return line if line.isascii() else line.encode("utf-8", "replace").decode("utf-8")
