"""The run-time half: small functions that compute one node each from the values and from the loop frame.

None of them raises. An operation without a result gives `Unknown`, and so does an operation on an unknown value.
The frame holds the rounds that loops may still take, then the variable of every loop level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from diagnose.expressions.admission import INT_MAX, INT_MIN, admitted, kind_of
from diagnose.expressions.types import Kind, Type
from diagnose.expressions.values import Failure, Gap, Unknown, merged, unknown
from diagnose.machine.values import Reason

Values = Mapping[str, object]
Frame = list[Any]
Run = Callable[[Values, Frame], Any]
_Admit = Callable[[object, Frame], object]

ITERATION_LIMIT = 10_000
"""Rounds of all loops of one evaluation together."""
_CHARACTERS_OF_A_ROUND = 1_000
_ITEMS_OF_A_ROUND = 100
"""Each reading of a long text or list costs a round for so many of its parts, so that every evaluation ends in time."""


def _no_result(place: str, detail: str) -> Unknown:
    return unknown(place, Reason.MALFORMED, detail=detail)


def constant(value: object) -> Run:
    """Always the same value."""
    return lambda _values, _frame: value


def read(name: str, declared: Type) -> Run:
    """The value of a dotted name; a missing one is unknown, like one of another type than declared."""

    def admit(value: object, frame: Frame) -> object:
        return admitted(value, declared, name) if _paid(value, frame) else _exhausted(name)

    if declared.values:
        return _read_member(name, frozenset(declared.values), admit)
    return _READERS.get(declared.kind, _read_any)(name, admit)


def _read_any(name: str, admit: _Admit) -> Run:
    def run(values: Values, frame: Frame) -> Any:
        # Null is a value for some types, so it cannot stand for a missing name here.
        return admit(values[name], frame) if name in values else unknown(name, Reason.NO_SOURCE)

    return run


def _read_bool(name: str, admit: _Admit) -> Run:
    def run(values: Values, frame: Frame) -> Any:
        value = values.get(name)
        return value if value is True or value is False else admit(value, frame)

    return run


def _read_int(name: str, admit: _Admit) -> Run:
    def run(values: Values, frame: Frame) -> Any:
        value = values.get(name)
        return value if type(value) is int and INT_MIN <= value <= INT_MAX else admit(value, frame)

    return run


def _read_text(name: str, admit: _Admit) -> Run:
    def run(values: Values, frame: Frame) -> Any:
        value = values.get(name)
        return value if type(value) is str and len(value) < _CHARACTERS_OF_A_ROUND else admit(value, frame)

    return run


def _read_member(name: str, allowed: frozenset[str], admit: _Admit) -> Run:
    def run(values: Values, frame: Frame) -> Any:
        value = values.get(name)
        return value if type(value) is str and value in allowed else admit(value, frame)

    return run


_READERS: Mapping[Kind, Callable[[str, _Admit], Run]] = {
    Kind.BOOL: _read_bool,
    Kind.INT: _read_int,
    Kind.STRING: _read_text,
}


def variable(name: str, slot: int) -> Run:
    """The item that the loop at this place of the frame has come to."""

    def run(_values: Values, frame: Frame) -> Any:
        value = frame[slot]
        return value if _paid(value, frame) else _exhausted(name)

    return run


def _paid(value: object, frame: Frame) -> bool:
    """Takes the rounds that a long text or list costs; False when there are not enough left."""
    if isinstance(value, str):
        frame[0] -= len(value) // _CHARACTERS_OF_A_ROUND
    elif isinstance(value, tuple | list):
        frame[0] -= len(value) // _ITEMS_OF_A_ROUND
    return bool(frame[0] >= 0)


def known(operand: Run) -> Run:
    """`has(...)`: false when the value is unknown, and never unknown itself."""
    return lambda values, frame: type(operand(values, frame)) is not Unknown


def apply_one(compute: Callable[[Any], Any], operand: Run, place: str) -> Run:
    """A computation with one operand. `place` is the source text that a gap names."""

    def run(values: Values, frame: Frame) -> Any:
        value = operand(values, frame)
        if type(value) is Unknown:
            return value
        try:
            return compute(value)
        except Failure as failure:
            return _no_result(place, failure.detail)

    return run


def apply_two(compute: Callable[[Any, Any], Any], left: Run, right: Run, place: str) -> Run:
    """A computation with two operands."""

    def run(values: Values, frame: Frame) -> Any:
        a = left(values, frame)
        b = right(values, frame)
        if type(a) is Unknown or type(b) is Unknown:
            return merged((a, b))
        try:
            return compute(a, b)
        except Failure as failure:
            return _no_result(place, failure.detail)

    return run


def apply_with_constant(compute: Callable[[Any, Any], Any], left: Run, right: object, place: str) -> Run:
    """As `apply_two`, one call faster: the right side is a literal in nearly every condition."""

    def run(values: Values, frame: Frame) -> Any:
        value = left(values, frame)
        if type(value) is Unknown:
            return value
        try:
            return compute(value, right)
        except Failure as failure:
            return _no_result(place, failure.detail)

    return run


def boolean(operand: Run, place: str) -> Run:
    """The same value, unknown when it turns out to be no bool."""

    def run(values: Values, frame: Frame) -> Any:
        value = operand(values, frame)
        return value if value is True or value is False or type(value) is Unknown else _no_result(place, "not a bool")

    return run


def decide(terms: Sequence[Run], stops_at: bool) -> Run:
    """`&&` (stops at False) and `||` (stops at True): a term that decides outweighs unknown ones before and after."""
    otherwise = not stops_at

    def run(values: Values, frame: Frame) -> Any:
        unknowns = None
        for term in terms:
            value = term(values, frame)
            if value is stops_at:
                return stops_at
            if value is not otherwise:
                unknowns = [value] if unknowns is None else [*unknowns, value]
        return otherwise if unknowns is None else merged(unknowns)

    return run


def choose(condition: Run, then: Run, otherwise: Run) -> Run:
    """`condition ? then : otherwise`."""

    def run(values: Values, frame: Frame) -> Any:
        value = condition(values, frame)
        if type(value) is Unknown:
            return value
        return then(values, frame) if value else otherwise(values, frame)

    return run


def gather(items: Sequence[Run]) -> Run:
    """A list literal, as a tuple."""

    def run(values: Values, frame: Frame) -> Any:
        collected = tuple([item(values, frame) for item in items])
        return merged(collected) if any(type(item) is Unknown for item in collected) else collected

    return run


def loop(sequence: Run, body: Run, slot: int, stops_at: bool, place: str) -> Run:
    """`exists` (stops at True) and `all` (stops at False) over the items of a list or the keys of a map."""

    def run(values: Values, frame: Frame) -> Any:
        items = sequence(values, frame)
        if type(items) is Unknown:
            return items
        if not isinstance(items, tuple | list | dict):
            return _no_result(place, "not a list")
        gaps: set[Gap] = set()
        for item in items:
            frame[0] -= 1
            if frame[0] < 0:
                return _exhausted(place)
            frame[slot] = item
            value = body(values, frame)
            if value is stops_at:
                return value
            if type(value) is Unknown:
                gaps |= value.gaps
        return Unknown(frozenset(gaps)) if gaps else not stops_at

    return run


def _exhausted(place: str) -> Unknown:
    return _no_result(place, "iteration budget exceeded")


def field_of(operand: Any, key: str) -> Any:
    """`operand.key`, for an operand whose type is known at run time only. Raises `Failure`."""
    if isinstance(operand, dict) and key in operand:
        return operand[key]
    raise Failure("no such key")


def item_of(operand: Any, key: Any) -> Any:
    """`operand[key]`; no negative positions, as in CEL. Raises `Failure`."""
    if isinstance(operand, dict):
        if type(key) is str and key in operand:
            return operand[key]
        raise Failure("no such key")
    if not isinstance(operand, tuple | list) or type(key) is not int:
        raise Failure("no such overload")
    if not 0 <= key < len(operand):
        raise Failure("index out of bounds")
    return operand[key]


def by_kinds(table: Mapping[tuple[Kind, Kind], Callable[[Any, Any], Any]]) -> Callable[[Any, Any], Any]:
    """A binary operation that picks its overload when the types are known at last."""

    def compute(left: Any, right: Any) -> Any:
        left_kind, right_kind = kind_of(left), kind_of(right)
        if left_kind is None or right_kind is None or (left_kind, right_kind) not in table:
            raise Failure("no such overload")
        return table[left_kind, right_kind](left, right)

    return compute
