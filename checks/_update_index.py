"""Where an index of updates may lie below a server's address or in a folder, and fetching or reading it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from checks._files import join
from checks._update_ver import MOST_BYTES, Form, UpdateVer, parse_update_ver
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Download, FileContent, Unseen

INDEXES = ("update.ver", "dll/update.ver")
"""Products of version 7 and newer may ask for the second one only."""


@dataclass(frozen=True, slots=True)
class Published:
    """The index that a server gives; the answer to the first place when no place has one."""

    url: str
    answer: Download | Unseen
    index: UpdateVer


def below(base: str, name: str) -> str:
    """`name` below the address `base`."""
    return f"{base.rstrip('/')}/{name}"


def published_index(machine: Machine, base: str, names: Sequence[str]) -> Published:
    """Asks for the places in turn; the first that is an index counts. `names` is not empty."""
    tried: list[Published] = []
    for name in names:
        url = below(base, name)
        answer = machine.download(url, MOST_BYTES, MOST_BYTES)
        tried.append(Published(url, answer, _index(answer)))
        if tried[-1].index.form is Form.READABLE:
            return tried[-1]
        if isinstance(answer, Unseen) or answer.status is None:
            break
    return tried[0]


def read_index(machine: Machine, folder: str, names: Sequence[str]) -> FileContent | Absent | Unseen:
    """The first index in the folder; Absent when it holds none. Its end is left out when it is too long."""
    nothing: Absent | Unseen = Absent(join(machine, folder, names[0] if names else ""))
    for name in names:
        content = machine.read_file(join(machine, folder, name), MOST_BYTES)
        if isinstance(content, FileContent):
            return content
        if isinstance(content, Unseen) and isinstance(nothing, Absent):
            nothing = content
    return nothing


def _index(answer: Download | Unseen) -> UpdateVer:
    if isinstance(answer, Unseen) or answer.status != 200:
        return UpdateVer(Form.EMPTY)
    return parse_update_ver(answer.start, max(answer.size, answer.declared or 0))


def engine_text(index: UpdateVer) -> str | None:
    """`24198 (20211028)`."""
    engine = index.engine
    if engine is None:
        return None
    return f"{engine.number} ({engine.date:%Y%m%d})" if engine.date else str(engine.number)


def engine_time(index: UpdateVer, zone: tzinfo | None) -> datetime | None:
    """Midnight, at which the day of the engine begins."""
    engine = index.engine
    if engine is None or engine.date is None:
        return None
    return datetime(engine.date.year, engine.date.month, engine.date.day, tzinfo=zone)
