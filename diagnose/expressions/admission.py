"""The door for values from outside: each is what its name declares, or it is unknown. Also equality as CEL has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from diagnose.expressions.literals import bounded, in_calendar
from diagnose.expressions.types import INT, STRING, Kind, Type, element_of
from diagnose.expressions.values import Failure, Unknown, Version, merged, parse_version, unknown
from diagnose.machine.values import Reason

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
NESTING_LIMIT = 40
"""Levels of lists and maps that are compared or read."""

_KINDS: dict[type, Kind] = {
    bool: Kind.BOOL,
    int: Kind.INT,
    float: Kind.DOUBLE,
    str: Kind.STRING,
    timedelta: Kind.DURATION,
    Version: Kind.VERSION,
    type(None): Kind.NULL,
    list: Kind.LIST,
    tuple: Kind.LIST,
    dict: Kind.MAP,
}


def kind_of(value: object) -> Kind | None:
    """What a value of a `DYN` name is; None for an object that the language does not know."""
    kind = _KINDS.get(type(value))
    if kind is None and isinstance(value, datetime) and value.utcoffset() is not None:
        return Kind.TIMESTAMP
    if kind is Kind.INT and not INT_MIN <= value <= INT_MAX:  # type: ignore[operator]
        return None
    return kind


def admitted(value: object, declared: Type, name: str, depth: int = 0) -> object:
    """`value` in the form that operations expect, or `Unknown`. Lists become tuples. Never raises.

    A value of another type than declared is `MALFORMED`; None means that there is no value (`NO_SOURCE`), except for
    names that may be null.
    """
    if type(value) is Unknown:
        return value
    if value is None and declared.kind not in (Kind.DYN, Kind.NULL):
        return unknown(name, Reason.NO_SOURCE)
    try:
        if declared.kind in (Kind.LIST, Kind.DYN) and isinstance(value, list | tuple):
            return _items(value, element_of(declared), name, depth)
        return _scalar(value, declared)
    except Failure as failure:
        return unknown(name, Reason.MALFORMED, detail=failure.detail)


def _items(values: Sequence[Any], element: Type, name: str, depth: int) -> object:
    if depth > NESTING_LIMIT:
        raise Failure("nested too deeply")
    if element == STRING and set(map(type, values)) == {str}:  # the usual list, in a tenth of the time
        return tuple(values)
    if element == INT and set(map(type, values)) == {int} and INT_MIN <= min(values) <= max(values) <= INT_MAX:
        return tuple(values)
    items = tuple([admitted(value, element, name, depth + 1) for value in values])
    return merged(items) if any(type(item) is Unknown for item in items) else items


def _scalar(value: object, declared: Type) -> object:
    plain = _plain(value, declared.kind)
    kind = kind_of(plain)
    if kind is None or (declared.kind is not Kind.DYN and kind is not declared.kind):
        raise Failure(f"not a value of type {declared}")
    if declared.values and plain not in declared.values:
        raise Failure("not one of the declared values")
    return plain


def _plain(value: object, wanted: Kind) -> object:
    """Enum members and other subclasses as what they are underneath; whole numbers as doubles where those are due."""
    plain = value
    if isinstance(value, str):
        plain = parse_version(str.__str__(value)) if wanted is Kind.VERSION else str.__str__(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        plain = int(value)
        if wanted is Kind.DOUBLE and INT_MIN <= plain <= INT_MAX:
            plain = float(plain)
    elif isinstance(value, datetime):
        plain = in_calendar(_fixed_offset(value))
    elif isinstance(value, timedelta):
        plain = bounded(value)
    return plain


def _fixed_offset(moment: datetime) -> datetime:
    # Python finds two equal moments unequal when the clock was put back in one of their zones; fixed offsets are safe.
    if type(moment.tzinfo) is timezone:
        return moment
    offset = moment.utcoffset()
    if offset is None:
        raise Failure("a time without a zone")
    return moment.replace(tzinfo=timezone(offset), fold=0)


def equal(left: object, right: object, depth: int = 0) -> bool:
    """Equality of values whose types are known at run time only: 1 == 1.0, and true is no number. Raises `Failure`."""
    left_kind, right_kind = kind_of(left), kind_of(right)
    if left_kind is None or right_kind is None or depth > NESTING_LIMIT:
        raise Failure("no such overload")
    if left_kind is not right_kind:
        return {left_kind, right_kind} == {Kind.INT, Kind.DOUBLE} and left == right
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(equal(a, b, depth + 1) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key], depth + 1) for key in left)
    return left == right


def contains(items: object, wanted: object) -> bool:
    """`wanted in items`, for values whose types are known at run time only. Raises `Failure`."""
    if isinstance(items, list | tuple | dict):
        return any(equal(wanted, item) for item in items)
    raise Failure("no such overload")
