"""Many byte strings looked for at once, in time that does not depend on how many they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from diagnose.patterns import any_of, compile_bytes

_LARGEST_GROUP = 700_000
"""Bytes of the prefixes in one automaton, so that it and its states stay below `_MEMORY`."""
_MEMORY = 96 << 20
_PREFIX = 16
"""First bytes by which needles are found; what stands behind them is compared one by one. Keeps the automaton small."""


@dataclass(frozen=True, slots=True)
class Needle:
    """Bytes to look for, at least one; ASCII letters in any case unless `exact`."""

    kind: str
    data: bytes
    exact: bool = False
    word_unit: int = 0
    """Bytes of a character when the needle counts only between borders of words; 0: it always counts."""


def groups(needles: Iterable[Needle]) -> Iterator[list[Needle]]:
    """Needles for one automaton each."""
    group: list[Needle] = []
    size = 0
    for needle in sorted(needles, key=lambda needle: needle.data.lower()):
        size += min(len(needle.data), _PREFIX)
        if size > _LARGEST_GROUP and group:
            yield group
            group, size = [], min(len(needle.data), _PREFIX)
        group.append(needle)
    if group:
        yield group


class Automaton:
    """An RE2 alternation of literals, hence one deterministic automaton."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        """`needles` is one of `groups`."""
        folded = sorted({needle.data[:_PREFIX].lower() for needle in needles})
        self._pattern = compile_bytes(any_of(folded), memory=_MEMORY, ignore_case=True)
        self._tables: dict[int, dict[bytes, list[tuple[bytes, Needle]]]] = {}
        for needle in needles:
            wanted = needle.data if needle.exact else needle.data.lower()
            beginning = needle.data[:_PREFIX].lower()
            self._tables.setdefault(len(beginning), {}).setdefault(beginning, []).append((wanted, needle))

    def find(self, data: bytes) -> Iterator[tuple[int, Needle]]:
        """Every occurrence by its start, overlapping ones too."""
        match = self._pattern.search(data, 0)
        # Only where something may stand: mostly nothing does.
        folded = data.lower() if match is not None else b""
        while match is not None:
            start = match.start()
            # At most as many looks as a beginning has bytes, however many needles begin alike.
            for length, table in self._tables.items():
                for wanted, needle in table.get(folded[start : start + length], ()):
                    if (data if needle.exact else folded).startswith(wanted, start):
                        yield start, needle
            match = self._pattern.search(data, start + 1)
