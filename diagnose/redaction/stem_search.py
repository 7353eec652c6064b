"""All places of many literals in a text, overlapping ones too, without the optional wheel.

RE2 looks for the first bytes of all literals at once, in one pass however many they are; a table then tells which of
them stand there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from diagnose.patterns import any_of, compile_bytes

_STEM = 4
"""First bytes that are looked for: with less there are more places in vain, with more there are more that overlap."""
_MEMORY = 64 << 20
"""Bytes; names need a fraction of it, but with too little the automaton is thrown away and built again all the time."""


@dataclass(frozen=True, slots=True)
class _Stem:
    """What stands where this is the longest stem that stands there; shorter ones do, too."""

    sure: tuple[tuple[int, int], ...]
    """Number and size of the literals that are no longer than the stem."""
    sizes: tuple[int, ...]
    """Of the longer ones that may stand there."""
    longer: Mapping[bytes, tuple[int, ...]]
    """Their numbers."""
    inside: tuple[int, ...]
    """Where in the stem another one may begin."""


class StemSearch:
    """Literals by their numbers; at least one, none of them empty."""

    def __init__(self, literals: Sequence[bytes]) -> None:
        numbers: dict[bytes, dict[bytes, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._single: list[tuple[int, bytes]] = []
        for number, literal in enumerate(literals):
            if len(literal) == 1:
                self._single.append((number, literal))
            else:
                numbers[literal[:_STEM]][literal].append(number)
        beginnings = {stem[:size] for stem in numbers for size in range(1, len(stem) + 1)}
        self._stems = {stem: _stem(stem, numbers, beginnings) for stem in numbers}
        self._pairs = frozenset(stem[:2] for stem in numbers)
        # What nothing can match, where there is nothing longer than one byte.
        self._pattern = compile_bytes(any_of(sorted(numbers)) or rb"[^\x00-\xff]", memory=_MEMORY, longest=True)

    def find(self, text: bytes) -> Iterator[tuple[int, int, int]]:
        """Number, start and end of every occurrence, nearly in their order."""
        for number, literal in self._single:
            yield from _places(text, number, literal)
        stems, pairs, whole = self._stems, self._pairs, len(text)
        for met in self._pattern.finditer(text):
            start, end = met.span()
            stem = stems[text[start:end]]
            for number, size in stem.sure:
                yield number, start, start + size
            for size in stem.sizes:
                for number in stem.longer.get(text[start : start + size], ()):
                    # What is cut off at the end of the text may look like a shorter one.
                    if start + size <= whole:
                        yield number, start, start + size
            # RE2 goes on behind what it has found.
            for offset in stem.inside:
                if text[start + offset : start + offset + 2] in pairs:
                    yield from self._at(text, start + offset)

    def _at(self, text: bytes, start: int) -> Iterator[tuple[int, int, int]]:
        beginnings = (text[start : start + length] for length in range(_STEM, 1, -1))
        stem = next((self._stems[beginning] for beginning in beginnings if beginning in self._stems), None)
        if stem is not None:
            for number, size in stem.sure:
                yield number, start, start + size
            for size in stem.sizes:
                for number in stem.longer.get(text[start : start + size], ()):
                    if start + size <= len(text):
                        yield number, start, start + size


def _stem(stem: bytes, numbers: Mapping[bytes, Mapping[bytes, list[int]]], beginnings: set[bytes]) -> _Stem:
    sure: list[tuple[int, int]] = []
    longer: dict[bytes, tuple[int, ...]] = {}
    for length in range(2, len(stem) + 1):
        for literal, found in numbers.get(stem[:length], {}).items():
            if len(literal) == length:
                sure += ((number, length) for number in found)
            else:
                longer[literal] = tuple(found)
    inside = (
        offset
        for offset in range(1, len(stem))
        if stem[offset:] in beginnings or any(stem[offset:end] in numbers for end in range(offset + 2, len(stem)))
    )
    return _Stem(tuple(sure), tuple(sorted(set(map(len, longer)))), longer, tuple(inside))


def _places(text: bytes, number: int, byte: bytes) -> Iterator[tuple[int, int, int]]:
    """A flood of one byte, such as `@`, is gone through ten times faster so."""
    at = text.find(byte)
    while at >= 0:
        yield number, at, at + 1
        at = text.find(byte, at + 1)
