"""Checks calls: functions, `has`, and the loops `exists` and `all`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diagnose.errors import nearest
from diagnose.expressions.admission import kind_of
from diagnose.expressions.checker import Checked, Checker
from diagnose.expressions.closures import apply_one, apply_two, constant, known, loop
from diagnose.expressions.functions import EVERY_NAME, FUNCTIONS, HAS, MACROS, MATCHES, Function, Macro
from diagnose.expressions.literals import pattern_test
from diagnose.expressions.names import dotted
from diagnose.expressions.operations import check_bool
from diagnose.expressions.syntax import Call, Identifier, Literal, Node
from diagnose.expressions.types import BOOL, Kind, element_of
from diagnose.expressions.values import Failure
from diagnose.messages import Message, did_you_mean, message


def check_call(checker: Checker, node: Call) -> Checked:
    """A function, `has`, `exists` or `all`."""
    if node.function == HAS and node.receiver is None:
        return _check_has(checker, node)
    if node.function in MACROS and node.receiver is not None:
        return _check_loop(checker, node, node.receiver, MACROS[node.function])
    function = FUNCTIONS.get(node.function)
    if function is None:
        return _unknown_function(checker, node)
    if not (function.call if node.receiver is None else function.method):
        shape = f"x.{node.function}(…)" if function.method else f"{node.function}(x)"
        hint = message("expr-hint-write", text=shape)
        return checker.report(node.function_start, message("expr-function-shape", hint, name=node.function))
    return _check_function(checker, node, function)


def _unknown_function(checker: Checker, node: Call) -> Checked:
    shapes = {HAS: "has(name)"} | {name: f"list.{name}(x, …)" for name in MACROS}
    hint: Message | None = did_you_mean(nearest(node.function, EVERY_NAME))
    if node.function in shapes:
        hint = message("expr-hint-write", text=shapes[node.function])
    return checker.report(node.function_start, message("expr-unknown-function", hint, name=node.function))


def _check_has(checker: Checker, node: Call) -> Checked:
    if len(node.arguments) != 1 or dotted(node.arguments[0]) is None:
        return checker.report(node.function_start, message("expr-has-needs-name"))
    return Checked(BOOL, known(checker.check(node.arguments[0]).run))


def _check_loop(checker: Checker, node: Call, receiver: Node, macro: Macro) -> Checked:
    items = checker.check(receiver)
    if items.type.kind not in (Kind.LIST, Kind.DYN):
        checker.report(receiver.start, message("expr-not-a-list", found=items.type))
    if len(node.arguments) != 2 or not isinstance(node.arguments[0], Identifier):
        return checker.report(node.function_start, message("expr-loop-shape", name=node.function))
    name, body = node.arguments[0].name, node.arguments[1]
    with checker.loop_variable(name, element_of(items.type)) as slot:
        run = check_bool(checker, body)
    return Checked(BOOL, loop(items.run, run, slot, macro.stops_at, checker.text(node)))


def _check_function(checker: Checker, node: Call, function: Function) -> Checked:
    arguments = node.arguments if node.receiver is None else (node.receiver, *node.arguments)
    checked = [checker.check(argument) for argument in arguments]
    if len(arguments) != len(function.parameters):
        expected = len(function.parameters) - (node.receiver is not None)
        found = len(node.arguments)
        problem = message("expr-argument-count", name=node.function, expected=expected, found=found)
        return checker.report(node.function_start, problem)
    for argument, found_type, kinds in zip(arguments, (one.type for one in checked), function.parameters, strict=True):
        if found_type.kind not in (*kinds, Kind.DYN):
            expected_kinds = "/".join(kind.name.lower() for kind in kinds if kind is not Kind.MAP)
            problem = message("expr-argument-type", name=node.function, expected=expected_kinds, found=found_type)
            return checker.report(argument.start, problem)
    last = arguments[-1]
    if function.bad_literal and isinstance(last, Literal):
        return _computed_now(checker, last, function)
    if node.function == MATCHES:
        return _check_matches(checker, node, last, checked[0])
    compute = _guarded(function) if any(one.type.kind is Kind.DYN for one in checked) else function.compute
    apply: Callable[..., Any] = apply_one if len(checked) == 1 else apply_two
    return Checked(function.result, apply(compute, *(one.run for one in checked), checker.text(node)))


def _computed_now(checker: Checker, argument: Literal, function: Function) -> Checked:
    try:
        return Checked(function.result, constant(function.compute(argument.value)), is_constant=True)
    except Failure:
        return checker.report(argument.start, message(function.bad_literal, text=argument.value))


def _check_matches(checker: Checker, node: Call, pattern: Node, text: Checked) -> Checked:
    if not isinstance(pattern, Literal):
        return checker.report(pattern.start, message("expr-pattern-not-literal"))
    try:
        found = pattern_test(str(pattern.value))
    except Failure as failure:
        return checker.report(pattern.start, message("expr-bad-pattern", detail=failure.detail))
    guarded = _guarded(Function((FUNCTIONS[MATCHES].parameters[0],), BOOL, found))
    return Checked(BOOL, apply_one(guarded, text.run, checker.text(node)))


def _guarded(function: Function) -> Callable[..., Any]:
    """The function, for arguments whose types are known at run time only."""

    def compute(*values: object) -> Any:
        if any(kind_of(value) not in kinds for value, kinds in zip(values, function.parameters, strict=True)):
            raise Failure("no such overload")
        return function.compute(*values)

    return compute
