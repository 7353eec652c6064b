"""Checks operators: logic, choice, arithmetic, order and equality."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from diagnose.errors import nearest
from diagnose.expressions.admission import contains, equal, kind_of
from diagnose.expressions.checker import BROKEN, Checked, Checker
from diagnose.expressions.closures import (
    Run,
    apply_one,
    apply_two,
    apply_with_constant,
    boolean,
    by_kinds,
    choose,
    constant,
    decide,
    gather,
)
from diagnose.expressions.names import literal
from diagnose.expressions.overloads import Overload, matching, negated_int
from diagnose.expressions.syntax import Binary, Conditional, ListLiteral, Literal, Logical, Node, Unary
from diagnose.expressions.types import (
    BOOL,
    DYN,
    VERSION,
    Kind,
    Type,
    can_be_equal,
    common,
    common_to_all,
    element_of,
    list_of,
)
from diagnose.expressions.values import Failure, parse_version
from diagnose.messages import Message, did_you_mean, message

_Compute = Callable[[Any, Any], Any]

_ARITHMETIC = ("+", "-", "*", "/", "%")

_EXACT_KINDS = frozenset({Kind.BOOL, Kind.INT, Kind.STRING, Kind.TIMESTAMP, Kind.DURATION, Kind.VERSION})
"""Kinds whose values Python compares as CEL does, also inside tuples (where it takes one NaN to equal itself)."""


def check_bool(checker: Checker, node: Node) -> Run:
    """A part that has to be true or false."""
    checked = checker.check(node)
    if checked.type.kind is Kind.BOOL:
        return checked.run
    if checked.type.kind is not Kind.DYN:
        checker.report(node.start, message("expr-not-bool", found=checked.type))
    return boolean(checked.run, checker.text(node))


def check_logical(checker: Checker, node: Logical) -> Checked:
    """`&&` and `||`."""
    terms = [check_bool(checker, term) for term in node.terms]
    return Checked(BOOL, decide(terms, stops_at=node.operator == "||"))


def check_conditional(checker: Checker, node: Conditional) -> Checked:
    """`condition ? then : otherwise`."""
    condition = check_bool(checker, node.condition)
    then, otherwise = checker.check(node.then), checker.check(node.otherwise)
    type_ = common(then.type, otherwise.type)
    if type_ is None:
        return checker.report(node.start, message("expr-branches", left=then.type, right=otherwise.type))
    return Checked(type_, choose(condition, then.run, otherwise.run))


def check_unary(checker: Checker, node: Unary) -> Checked:
    """`!` and `-`."""
    if node.operator == "!":
        return Checked(BOOL, apply_one(operator.not_, check_bool(checker, node.operand), checker.text(node)))
    operand = checker.check(node.operand)
    if operand.type.kind not in (Kind.INT, Kind.DOUBLE, Kind.DYN):
        return checker.report(node.start, message("expr-operand", operator="-", found=operand.type))
    return Checked(operand.type, apply_one(_negated, operand.run, checker.text(node)))


def _negated(value: Any) -> Any:
    match kind_of(value):
        case Kind.INT:
            return negated_int(value)
        case Kind.DOUBLE:
            return -value
        case _:
            raise Failure("no such overload")


def check_binary(checker: Checker, node: Binary) -> Checked:
    """Arithmetic, comparison and `in`."""
    left, right = _operand(checker, node, node.left), _operand(checker, node, node.right)
    if node.operator not in _ARITHMETIC:
        left, right = _versions(checker, node, left, right)
    if BROKEN in (left, right):
        return Checked(BOOL if node.operator not in _ARITHMETIC else DYN, BROKEN.run)
    if node.operator in ("==", "!="):
        return _equality(checker, node, left, right)
    if node.operator == "in":
        return _membership(checker, node, left, right)
    return _computed(checker, node, left, right)


def _operand(checker: Checker, binary: Binary, node: Node) -> Checked:
    if isinstance(node, Literal) and node.value is None and binary.operator in ("==", "!="):
        return literal(node)
    return checker.check(node)


def _versions(checker: Checker, node: Binary, left: Checked, right: Checked) -> tuple[Checked, Checked]:
    """Literal texts beside a version become versions, so that `agent.version < "7.2.5"` compares numbers."""
    if left.type == VERSION:
        right = _as_version(checker, node.right, right)
    elif VERSION in (right.type, right.type.element):
        left = _as_version(checker, node.left, left)
    return left, right


def _as_version(checker: Checker, node: Node, checked: Checked) -> Checked:
    if isinstance(node, ListLiteral) and node.items and all(map(_is_text, node.items)):
        items = [_as_version(checker, item, checked) for item in node.items]
        return Checked(list_of(VERSION), gather([item.run for item in items]))
    if not isinstance(node, Literal) or not isinstance(node.value, str):
        return checked
    try:
        return Checked(VERSION, constant(parse_version(node.value)), is_constant=True)
    except Failure:
        return checker.report(node.start, message("expr-bad-version", text=node.value))


def _is_text(node: Node) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, str)


def _computed(checker: Checker, node: Binary, left: Checked, right: Checked) -> Checked:
    overloads = matching(node.operator, left.type, right.type)
    type_ = _result(overloads, left.type, right.type)
    if type_ is None:
        return checker.report(
            node.operator_start,
            message("expr-operands", _hint(left, right), operator=node.operator, left=left.type, right=right.type),
        )
    compute = overloads[0].compute
    if Kind.DYN in (left.type.kind, right.type.kind):
        compute = by_kinds({(overload.left, overload.right): overload.compute for overload in overloads})
    return Checked(type_, _apply(checker, node, compute, left, right))


def _result(overloads: Sequence[Overload], left: Type, right: Type) -> Type | None:
    if not overloads:
        return None
    if left.kind is right.kind is Kind.LIST:
        return common(left, right)
    type_ = common_to_all(overload.result for overload in overloads)
    # CEL cannot tell here either, because it knows unsigned numbers too.
    return DYN if left == right == DYN and type_ != BOOL else type_


def _equality(checker: Checker, node: Binary, left: Checked, right: Checked) -> Checked:
    _check_members(checker, node, left, right)
    if not can_be_equal(left.type, right.type):
        checker.report(node.operator_start, _never_equal(left, right))
    scalar = _EXACT_KINDS | {Kind.DOUBLE}
    compute: _Compute = operator.eq if left.type.kind in scalar and right.type.kind in scalar else equal
    if node.operator == "!=":
        return Checked(BOOL, _apply(checker, node, _NEGATED[compute], left, right))
    return Checked(BOOL, _apply(checker, node, compute, left, right))


def _different(left: object, right: object) -> bool:
    return not equal(left, right)


_NEGATED: Mapping[_Compute, _Compute] = {operator.eq: operator.ne, equal: _different}


def _never_equal(left: Checked, right: Checked) -> Message:
    if left.type.values and right.type.values:
        return message("expr-no-common-value", left=_joined(left), right=_joined(right))
    return message("expr-never-equal", _hint(left, right), left=left.type, right=right.type)


def _membership(checker: Checker, node: Binary, left: Checked, right: Checked) -> Checked:
    if right.type.kind not in (Kind.LIST, Kind.DYN):
        return checker.report(node.right.start, message("expr-not-a-list", found=right.type))
    _check_members(checker, node, left, right)
    element = element_of(right.type)
    if not can_be_equal(left.type, element):
        checker.report(
            node.operator_start, message("expr-never-in", _hint(left, right), left=left.type, right=right.type)
        )
    exact = left.type.kind is element.kind and element.kind in _EXACT_KINDS
    return Checked(BOOL, _apply(checker, node, _is_item if exact else _is_equal_to_an_item, left, right))


def _is_item(wanted: object, items: tuple[object, ...]) -> bool:
    return wanted in items


def _is_equal_to_an_item(wanted: object, items: object) -> bool:
    return contains(items, wanted)


def _check_members(checker: Checker, node: Binary, left: Checked, right: Checked) -> None:
    """Reports the literals that an enum on the other side can never be."""
    for enum, other in ((left, node.right), (right, node.left)):
        allowed = (enum.type.element or enum.type).values
        if not allowed:
            continue
        for text, offset in _literal_texts(other):
            if text not in allowed:
                hint = did_you_mean(nearest(text, allowed))
                checker.report(offset, message("expr-never-one-of", hint, value=text, values=", ".join(allowed)))


def _literal_texts(node: Node) -> Iterator[tuple[str, int]]:
    if isinstance(node, Literal) and isinstance(node.value, str):
        yield node.value, node.start
    elif isinstance(node, ListLiteral):
        for item in node.items:
            yield from _literal_texts(item)
    elif isinstance(node, Conditional):
        yield from _literal_texts(node.then)
        yield from _literal_texts(node.otherwise)


def _hint(left: Checked, right: Checked) -> Message | None:
    kinds = {left.type.kind, right.type.kind}
    if Kind.NULL in kinds:
        return message("expr-hint-has")
    if kinds == {Kind.INT, Kind.DOUBLE}:
        return message("expr-hint-mixed-numbers")
    if kinds == {Kind.VERSION, Kind.STRING}:
        return message("expr-hint-version")
    if kinds == {Kind.TIMESTAMP, Kind.STRING}:
        return message("expr-hint-write", text='timestamp("…")')
    if kinds == {Kind.DURATION, Kind.STRING}:
        return message("expr-hint-write", text='duration("…")')
    return None


def _joined(checked: Checked) -> str:
    return ", ".join(checked.type.values)


def _apply(checker: Checker, node: Binary, compute: _Compute, left: Checked, right: Checked) -> Run:
    place = checker.text(node)
    if right.is_constant:
        return apply_with_constant(compute, left.run, right.run({}, []), place)
    return apply_two(compute, left.run, right.run, place)
