"""What is wrong with a condition, and where in its source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diagnose.messages import Message


@dataclass(frozen=True, slots=True)
class ExpressionProblem:
    """One thing that is wrong."""

    offset: int
    """Characters from the start of the source."""
    message: Message


class ExpressionErrors(Exception):  # noqa: N818 - it carries all of them, and the plural says so
    """A source that cannot be used. `problems` holds at least one, ordered by offset."""

    def __init__(self, problems: Iterable[ExpressionProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.offset))
        super().__init__("; ".join(f"{problem.offset}: {problem.message.id}" for problem in self.problems))


def refuse(offset: int, message: Message) -> ExpressionErrors:
    """The error for a source with a single problem; for `raise`."""
    return ExpressionErrors((ExpressionProblem(offset, message),))
