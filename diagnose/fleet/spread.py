"""How the values of one fact are spread over affected and healthy computers, in a few rows for a chart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from diagnose.fleet.columns import Column, Nothing
from diagnose.fleet.ordering import Key, time_key, version_key
from diagnose.fleet.properties import Operand
from diagnose.fleet.sets import members

_MOST_ROWS = 14

Row = tuple[Operand | None, Operand | None, int, int]
"""From, to, affected, healthy; from is None for what could not be seen, to is None for one value."""


def spread(column: Column, rows: Sequence[int], affected: int, healthy: int) -> list[Row]:
    """In the order of the values where they have one, else the most frequent first; what was not asked is left out."""
    sick, well = (bytearray(len(rows)) for _ in range(2))
    for marks, mask in ((sick, affected), (well, healthy)):
        for at in members(mask, len(rows)):
            marks[at] = 1
    counts: dict[Operand | None, tuple[int, int]] = {}
    for value, is_sick, is_well in zip(column.values(rows), sick, well, strict=True):
        if value is Nothing.NOT_ASKED or not (is_sick or is_well):
            continue
        before = counts.get(shown := _shown(value), (0, 0))
        counts[shown] = (before[0] + is_sick, before[1] + is_well)
    unseen = counts.pop(None, None)
    known = {value: count for value, count in counts.items() if value is not None}
    found = _in_order(known) or _most_frequent(known)
    return [*found, (None, None, *unseen)] if unseen is not None else found


def _shown(value: object) -> Operand | None:
    if isinstance(value, tuple):
        return ", ".join(value)
    if value is Nothing.ABSENT:
        return "–"
    return value if isinstance(value, str | float | bool) else None


def _in_order(counts: dict[Operand, tuple[int, int]]) -> list[Row]:
    """Numbers, versions and times, neighbours together where there are many; nothing when they have no order."""
    keys: dict[Operand, Key | None] = {value: _key(value) for value in counts}
    if len(counts) < 2 or any(key is None for key in keys.values()) or len({type(value) for value in counts}) > 1:
        return []
    order = sorted(counts, key=lambda value: keys[value] or ())
    total = sum(sick + well for sick, well in counts.values())
    if len(order) <= _MOST_ROWS:
        return [(value, None, *counts[value]) for value in order]
    bins: dict[Operand, int] = {}
    before = 0
    for value in order:
        bins[value] = before * _MOST_ROWS // total
        before += sum(counts[value])
    found: list[Row] = []
    for _, group in groupby(order, key=bins.__getitem__):
        values = list(group)
        found.append(
            (
                values[0],
                values[-1],
                sum(counts[value][0] for value in values),
                sum(counts[value][1] for value in values),
            )
        )
    return found


def _key(value: Operand) -> Key | None:
    if isinstance(value, bool):
        return None
    return (value,) if isinstance(value, float) else version_key(value) or time_key(value)


def _most_frequent(counts: dict[Operand, tuple[int, int]]) -> list[Row]:
    order = sorted(counts, key=lambda value: (-sum(counts[value]), str(value)))
    return [(value, None, *counts[value]) for value in order[:_MOST_ROWS]]
