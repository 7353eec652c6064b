"""The condition language: a checked subset of CEL (https://github.com/google/cel-spec) in pure Python.

An expression is checked against declared names when it is loaded. Evaluating it never raises: what is missing gives
an `Unknown` that says what could not be known and why.
"""

from __future__ import annotations

from diagnose.expressions.compiler import Compiled, compile_expression
from diagnose.expressions.problems import ExpressionErrors, ExpressionProblem
from diagnose.expressions.template import Template, compile_template, shown
from diagnose.expressions.types import (
    BOOL,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    VERSION,
    Kind,
    Type,
    enum_of,
    list_of,
)
from diagnose.expressions.values import Gap, Unknown, Version, unknown

__all__ = [
    "BOOL",
    "DOUBLE",
    "DURATION",
    "DYN",
    "INT",
    "NULL",
    "STRING",
    "TIMESTAMP",
    "VERSION",
    "Compiled",
    "ExpressionErrors",
    "ExpressionProblem",
    "Gap",
    "Kind",
    "Template",
    "Type",
    "Unknown",
    "Version",
    "compile_expression",
    "compile_template",
    "enum_of",
    "list_of",
    "shown",
    "unknown",
]
