"""What the checking of one condition shares: the declared names, the variables of loops, and the problems so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from diagnose.expressions.closures import Run, constant, read, variable
from diagnose.expressions.problems import ExpressionProblem
from diagnose.expressions.syntax import Node
from diagnose.expressions.types import DYN, Type
from diagnose.messages import Message


class Checked(NamedTuple):
    """A node that was checked: its type, and how it computes."""

    type: Type
    run: Run
    is_constant: bool = False


BROKEN = Checked(DYN, constant(None))
"""Stands for a part with a problem, so that the rest is checked without follow-up complaints."""


@dataclass(frozen=True, slots=True)
class _Variable:
    type: Type
    slot: int


class Checker:
    """Collects every problem of one condition instead of stopping at the first."""

    def __init__(
        self,
        source: str,
        names: Mapping[str, Type],
        handlers: Mapping[type[Node], Callable[[Checker, Any], Checked]],
    ) -> None:
        self.names = names
        self.problems: list[ExpressionProblem] = []
        self.used: set[str] = set()
        self.slots = 1
        """Places that the frame needs: the first counts the rounds of loops."""
        self._source = source
        self._handlers = handlers
        self._variables: dict[str, _Variable] = {}
        self._loops = 0

    def check(self, node: Node) -> Checked:
        return self._handlers[type(node)](self, node)

    def report(self, offset: int, message: Message) -> Checked:
        self.problems.append(ExpressionProblem(offset, message))
        return BROKEN

    def text(self, node: Node) -> str:
        """The part of the source that a node stands for."""
        return self._source[node.start : node.end]

    def name(self, name: str) -> Checked:
        """A declared dotted name."""
        self.used.add(name)
        declared = self.names[name]
        return Checked(declared, read(name, declared))

    def variable(self, name: str) -> Checked | None:
        """The variable of a loop around this place, or None."""
        found = self._variables.get(name)
        return None if found is None else Checked(found.type, variable(name, found.slot))

    @contextmanager
    def loop_variable(self, name: str, type_: Type) -> Iterator[int]:
        """Declares a variable while the body of its loop is checked; gives its place in the frame."""
        hidden = self._variables.get(name)
        self._loops += 1
        self.slots = max(self.slots, self._loops + 1)
        self._variables[name] = _Variable(type_, self._loops)
        yield self._loops
        self._loops -= 1
        del self._variables[name]
        if hidden is not None:
            self._variables[name] = hidden
