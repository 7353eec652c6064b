"""Sentences with expressions inside: `期限まであと {days(evidence.left)} 日です`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from diagnose.expressions.compiler import Compiled, compile_expression
from diagnose.expressions.lexer import STRING_PATTERN
from diagnose.expressions.problems import ExpressionErrors, ExpressionProblem
from diagnose.expressions.types import Kind, Type
from diagnose.expressions.values import Unknown
from diagnose.messages import message

TEMPLATE_LIMIT = 16_384
"""Characters of one template."""

_TEXT = re.compile(r"(?:[^{}]|\{\{|\}\})*")
_EXPRESSION = re.compile(rf"(?:{STRING_PATTERN}|[^{{}}\"'])*", re.VERBOSE)


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence that is ready to be filled in any number of times."""

    source: str
    names: frozenset[str]
    """The dotted names that its expressions read."""
    _parts: tuple[str | Compiled, ...]

    def render(self, values: Mapping[str, object], format_value: Callable[[object, Type], str]) -> str:
        """The sentence. `format_value` turns each value, which may be `Unknown`, of its type into words."""
        return "".join(
            part if isinstance(part, str) else format_value(shown(part, values), part.type) for part in self._parts
        )


def shown(expression: Compiled, values: Mapping[str, object]) -> object:
    """The value of one expression; a plain name gives the object itself where that holds words for people."""
    value = expression.evaluate(values)
    held = values.get(expression.source.strip())
    if held is None or isinstance(held, Unknown):
        return value
    labelled = isinstance(held, str) and held == value
    return held if labelled or expression.type.kind is Kind.DYN else value


def compile_template(source: str, names: Mapping[str, Type]) -> Template:
    """Compile a sentence; `{expression}` of any type, `{{` and `}}` for braces themselves.

    Raises `ExpressionErrors` with the problems of all expressions; offsets count from the start of the template.
    """
    parts: list[str | Compiled] = []
    problems: list[ExpressionProblem] = []
    if len(source) > TEMPLATE_LIMIT:
        raise ExpressionErrors([ExpressionProblem(TEMPLATE_LIMIT, message("expr-too-long", limit=TEMPLATE_LIMIT))])
    offset = 0
    while offset < len(source):
        text = _matched(_TEXT, source, offset)
        parts.append(text.replace("{{", "{").replace("}}", "}"))
        start = offset + len(text) + 1
        if start > len(source):
            break
        offset = _expression_end(source, start)
        try:
            parts.append(compile_expression(source[start:offset], names, want=None))
        except ExpressionErrors as errors:
            problems += [replace(problem, offset=start + problem.offset) for problem in errors.problems]
        offset += 1
    if problems:
        raise ExpressionErrors(problems)
    used = frozenset[str]().union(*(part.names for part in parts if isinstance(part, Compiled)))
    return Template(source, used, tuple(parts))


def _expression_end(source: str, start: int) -> int:
    """The offset of the brace that closes the expression; braces inside its strings do not count."""
    if source[start - 1] == "}":
        raise ExpressionErrors([ExpressionProblem(start - 1, message("expr-template-brace"))])
    end = start + len(_matched(_EXPRESSION, source, start))
    if source[end : end + 1] == "}":
        return end
    problem = "expr-unterminated-string" if source[end : end + 1] in ('"', "'") else "expr-template-unclosed"
    offset = end if problem == "expr-unterminated-string" else start - 1
    raise ExpressionErrors([ExpressionProblem(offset, message(problem))])


def _matched(pattern: re.Pattern[str], source: str, offset: int) -> str:
    match = pattern.match(source, offset)
    return match.group() if match else ""
