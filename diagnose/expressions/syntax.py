"""The tree of a condition. Every node knows the part of the source that it stands for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the source, from `start` up to but not including `end`."""

    start: int
    """Characters from the start of the source."""
    end: int

    @property
    def children(self) -> tuple[Node, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value that is written out."""

    value: bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Identifier(Node):
    """A name without dots."""

    name: str


@dataclass(frozen=True, slots=True)
class Select(Node):
    """`operand.field`, where it is not yet known whether the dots belong to a dotted name."""

    operand: Node
    field: str

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`operand[index]`."""

    operand: Node
    index: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.operand, self.index)


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`[items]`."""

    items: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`!operand` or `-operand`."""

    operator: str
    operand: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic, comparison or `in`."""

    operator: str
    operator_start: int
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Logical(Node):
    """`a && b && c`, or the same with `||`: one node for a whole chain, so that long chains stay flat."""

    operator: str
    terms: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.terms


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """`condition ? then : otherwise`."""

    condition: Node
    then: Node
    otherwise: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.condition, self.then, self.otherwise)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(arguments)`, or `receiver.function(arguments)`."""

    function: str
    function_start: int
    receiver: Node | None
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.arguments if self.receiver is None else (self.receiver, *self.arguments)


def deeper_than(root: Node, limit: int) -> Node | None:
    """A node that lies more than `limit` levels down, or None."""
    level: list[Node] = [root]
    for _ in range(limit):
        level = [child for node in level for child in node.children]
        if not level:
            return None
    return level[0]
