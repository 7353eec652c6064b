from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculations.waiting_time import CALCULATION, WAITS
from diagnose.check import Value


def compared(usual: int, limit: int, minutes: float | None) -> dict[str, Value]:
    return dict(CALCULATION.calculate({"usual": usual, "limit": limit, "minutes": minutes}).evidence)


@pytest.mark.parametrize(
    ("minutes", "wait"), [(0.0, "usual"), (10.0, "usual"), (10.5, "long"), (30.0, "long"), (30.1, "too_long")]
)
def test_the_wait_is_compared_with_what_is_usual_and_with_the_limit(minutes: float, wait: str) -> None:
    assert compared(10, 30, minutes) == {"usual_minutes": 10, "limit_minutes": 30, "wait": wait}


@pytest.mark.parametrize("minutes", [None, -1.0, math.nan, math.inf])
def test_without_a_time_nobody_knows_but_what_is_usual_is_told(minutes: float | None) -> None:
    assert compared(10, 30, minutes) == {"usual_minutes": 10, "limit_minutes": 30}


def test_a_limit_below_what_is_usual_counts_as_that() -> None:
    assert compared(10, 5, 8.0) == {"usual_minutes": 10, "limit_minutes": 10, "wait": "usual"}


@pytest.mark.parametrize("usual", [0, -5])
def test_a_wait_for_an_answer_has_no_usual_time(usual: int) -> None:
    assert compared(usual, 30, 8.0) == {}


@given(st.integers(), st.integers(), st.none() | st.floats())
def test_any_numbers_give_what_is_declared(usual: int, limit: int, minutes: float | None) -> None:
    found: dict[str, Any] = compared(usual, limit, minutes)
    assert found.keys() <= CALCULATION.evidence.keys()
    assert found.get("wait", "usual") in WAITS
