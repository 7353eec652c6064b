"""What a condition computes with: the unknown and why it is unknown, and versions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NoReturn

from diagnose.machine.values import Reason


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that could not be known, and why."""

    name: str
    """The dotted name, or the part of the condition that has no result, such as `evidence.total / evidence.count`."""
    reason: Reason
    where: str = ""
    """The place as a support engineer would write it; empty when there is none."""
    detail: str = ""
    """The words of the system or of CEL, untranslated; may be empty."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is not known. It is neither true nor false."""

    gaps: frozenset[Gap]

    def __bool__(self) -> NoReturn:
        raise TypeError("an unknown value is neither true nor false")


def unknown(name: str, reason: Reason, where: str = "", detail: str = "") -> Unknown:
    """An `Unknown` with a single gap."""
    return Unknown(frozenset((Gap(name, reason, where, detail),)))


def merged(values: Iterable[object]) -> Unknown:
    """One `Unknown` with the gaps of every unknown among `values`."""
    gaps: set[Gap] = set()
    for value in values:
        if type(value) is Unknown:
            gaps |= value.gaps
    return Unknown(frozenset(gaps))


class Failure(Exception):  # noqa: N818 - not an error of the program: the operation has no result
    """An operation that has no result for these values. CEL calls this an error value; here it becomes unknown."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version that compares number by number: 9.4.1 < 10.0, and 7.2 == 7.2.0."""

    key: tuple[int, ...]
    """The components without the zeros at the end."""
    text: str = field(compare=False)
    """As it was written."""

    def __str__(self) -> str:
        return self.text


_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,9}")


@lru_cache(maxsize=1024)
def parse_version(text: str) -> Version:
    """Read `14.0.12033`: one to ten numbers with dots between them. Raises `Failure`."""
    if len(text) > 100 or not _VERSION.fullmatch(text):
        raise Failure("not a version")
    components = [int(component) for component in text.split(".")]
    while components and components[-1] == 0:
        components.pop()
    return Version(tuple(components), text)
