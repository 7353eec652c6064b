"""The types of the condition language. An enum is a string that can only be one of its values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import reduce


class Kind(Enum):
    """What a value is at run time; `DYN` means that only the run can tell."""

    BOOL = auto()
    INT = auto()
    DOUBLE = auto()
    STRING = auto()
    TIMESTAMP = auto()
    DURATION = auto()
    VERSION = auto()
    NULL = auto()
    LIST = auto()
    MAP = auto()
    DYN = auto()


@dataclass(frozen=True, slots=True)
class Type:
    """A type as a condition sees it. `element` is set for lists, `values` for enums."""

    kind: Kind
    element: Type | None = None
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As CEL writes it: `int`, `list(string)`."""
        name = self.kind.name.lower()
        return f"{name}({self.element})" if self.element else name


BOOL = Type(Kind.BOOL)
INT = Type(Kind.INT)
DOUBLE = Type(Kind.DOUBLE)
STRING = Type(Kind.STRING)
TIMESTAMP = Type(Kind.TIMESTAMP)
DURATION = Type(Kind.DURATION)
VERSION = Type(Kind.VERSION)
NULL = Type(Kind.NULL)
DYN = Type(Kind.DYN)

_NUMBERS = frozenset({Kind.INT, Kind.DOUBLE})


def list_of(element: Type) -> Type:
    """A list whose items are all of one type."""
    return Type(Kind.LIST, element=element)


def enum_of(values: Iterable[str]) -> Type:
    """A string that is always one of `values`."""
    return Type(Kind.STRING, values=tuple(values))


def element_of(type_: Type) -> Type:
    """The type of a list's items; `DYN` when the type does not say."""
    return type_.element or DYN


def can_be_equal(left: Type, right: Type) -> bool:
    """False when `left == right` can never hold, whatever the values are."""
    if Kind.DYN in (left.kind, right.kind):
        return True
    if left.kind is Kind.LIST and right.kind is Kind.LIST:
        return can_be_equal(element_of(left), element_of(right))
    if left.values and right.values:
        return not set(left.values).isdisjoint(right.values)
    return left.kind is right.kind or {left.kind, right.kind} == _NUMBERS


def common(left: Type, right: Type) -> Type | None:
    """The type that holds both; None when there is none (CEL never widens int to double)."""
    if left == right:
        return left
    if Kind.DYN in (left.kind, right.kind):
        return DYN
    if left.kind is Kind.LIST and right.kind is Kind.LIST:
        element = common(element_of(left), element_of(right))
        return None if element is None else list_of(element)
    return Type(left.kind) if left.kind is right.kind else None


def common_to_all(types: Iterable[Type]) -> Type:
    """The type of the items of a list literal; `DYN` when they differ or there are none."""
    collected = tuple(types)
    if not collected:
        return DYN
    return reduce(lambda left, right: common(left, right) or DYN, collected)


def fits(actual: Type, wanted: Type) -> bool:
    """True when a value of type `actual` may stand where `wanted` is asked for."""
    if Kind.DYN in (actual.kind, wanted.kind):
        return True
    if actual.kind is not wanted.kind:
        return False
    if actual.kind is Kind.LIST:
        return fits(element_of(actual), element_of(wanted))
    return not wanted.values or (bool(actual.values) and set(actual.values) <= set(wanted.values))
