"""The operators: for which types each exists, what it gives and how it computes. Arithmetic is CEL's, not Python's."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diagnose.expressions.admission import INT_MAX, INT_MIN
from diagnose.expressions.literals import bounded, in_calendar
from diagnose.expressions.types import BOOL, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP, Kind, Type, list_of
from diagnose.expressions.values import Failure

SIZE_LIMIT = 100_000
"""Characters of a text, or items of a list, that a condition may build."""


@dataclass(frozen=True, slots=True)
class Overload:
    """One operator for one pair of types. `compute` raises `Failure` when these values have no result."""

    left: Kind
    right: Kind
    result: Type
    compute: Callable[[Any, Any], Any]


def _int64(value: int) -> int:
    if INT_MIN <= value <= INT_MAX:
        return value
    raise Failure("integer overflow")


def _add_int(left: int, right: int) -> int:
    return _int64(left + right)


def _subtract_int(left: int, right: int) -> int:
    return _int64(left - right)


def _multiply_int(left: int, right: int) -> int:
    return _int64(left * right)


def _divide_int(left: int, right: int) -> int:
    if right == 0:
        raise Failure("divide by zero")
    quotient = abs(left) // abs(right)
    return _int64(quotient if (left < 0) == (right < 0) else -quotient)


def _modulo_int(left: int, right: int) -> int:
    if right == 0:
        raise Failure("modulus by zero")
    if left == INT_MIN and right == -1:
        raise Failure("integer overflow")
    remainder = abs(left) % abs(right)
    return -remainder if left < 0 else remainder


def _divide_double(left: float, right: float) -> float:
    if right:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def _concatenate(left: Any, right: Any) -> Any:
    if len(left) + len(right) > SIZE_LIMIT:
        raise Failure("result too long")
    return left + right


def _add_times(left: Any, right: Any) -> datetime | timedelta:
    try:
        return _in_range(left + right)
    except OverflowError:
        raise Failure("time overflow") from None


def _subtract_times(left: Any, right: Any) -> datetime | timedelta:
    try:
        return _in_range(left - right)
    except OverflowError:
        raise Failure("time overflow") from None


def _in_range(result: datetime | timedelta) -> datetime | timedelta:
    return bounded(result) if isinstance(result, timedelta) else in_calendar(result)


def negated_int(value: int) -> int:
    """`-value`. Raises `Failure` for the smallest integer."""
    return _int64(-value)


def _ordering(compute: Callable[[Any, Any], bool]) -> tuple[Overload, ...]:
    ordered = (Kind.BOOL, Kind.INT, Kind.DOUBLE, Kind.STRING, Kind.TIMESTAMP, Kind.DURATION, Kind.VERSION)
    mixed = ((Kind.INT, Kind.DOUBLE), (Kind.DOUBLE, Kind.INT))
    return tuple(Overload(left, right, BOOL, compute) for left, right in (*zip(ordered, ordered, strict=True), *mixed))


OVERLOADS: Mapping[str, tuple[Overload, ...]] = {
    "+": (
        Overload(Kind.INT, Kind.INT, INT, _add_int),
        Overload(Kind.DOUBLE, Kind.DOUBLE, DOUBLE, operator.add),
        Overload(Kind.STRING, Kind.STRING, STRING, _concatenate),
        Overload(Kind.LIST, Kind.LIST, list_of(DYN), _concatenate),
        Overload(Kind.DURATION, Kind.DURATION, DURATION, _add_times),
        Overload(Kind.TIMESTAMP, Kind.DURATION, TIMESTAMP, _add_times),
        Overload(Kind.DURATION, Kind.TIMESTAMP, TIMESTAMP, _add_times),
    ),
    "-": (
        Overload(Kind.INT, Kind.INT, INT, _subtract_int),
        Overload(Kind.DOUBLE, Kind.DOUBLE, DOUBLE, operator.sub),
        Overload(Kind.DURATION, Kind.DURATION, DURATION, _subtract_times),
        Overload(Kind.TIMESTAMP, Kind.TIMESTAMP, DURATION, _subtract_times),
        Overload(Kind.TIMESTAMP, Kind.DURATION, TIMESTAMP, _subtract_times),
    ),
    "*": (
        Overload(Kind.INT, Kind.INT, INT, _multiply_int),
        Overload(Kind.DOUBLE, Kind.DOUBLE, DOUBLE, operator.mul),
    ),
    "/": (
        Overload(Kind.INT, Kind.INT, INT, _divide_int),
        Overload(Kind.DOUBLE, Kind.DOUBLE, DOUBLE, _divide_double),
    ),
    "%": (Overload(Kind.INT, Kind.INT, INT, _modulo_int),),
    "<": _ordering(operator.lt),
    "<=": _ordering(operator.le),
    ">": _ordering(operator.gt),
    ">=": _ordering(operator.ge),
}


def matching(symbol: str, left: Type, right: Type) -> tuple[Overload, ...]:
    """The overloads that values of these types can meet; `DYN` meets any."""
    return tuple(
        overload
        for overload in OVERLOADS[symbol]
        if left.kind in (overload.left, Kind.DYN) and right.kind in (overload.right, Kind.DYN)
    )
