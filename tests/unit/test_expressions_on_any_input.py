from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.expressions import (
    BOOL,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    STRING,
    TIMESTAMP,
    VERSION,
    Compiled,
    ExpressionErrors,
    Type,
    Unknown,
    Version,
    compile_expression,
    enum_of,
    list_of,
    unknown,
)
from diagnose.machine.values import Reason
from diagnose.text import Language
from tests.unit.random_expressions import NAMES as RANDOM_NAMES
from tests.unit.random_expressions import WRAP, Generator

NAMES: Mapping[str, Type] = {
    "evidence.days_left": INT,
    "evidence.state": enum_of(("allowed", "blocked")),
    "evidence.share": DOUBLE,
    "evidence.left": DURATION,
    "evidence.log": list_of(STRING),
    "evidence.states": list_of(enum_of(("allowed", "blocked"))),
    "evidence.raw": DYN,
    "evidence.raw.size": INT,
    "evidence.numbers": list_of(INT),
    "facts.agent.version": VERSION,
    "answers.note": STRING,
    "ready": BOOL,
    "now": TIMESTAMP,
}


def compiled_or_none(source: str, names: Mapping[str, Type]) -> Compiled | None:
    try:
        return compile_expression(source, names, want=None)
    except ExpressionErrors as errors:
        assert all(0 <= problem.offset <= len(source) for problem in errors.problems)
        assert all(problem.message.in_language(Language.JA) for problem in errors.problems)
        return None


def assert_sound(value: object) -> None:
    """Never our own mistake: the catch-all of `evaluate` is not needed."""
    if isinstance(value, Unknown):
        assert value.gaps
        assert all(gap.reason is not Reason.CHECK_BROKE for gap in value.gaps), value


PIECES = [
    *NAMES,
    *"()[].,?:!-+*/%<>=&|'\"\\{} \n",
    "&&",
    "||",
    "==",
    "exists(x, ",
    "x",
    "has(",
    "1",
    ".5",
    "r'",
    "期限",
]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(st.characters(), max_size=40), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)))
def test_any_text_gives_a_condition_or_problems(source: str) -> None:
    compiled = compiled_or_none(source, NAMES)
    if compiled is not None:
        assert_sound(compiled.evaluate({}))


SCALARS: list[Any] = [
    None,
    True,
    0,
    -1,
    2**63,
    -(2**63),
    0.0,
    float("nan"),
    float("inf"),
    "",
    "期限",
    "\ud800",
    object(),
]
SCALARS += [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(2026, 1, 1),
    timedelta.max,
    timedelta(1),
    b"x",
    {1},
    Version((), "0"),
]
VALUES = st.recursive(
    st.sampled_from([*SCALARS, unknown("何か", Reason.TIMED_OUT)]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["left", "a"]), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.dictionaries(st.sampled_from(sorted(RANDOM_NAMES)), VALUES))
def test_any_condition_over_any_values_gives_a_value_or_unknown(seed: int, values: dict[str, object]) -> None:
    generator = Generator(seed)
    compiled = compiled_or_none(generator.source().replace(WRAP, "("), RANDOM_NAMES)
    if compiled is not None:
        assert_sound(compiled.evaluate(values))
        assert_sound(compiled.evaluate(generator.data() | values))
