"""Input that we refuse: one clear line with the place, what is wrong and the nearest valid name; exit code 2."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from diagnose.messages import Message


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file: 1-based line and column; 0 when the whole file is meant."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input."""

    message: Message
    place: Place | None = None


class InputError(Exception):
    """Something that the user gave us cannot be used."""

    def __init__(self, message: Message, place: Place | None = None) -> None:
        super().__init__(message.id)
        self.problems: tuple[Problem, ...] = (Problem(message, place),)

    @classmethod
    def from_problems(cls, problems: Iterable[Problem]) -> InputError:
        collected = tuple(problems)
        error = cls(collected[0].message, collected[0].place)
        error.problems = collected
        return error


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """The valid name that the user most likely meant, or None."""
    matches = difflib.get_close_matches(name, list(valid), n=1, cutoff=0.6)
    return matches[0] if matches else None
