"""Searches what was written for every original value, in every spelling, in content and in names.

Members are read back from the archive on the disk. The manifest, which holds the result, is searched before it is
written: see `free_texts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import msgspec

from diagnose.bundle.automaton import Automaton, Needle, groups
from diagnose.bundle.content import BLOCK, content, read_ahead
from diagnose.bundle.manifest import Member, Proof
from diagnose.bundle.spellings import spellings_of
from diagnose.bundle.zip_format import Entry

_OWN_WORDS = frozenset({"schema", "kind", "reason", "sha256", "language", "encoding", "encodings"})
"""Fields of the manifest that hold our words or hashes, not texts of the computer."""


_CONTEXT = 4
"""Bytes beside a needle that tell whether it is a word of its own: one character on each side."""


@dataclass(frozen=True, slots=True)
class Value:
    """An original value. `whole_word`: `tan` is not found in `standard`; for values as short as that."""

    kind: str
    text: str
    whole_word: bool = False


class Search:
    """Answers whether one of its needles stands in something; clean content costs no Python per byte."""

    def __init__(self, needles: Iterable[Needle], values: int, spellings: Iterable[str]) -> None:
        """`values` and `spellings` are for the record."""
        distinct = tuple(dict.fromkeys(needles))
        self._automata = tuple(map(Automaton, groups(distinct)))
        self._overlap = max((len(needle.data) for needle in distinct), default=0) + _CONTEXT
        self._values = values
        self._patterns = len(distinct)
        self._spellings = tuple(sorted(set(spellings)))

    @classmethod
    def of_values(cls, values: Iterable[Value]) -> Search:
        """In all spellings that `spellings_of` knows."""
        distinct = tuple(dict.fromkeys(values))
        needles: list[Needle] = []
        names: set[str] = set()
        for value in distinct:
            spellings = spellings_of(value.text)
            names.update(spellings)
            needles.extend(_needles(value, spellings))
        return cls(needles, len(distinct), names)

    @classmethod
    def of_patterns(cls, patterns: Mapping[str, Iterable[bytes]], values: int, spellings: Iterable[str]) -> Search:
        """Kind to the bytes to look for, spelt by the caller."""
        needles = [Needle(kind, data) for kind, found in patterns.items() for data in found if data]
        return cls(needles, values, spellings)

    @property
    def has_needles(self) -> bool:
        return bool(self._automata)

    def record(self, members: int, searched: int) -> Proof:
        """Of a search of `searched` bytes in `members` that found nothing."""
        return Proof(
            values=self._values,
            patterns=self._patterns,
            encodings=self._spellings,
            members=members,
            bytes_searched=searched,
            hits=0,
        )

    def kind_in(self, text: str) -> str | None:
        """The kind of an original value that stands in a text; None: none does."""
        return self.kind_in_content((text.encode("utf-8", "replace"),))

    def kind_in_content(self, chunks: Iterable[bytes]) -> str | None:
        """The same for a stream, at whatever borders it comes in pieces."""
        kept = b""
        later = False
        for chunk in chunks:
            for start in range(0, len(chunk), BLOCK):
                window = kept + chunk[start : start + BLOCK]
                if (kind := self._kind_in_window(window, later=later, last=False)) is not None:
                    return kind
                later = later or len(window) > self._overlap
                kept = window[-self._overlap :]
        return self._kind_in_window(kept, later=later, last=True)

    def _kind_in_window(self, window: bytes, *, later: bool, last: bool) -> str | None:
        for automaton in self._automata:
            for start, needle in automaton.find(window):
                if _counts(window, start, needle, later=later, last=last):
                    return needle.kind
        return None


def prove(stream: BinaryIO, entries: Sequence[Entry], members: Sequence[Member], search: Search) -> dict[int, str]:
    """The places of the members with an original value in content, name or description, and its kind.

    `members` describes `entries`, one by one. Raises UnreadableError when the disk gives back something else than was
    written, and OSError.
    """
    found: dict[int, str] = {}
    for number, (entry, member) in enumerate(zip(entries, members, strict=True)):
        if not search.has_needles:
            break
        kind = search.kind_in("\n".join(free_texts(member))) or search.kind_in_content(_read(stream, entry))
        if kind is not None:
            found[number] = kind
    return found


def _read(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    chunks = content(stream, entry)
    return read_ahead(chunks) if entry.size > BLOCK else chunks


def free_texts(record: msgspec.Struct) -> Iterator[str]:
    """Every text in a record that may come from the computer: not field names, our own words and hashes."""
    return _texts(msgspec.to_builtins(record))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in _OWN_WORDS:
                yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _needles(value: Value, spellings: Mapping[str, tuple[bytes, ...]]) -> Iterator[Needle]:
    for spelling, found in spellings.items():
        # Folding the case of bytes would take one character of these for another.
        exact = spelling == "base64" or (spelling in {"cp932", "utf-16"} and not value.text.isascii())
        unit = 2 if spelling == "utf-16" else 1
        # A border says nothing inside of base64 or hexadecimal digits.
        bounded = value.whole_word and spelling not in {"base64", "reg", "hex"}
        yield from (Needle(value.kind, data, exact, unit if bounded else 0) for data in found)


def _counts(window: bytes, start: int, needle: Needle, *, later: bool, last: bool) -> bool:
    """Whether a needle that stands in the window counts here. `later`: bytes came before the window; `last`: none
    come behind it."""
    unit = needle.word_unit
    if not unit:
        return True
    end = start + len(needle.data)
    # Decided in the window before, or in the next one, where both neighbours can be seen.
    if (later and start < _CONTEXT // 2) or (not last and end + unit > len(window)):
        return False
    inside = needle.data[:unit], needle.data[-unit:]
    return not (
        (_is_word(inside[0]) and _is_word(window[max(start - unit, 0) : start]))
        or (_is_word(inside[1]) and _is_word(window[end : end + unit]))
    )


def _is_word(character: bytes) -> bool:
    """An ASCII letter or digit, alone or as UTF-16 in either byte order."""
    return character.strip(b"\0").isalnum() and len(character.strip(b"\0")) == 1
