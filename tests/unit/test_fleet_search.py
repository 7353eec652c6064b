"""Small version of `python -m tests.bench.fleet trials`, with fixed seeds."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.fleet.columns import Column, Nothing
from diagnose.fleet.properties import Kind, describe
from diagnose.fleet.search import SMALL_FLEET, Findings, explain
from diagnose.fleet.sets import members, set_of
from diagnose.fleet.visiting import fewest
from tests.unit.fleet_samples import PLANTED, Fleet, Row, parts_and_labels

NOISE = 45


def found_in(rows: list[Row], labels: list[bool], causes: int = 1) -> Findings:
    parts, affected, healthy = parts_and_labels(rows, labels)
    return explain(parts, affected, healthy, causes=causes)


@pytest.mark.parametrize("cause", sorted(PLANTED))
def test_planted_causes_are_found_exactly(cause: str) -> None:
    exact = 0
    for seed in range(3):
        found = found_in(*Fleet(seed, NOISE).sample(cause, 30, 270))
        exact += bool(found.claims) and {atom.name for atom in found.claims[0].atoms} == PLANTED[cause]
    assert exact == 3


def test_nothing_is_claimed_for_random_labels() -> None:
    claims = sum(bool(found_in(*Fleet(seed, NOISE).sample("nothing", 30, 270)).claims) for seed in range(12))
    assert claims == 0


def test_in_twenty_computers_a_strong_cause_is_found_and_chance_is_not() -> None:
    strong = [found_in(*Fleet(seed, NOISE).sample("single", 10, 10)) for seed in range(6)]
    assert sum(bool(found.claims) and found.claims[0].atoms[0].name == "drv.nic" for found in strong) >= 5
    assert any(found.permutations > 0 for found in strong)
    # One in twenty may err.
    assert sum(bool(found_in(*Fleet(seed, NOISE).sample("nothing", 10, 10)).claims) for seed in range(12)) <= 1


def test_few_computers_give_a_hint_and_what_it_would_take() -> None:
    rows = [{"mode": "pac" if n < 5 or n in {7, 9} else "none", "x": n % 3} for n in range(16)]
    found = found_in(rows, [n < 5 for n in range(16)], causes=20)
    assert not found.claims
    assert found.candidates[0].atoms[0].name == "mode"
    assert found.candidates[0].needed is not None
    assert found.candidates[0].needed > 0


def test_a_large_fleet_is_bounded_by_correction_alone() -> None:
    found = found_in(*Fleet(3, NOISE).sample("pair", 40, SMALL_FLEET))
    assert found.permutations == 0
    assert {atom.name for atom in found.claims[0].atoms} == PLANTED["pair"]
    assert found.claims[0].p < 1e-6


def test_the_answer_does_not_depend_on_the_order_of_columns() -> None:
    rows, labels = Fleet(1, NOISE).sample("pair", 30, 270)
    names = sorted(rows[0])
    random.Random(2).shuffle(names)
    assert found_in(rows, labels) == found_in([{name: row[name] for name in names} for row in rows], labels)


def test_what_only_goes_along_with_a_claim_is_no_claim() -> None:
    deal = random.Random(8)
    rows, labels = [], []
    for _ in range(500):
        site = deal.randrange(10)
        sick = site == 3 and deal.random() < 0.9
        # The server goes with the site, mostly.
        rows.append({"site": f"s{site}", "server": f"v{site // 2 if deal.random() < 0.9 else 4}", "n": deal.random()})
        labels.append(sick)
    found = found_in(rows, labels)
    assert [claim.atoms[0].name for claim in found.claims] == ["site"]
    assert {atom.name for rule in found.along for atom in rule.atoms} <= {"site", "server"}
    assert found.along


def test_two_names_for_the_same_computers_are_one_finding() -> None:
    rows = [{"build": 19045 + n % 2, "name": "ten" if n % 2 == 0 else "eleven"} for n in range(100)]
    found = found_in(rows, [n % 2 == 0 and n < 90 for n in range(100)])
    assert len(found.claims) == 1
    names = {found.claims[0].atoms[0].name, *(atoms[0].name for atoms in found.claims[0].also)}
    assert names == {"build", "name"}


def test_not_asked_not_seen_and_not_there_stay_apart() -> None:
    column = Column("proxy")
    values: list[object] = ["pac"] * 5 + [Nothing.ABSENT] * 6 + [None] * 4
    for number, value in enumerate(values):
        column.add(number, value)
    parts = describe(column, range(20)).parts  # five more rows were never asked
    seen = {one.kind: list(members(one.mask, 20)) for part in parts for one in part.properties}
    assert seen[Kind.UNSEEN] == list(range(11, 15))
    assert seen[Kind.ABSENT] == list(range(5, 11))
    assert seen[Kind.IS] == list(range(5))
    universes = {one.kind: list(members(part.universe, 20)) for part in parts for one in part.properties}
    assert universes[Kind.UNSEEN] == list(range(15)), "who was not asked says nothing"
    assert universes[Kind.IS] == list(range(11))


def test_versions_are_cut_in_their_order_and_numbers_at_round_places() -> None:
    versions = ["7.0.1", "7.2.4", "7.2.5", "7.2.10", "7.10.0"]
    rows: list[dict[str, Any]] = [
        {"v": versions[n % 5], "days": -3.5 if n % 2 else 17.25, "at": f"2026-11-{n % 9 + 1:02d}"} for n in range(60)
    ]
    found = found_in(rows, [row["v"] in {"7.0.1", "7.2.4"} for row in rows])
    assert [(a.name, a.kind, a.operand) for a in found.claims[0].atoms] == [("v", Kind.BELOW, "7.2.5")]
    found = found_in(rows, [n % 2 == 1 for n in range(60)])
    assert [(a.name, a.kind, a.operand) for a in found.claims[0].atoms] == [("days", Kind.BELOW, 0.0)]
    found = found_in(rows, [n % 9 >= 5 for n in range(60)])
    assert [(a.name, a.kind, a.operand) for a in found.claims[0].atoms] == [("at", Kind.FROM, "2026-11-06")]


def test_lists_are_compared_by_what_they_hold() -> None:
    rows = [{"updates": ["KB1", "KB2", *(["KB9"] if n % 3 == 0 else []), f"KB{n % 4 + 3}"]} for n in range(60)]
    found = found_in(rows, [n % 3 == 0 for n in range(60)])
    assert [(a.kind, a.operand) for a in found.claims[0].atoms] == [(Kind.HAS, "KB9")]


def test_identifiers_explain_nothing() -> None:
    rows = [{"serial": f"x{n}", "mac": f"{n:012x}", "site": "a" if n % 2 else "b"} for n in range(60)]
    found = found_in(rows, [n < 6 for n in range(60)])
    assert not found.claims
    column = Column("serial")
    for number, row in enumerate(rows):
        column.add(number, row["serial"])
    assert describe(column, range(60)).left_out == "identifier"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_columns_and_labels_give_counts_that_are_true(data: st.DataObject) -> None:
    count = data.draw(st.integers(4, 40))
    value = st.one_of(
        st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["a", "b", "1.2", "1.10", ""]),
        st.just(Nothing.ABSENT), st.lists(st.sampled_from("xyz"), max_size=3), st.floats(allow_nan=False),
    )  # fmt: skip
    rows = [{name: data.draw(value) for name in "pqr"} for _ in range(count)]
    labels = [data.draw(st.booleans()) for _ in range(count)]
    found = found_in(rows, labels)
    for rule in (*found.claims, *found.along, *found.candidates):
        hosts, seen = set(members(rule.mask, count)), set(members(rule.seen, count))
        assert hosts <= seen
        assert rule.having == len(hosts)
        assert rule.both == sum(labels[at] for at in hosts)
        assert rule.affected == sum(labels[at] for at in seen)
        assert rule.total == len(seen)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.frozensets(st.integers(0, 6), min_size=1, max_size=4), st.integers(1, 9)), max_size=9))
def test_the_fewest_computers_are_really_the_fewest(groups: list[tuple[frozenset[int], int]]) -> None:
    sets = {at: items for at, (items, _) in enumerate(groups)}
    chosen = fewest(sets, {at: size for at, (_, size) in enumerate(groups)})
    everything = frozenset[int]().union(*sets.values())
    assert frozenset[int]().union(*(sets[at] for at in chosen)) == everything
    for count in range(len(chosen)):
        for fewer in combinations(sets, count):
            assert frozenset[int]().union(*(sets[at] for at in fewer)) != everything


@given(st.lists(st.booleans(), max_size=200))
def test_sets_and_members_are_each_other(flags: list[bool]) -> None:
    assert list(members(set_of(flags), len(flags))) == [at for at, flag in enumerate(flags) if flag]
