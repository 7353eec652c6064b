"""Checks names, fields, literals and lists."""

from __future__ import annotations

from diagnose.errors import nearest
from diagnose.expressions.checker import Checked, Checker
from diagnose.expressions.closures import apply_two, apply_with_constant, constant, field_of, gather, item_of
from diagnose.expressions.syntax import Identifier, Index, ListLiteral, Literal, Node, Select
from diagnose.expressions.types import (
    BOOL,
    DOUBLE,
    DYN,
    INT,
    NULL,
    STRING,
    Kind,
    Type,
    common_to_all,
    element_of,
    list_of,
)
from diagnose.messages import did_you_mean, message

_LITERAL_TYPES: dict[type, Type] = {bool: BOOL, int: INT, float: DOUBLE, str: STRING, type(None): NULL}


def check_literal(checker: Checker, node: Literal) -> Checked:
    """A literal where null has no place."""
    if node.value is None:
        return checker.report(node.start, message("expr-null-place"))
    return literal(node)


def literal(node: Literal) -> Checked:
    """A literal where null is welcome too."""
    return Checked(_LITERAL_TYPES[type(node.value)], constant(node.value), is_constant=True)


def check_list(checker: Checker, node: ListLiteral) -> Checked:
    """`[a, b]`."""
    items = [checker.check(item) for item in node.items]
    type_ = list_of(common_to_all(item.type for item in items))
    run = gather([item.run for item in items])
    if all(item.is_constant for item in items):
        return Checked(type_, constant(run({}, [])), is_constant=True)
    return Checked(type_, run)


def check_identifier(checker: Checker, node: Identifier) -> Checked:
    """A name without dots: a variable of a loop, or a declared name."""
    return checker.variable(node.name) or _resolve(checker, node, node.name)


def check_select(checker: Checker, node: Select) -> Checked:
    """`a.b.c`: the longest declared name that it starts with, and fields behind that."""
    path = dotted(node)
    if path is None or checker.variable(path.partition(".")[0]):
        return _field(checker, node, checker.check(node.operand))
    return _resolve(checker, node, path)


def dotted(node: Node) -> str | None:
    """`a.b.c` when a node is nothing but names with dots between them."""
    fields: list[str] = []
    while isinstance(node, Select):
        fields.append(node.field)
        node = node.operand
    return ".".join((node.name, *reversed(fields))) if isinstance(node, Identifier) else None


def _resolve(checker: Checker, node: Identifier | Select, path: str) -> Checked:
    if path in checker.names:
        return checker.name(path)
    declared = path
    while "." in declared:
        declared = declared.rpartition(".")[0]
        if declared in checker.names:
            assert isinstance(node, Select)  # noqa: S101 - a path with a dot comes from a Select
            return _field(checker, node, checker.check(node.operand))
    suggestion = nearest(path, checker.names)
    return checker.report(node.start, message("expr-unknown-name", did_you_mean(suggestion), name=path))


def _field(checker: Checker, node: Select, operand: Checked) -> Checked:
    if operand.type.kind is not Kind.DYN:
        offset = node.end - len(node.field)
        return checker.report(offset, message("expr-no-field", type=operand.type, field=node.field))
    return Checked(DYN, apply_with_constant(field_of, operand.run, node.field, checker.text(node)))


def check_index(checker: Checker, node: Index) -> Checked:
    """`list[0]`, or `map[key]` behind a name of type `DYN`."""
    operand, index = checker.check(node.operand), checker.check(node.index)
    if operand.type.kind not in (Kind.LIST, Kind.DYN):
        return checker.report(node.start, message("expr-not-a-list", found=operand.type))
    wanted = (Kind.INT, Kind.DYN) if operand.type.kind is Kind.LIST else (Kind.INT, Kind.STRING, Kind.DYN)
    if index.type.kind not in wanted:
        return checker.report(node.index.start, message("expr-bad-index", found=index.type))
    return Checked(element_of(operand.type), apply_two(item_of, operand.run, index.run, checker.text(node)))
