"""Random typed expressions: our language has to agree with Google's CEL about values, unknowns and refusals.

`python tests/unit/test_expressions_against_cel.py 20000 [SEED]` is the long run; it also prints how fast we are.

Never written here, because we refuse them and CEL does not: maps, bytes, unsigned numbers, conversions, other macros,
`timestamp == null`, a name with a dot in front, and `!!1` or `--"a"`, where CEL drops both signs unchecked.
Accepted here and refused by CEL's checker: int beside double in a comparison (the reference is asked about `dyn(...)`
instead) and whatever follows from `[]`, whose items are of type dyn for us.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from diagnose.expressions import (
    BOOL,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    STRING,
    TIMESTAMP,
    ExpressionErrors,
    Unknown,
    compile_expression,
    list_of,
)
from tests.unit.random_expressions import NAMES, WRAP, Data, Generator

cel = pytest.importorskip("cel_expr_python.cel")

REFUSED, NO_VALUE = "refused", "no value"
STRICTER, WIDER = "refused on purpose", "accepted on purpose"
STRICTER_ABOUT = {"expr-bad-timestamp", "expr-bad-duration", "expr-bad-pattern", "expr-null-place", "expr-bad-number"}
"""What CEL finds out when it evaluates, and we when a condition is loaded; also numbers beyond a double."""
WIDER_ABOUT = re.compile(
    r"'(_[=!<>]=?_|@in)' applied to '\((list\()*(int\)*, (list\()*double|double\)*, (list\()*int)\)"
)
"""An int beside a double: CEL's checker refuses it although CEL can compare them."""


class Reference:
    """Google's CEL."""

    def __init__(self) -> None:
        types = {
            str(BOOL): cel.Type.BOOL,
            str(INT): cel.Type.INT,
            str(DOUBLE): cel.Type.DOUBLE,
            str(STRING): cel.Type.STRING,
            str(TIMESTAMP): cel.Type.TIMESTAMP,
            str(DURATION): cel.Type.DURATION,
            str(DYN): cel.Type.DYN,
            str(list_of(INT)): cel.Type.List(cel.Type.INT),
            str(list_of(STRING)): cel.Type.List(cel.Type.STRING),
        }
        self.environment = cel.NewEnv(variables={name: types[str(type_)] for name, type_ in NAMES.items()})

    def answer(self, source: str, data: Data) -> object:
        try:
            program = self.environment.compile(source.replace(WRAP, "dyn("))
        except RuntimeError as error:
            wider = "[]" in source or all(map(WIDER_ABOUT.search, re.findall("ERROR: .*", str(error))))
            return WIDER if wider else REFUSED
        try:
            value = program.eval(data=data)
        except RuntimeError:
            return NO_VALUE
        return NO_VALUE if value.type().name() == "ERROR" else plain(value.plain_value())


def our_answer(source: str, data: Data) -> object:
    try:
        compiled = compile_expression(source.replace(WRAP, "("), NAMES, want=None)
    except ExpressionErrors as errors:
        return STRICTER if {problem.message.id for problem in errors.problems} <= STRICTER_ABOUT else REFUSED
    value = compiled.evaluate(data)
    return NO_VALUE if isinstance(value, Unknown) else plain(value)


def plain(value: Any) -> object:
    """A form in which 1, 1.0 and True differ, NaN equals itself and equal moments are equal."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, timedelta):
        return value
    if isinstance(value, bool | int | float | str | None):
        return repr(value)
    if isinstance(value, dict) or hasattr(value, "keys"):
        return repr({key: plain(item) for key, item in value.items()})
    return [plain(item) for item in value]


def compare(count: int, seed: int) -> tuple[Counter[str], list[tuple[str, object, object, Data]]]:
    """How often which kind of answer came, and every disagreement as (source, reference, ours, data)."""
    generator, reference = Generator(seed), Reference()
    kinds: Counter[str] = Counter()
    differences = []
    for _ in range(count):
        source, data = generator.source(), generator.data()
        expected, found = reference.answer(source, data), our_answer(source, data)
        answer = WIDER if expected == WIDER else found
        kinds[str(answer) if answer in (REFUSED, NO_VALUE, STRICTER, WIDER) else "value"] += 1
        if answer not in (expected, STRICTER):
            differences.append((source, expected, found, data))
    return kinds, differences


def test_fifteen_hundred_random_expressions_mean_what_cel_says() -> None:
    kinds, differences = compare(1_500, seed=2026)
    assert not differences
    assert min(kinds["value"], kinds[NO_VALUE], kinds[REFUSED]) > 50, kinds


def per_second(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    for _ in range(20_000):
        action()
    return 20_000 / (time.perf_counter() - start)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    kinds, differences = compare(count, seed)
    print(f"seed {seed}: {count - len(differences)} of {count} agree; {dict(kinds)}")
    for source, expected, found, data in differences[:20]:
        print(f"\n{source}\n  CEL: {expected}\n  we:  {found}\n  {data}")
    source = 'c.s == "期限切れ" && c.i < 10 && c.ok'
    condition, values = compile_expression(source, NAMES), {"c.s": "期限切れ", "c.i": 3, "c.ok": True}
    print(f"{per_second(lambda: condition.evaluate(values)):,.0f} evaluations a second: {source}")
    print(f"{per_second(lambda: compile_expression(source, NAMES)):,.0f} compilations a second")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
