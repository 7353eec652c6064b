"""Settings files with one `Key value` a line, as ClamAV reads them: `#` starts a comment only at the line's start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from checks._logs import read_log
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Unseen

_MOST_LINES = 5_000
_LONGEST_VALUE = 1_000
_SECRET = ("password", "username")
NUMBERS = frozenset({"checks", "maxattempts", "connecttimeout", "receivetimeout", "httpproxyport"})
"""Options that take a whole number and nothing else."""


@dataclass(frozen=True, slots=True)
class Options:
    """Keys are folded; the values of secret ones are never kept."""

    where: str
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    example_left: bool = False
    wrong_lines: tuple[str, ...] = ()
    """`key (line 3)`: lines that the program refuses, without their values."""

    def all(self, key: str) -> tuple[str, ...]:
        return self.values.get(key.casefold(), ())

    def first(self, key: str, default: str = "") -> str:
        return next(iter(self.all(key)), default)


def read_options(machine: Machine, paths: Iterable[str]) -> Options | Absent | Unseen:
    """The first of the files that is there."""
    last: Absent | Unseen = Absent("")
    for path in paths:
        info = machine.file_info(path)
        if isinstance(info, Unseen):
            return info
        if isinstance(info, Absent):
            last = info
            continue
        content = read_log(machine, path)
        return content if isinstance(content, Unseen) else parse_options(content.lines, path)
    return last


def parse_options(lines: Iterable[str], where: str) -> Options:
    values: dict[str, list[str]] = {}
    example, wrong = False, []
    for number, line in enumerate(lines, start=1):
        if number > _MOST_LINES:
            break
        key, _, rest = line.strip().replace("\t", " ").partition(" ")
        if not key or key.startswith("#"):
            continue
        folded, value = key.casefold(), _unquoted(rest.strip())[:_LONGEST_VALUE]
        if folded == "example":
            example = True
        elif not value or (folded in NUMBERS and not _is_number(value)):
            wrong.append(f"{key[:64]} ({number})")
        elif not folded.endswith(_SECRET):
            values.setdefault(folded, []).append(value)
    return Options(where, {key: tuple(held) for key, held in values.items()}, example, tuple(wrong[:20]))


def number(text: str) -> int | None:
    return int(text) if _is_number(text) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 9


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
