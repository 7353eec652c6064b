"""Compiles a condition: parse, check against the declared names, and turn it into closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from diagnose.expressions.admission import admitted
from diagnose.expressions.calls import check_call
from diagnose.expressions.checker import BROKEN, Checked, Checker
from diagnose.expressions.closures import ITERATION_LIMIT, Run
from diagnose.expressions.names import check_identifier, check_index, check_list, check_literal, check_select, literal
from diagnose.expressions.operations import check_binary, check_conditional, check_logical, check_unary
from diagnose.expressions.parser import parse
from diagnose.expressions.problems import ExpressionErrors
from diagnose.expressions.syntax import (
    Binary,
    Call,
    Conditional,
    Identifier,
    Index,
    ListLiteral,
    Literal,
    Logical,
    Node,
    Select,
    Unary,
)
from diagnose.expressions.types import BOOL, Kind, Type, fits
from diagnose.expressions.values import unknown
from diagnose.machine.values import Reason
from diagnose.messages import message

_HANDLERS: Mapping[type[Node], Callable[[Checker, Any], Checked]] = {
    Literal: check_literal,
    ListLiteral: check_list,
    Identifier: check_identifier,
    Select: check_select,
    Index: check_index,
    Unary: check_unary,
    Binary: check_binary,
    Logical: check_logical,
    Conditional: check_conditional,
    Call: check_call,
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A condition, or an expression of another type, that is ready to be evaluated any number of times."""

    source: str
    type: Type
    names: frozenset[str]
    """The dotted names that it reads, such as `evidence.days_left`."""
    _run: Run = field(repr=False, compare=False)
    _frame: tuple[Any, ...] = field(repr=False, compare=False)

    def evaluate(self, values: Mapping[str, object]) -> object:
        """The value, or `Unknown` with every gap that keeps it from being known. Never raises.

        `values` maps dotted names to values; a name that is missing is unknown, and so is an `Unknown` among them.
        Results are bool, int, float, str, datetime, timedelta, Version, None, a tuple of these, or a dict behind `DYN`.
        """
        try:
            value: object = self._run(values, list(self._frame))
        except Exception as error:  # our own mistake must not end a run that judges many other conditions
            return unknown(self.source, Reason.CHECK_BROKE, detail=type(error).__name__)
        return value


def compile_expression(source: str, names: Mapping[str, Type], want: Type | None = BOOL) -> Compiled:
    """Compile `source` against declared names; `want` is the type that it has to give, None for any.

    Raises `ExpressionErrors`: one problem when it cannot be read, otherwise every problem that it has.
    """
    root = parse(source)
    checker = Checker(source, names, _HANDLERS)
    checked = literal(root) if isinstance(root, Literal) and want is None else checker.check(root)
    run = checked.run
    if want is not None and checked is not BROKEN:
        run = _wanted(checker, root, checked, want)
    if checker.problems:
        raise ExpressionErrors(checker.problems)
    return Compiled(
        source, checked.type, frozenset(checker.used), run, (ITERATION_LIMIT, *[None] * (checker.slots - 1))
    )


def _wanted(checker: Checker, root: Node, checked: Checked, want: Type) -> Run:
    if not fits(checked.type, want):
        if want == BOOL:
            checker.report(root.start, message("expr-not-bool", found=checked.type))
        else:
            checker.report(root.start, message("expr-wrong-result", expected=want, found=checked.type))
    if checked.type.kind is not Kind.DYN or want.kind is Kind.DYN:
        return checked.run
    place = checker.text(root)
    return lambda values, frame: admitted(checked.run(values, frame), want, place)
