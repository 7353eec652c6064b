"""One result for each computer: the latest one, and why the others were left out.

A computer says its own name and time, and both may be wrong: clocks go ahead, disks are cloned, names are given again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from diagnose.fleet.collected import Row

DAY = 86_400.0
_AHEAD = DAY
"""A clock that is more than this ahead of ours is wrong; less may be a time zone."""


class Why(StrEnum):
    """Why a result is not compared."""

    OLDER = "older"
    TWICE = "twice"
    REINSTALLED = "reinstalled"
    TOO_OLD = "too-old"
    NO_HOST = "no-host"
    NOT_IN_INVENTORY = "not-in-inventory"


@dataclass(frozen=True, slots=True)
class LeftOut:
    source: str
    host: str
    why: Why


@dataclass(frozen=True, slots=True)
class Latest:
    """`rows`: numbers of the results that count, by name of the host. `ahead`: hosts whose clock is ahead of ours.

    `shared`: names under which two different computers seem to answer in turn; the latest one counts.
    """

    rows: tuple[int, ...]
    left_out: tuple[LeftOut, ...]
    ahead: tuple[str, ...]
    shared: tuple[str, ...]


def host_key(name: str) -> str:
    """Names that mean the same computer: case and a final dot do not matter."""
    return name.strip().rstrip(".").casefold()


def latest(rows: Sequence[Row], numbers: Iterable[int], now: float, max_age_s: float) -> Latest:
    """Of results of one flow. `now` in seconds since 1970; age is counted from the newest result, not from now."""
    hosts: dict[str, list[int]] = {}
    left_out: list[LeftOut] = []
    for number in numbers:
        row = rows[number]
        if row.host:
            hosts.setdefault(host_key(row.host), []).append(number)
        else:
            left_out.append(_left(row, Why.NO_HOST))
    chosen: list[int] = []
    shared: list[str] = []
    for key in sorted(hosts):
        order = sorted(hosts[key], key=lambda number: (_time(rows[number], now), rows[number].source))
        chosen.append(order[-1])
        left_out += _earlier([rows[number] for number in order])
        if _in_turn([rows[number] for number in order]):
            shared.append(rows[order[-1]].host)
    newest = max((_time(rows[number], now) for number in chosen), default=now)
    kept = [number for number in chosen if _time(rows[number], now) >= newest - max_age_s]
    left_out += [_left(rows[number], Why.TOO_OLD) for number in chosen if _time(rows[number], now) < newest - max_age_s]
    ahead = [rows[number].host for number in kept if rows[number].taken > now + _AHEAD]
    return Latest(tuple(kept), tuple(left_out), tuple(ahead), tuple(shared))


def _time(row: Row, now: float) -> float:
    """When it was made; of a clock that is ahead, when the file came; if that says nothing either, long ago."""
    if row.taken <= now + _AHEAD:
        return row.taken
    return row.received if row.received is not None and row.received <= now + _AHEAD else 0.0


def _earlier(order: Sequence[Row]) -> list[LeftOut]:
    last = order[-1]
    found = []
    for row in order[:-1]:
        if row.run == last.run and row.taken == last.taken:
            why = Why.TWICE
        else:
            why = Why.REINSTALLED if _is_another(row, last) else Why.OLDER
        found.append(_left(row, why))
    return found


def _is_another(before: Row, after: Row) -> bool:
    """Another installation under the same name: other hardware or system, or a Windows that went back."""
    if (before.platform, before.architecture) != (after.platform, after.architecture):
        return True
    return before.build is not None and after.build is not None and after.build < before.build


def _in_turn(order: Sequence[Row]) -> bool:
    """A, B, A: no reinstallation does that."""
    kinds = [(row.platform, row.architecture) for row in order]
    changes = sum(one != other for one, other in pairwise(kinds))
    return changes > len(set(kinds)) - 1


def _left(row: Row, why: Why) -> LeftOut:
    return LeftOut(row.source, row.host, why)
