from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import combinations
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.fleet.statistics import adjusted, gain, log_tail, log_threshold

TABLES = st.integers(1, 60).flatmap(
    lambda total: st.tuples(st.integers(0, total), st.integers(0, total), st.just(total)).flatmap(
        lambda t: st.tuples(st.integers(max(0, t[0] + t[1] - t[2]), min(t[0], t[1])), *map(st.just, t))
    )
)
"""both, having, affected, total"""


def exact_tail(both: int, having: int, affected: int, total: int) -> Fraction:
    hits = sum(
        comb(having, x) * comb(total - having, affected - x)
        for x in range(both, min(having, affected) + 1)
        if affected - x <= total - having
    )
    return Fraction(hits, comb(total, affected))


@settings(max_examples=400, deadline=None)
@given(TABLES)
def test_the_tail_is_that_of_counting_all_tables(table: tuple[int, int, int, int]) -> None:
    wanted = exact_tail(*table)
    assert math.exp(log_tail(*table)) == pytest.approx(float(wanted), rel=1e-9, abs=1e-12)
    assert log_tail(*table) <= 0


def test_the_tail_is_that_of_dealing_labels_in_every_way() -> None:
    hosts, having, affected = range(9), set(range(4)), 3
    ways = [sum(host in having for host in chosen) for chosen in combinations(hosts, affected)]
    for both in range(affected + 1):
        share = sum(way >= both for way in ways) / len(ways)
        assert math.exp(log_tail(both, 4, affected, 9)) == pytest.approx(share)


def test_the_tail_of_a_large_fleet_is_no_zero_and_no_overflow() -> None:
    assert log_tail(4290, 4790, 4728, 100_000) < -10_000
    assert log_tail(50_000, 99_999, 50_000, 100_000) == pytest.approx(math.log(0.5))
    assert log_tail(0, 50_000, 50_000, 100_000) == 0
    assert -1 < log_tail(25_000, 50_000, 50_000, 100_000) < -0.6
    assert log_tail(10_000, 10_000, 10_000, 100_000) < -30_000


@settings(deadline=None)
@given(TABLES)
def test_more_hits_are_never_likelier(table: tuple[int, int, int, int]) -> None:
    both, having, affected, total = table
    if both < min(having, affected):
        assert log_tail(both + 1, having, affected, total) <= log_tail(*table) + 1e-9


@pytest.mark.parametrize("table", [(-1, 2, 2, 4), (3, 2, 4, 9), (0, 5, 5, 4), (0, 3, 3, 5), (1, 9, 1, 4)])
def test_a_table_that_cannot_be_is_refused(table: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="no table"):
        log_tail(*table)


@given(TABLES)
def test_the_gain_is_what_entropy_loses(table: tuple[int, int, int, int]) -> None:
    both, having, affected, total = table

    def entropy(*parts: int) -> float:
        whole = sum(parts)
        return -sum(part * math.log(part / whole) for part in parts if part) if whole else 0.0

    split = entropy(both, having - both) + entropy(affected - both, total - having - affected + both)
    wanted = entropy(affected, total - affected) - split
    assert abs(gain(*table)) == pytest.approx(max(wanted, 0), abs=1e-9)
    assert (gain(*table) >= 0) == (both * total >= having * affected) or gain(*table) == 0


def test_a_correction_counts_every_test() -> None:
    assert adjusted(math.log(1e-6), 1000) == pytest.approx(1e-3)
    assert adjusted(math.log(0.5), 1000) == 1
    assert math.exp(log_threshold(0.05, 5000)) == pytest.approx(1e-5)


def test_random_labels_stay_below_the_threshold_as_often_as_promised() -> None:
    deal, limit = random.Random(5), math.log(0.05)
    alarms = 0
    for _ in range(2000):
        both = sum(host < 40 for host in deal.sample(range(100), 30))
        alarms += log_tail(both, 40, 30, 100) < limit
    assert alarms <= 0.06 * 2000
