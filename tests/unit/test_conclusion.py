from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.run.conclusion import explained, outcome, primary_cause
from diagnose.run.result import CauseResult, Outcome, Status, StepResult
from diagnose.text import Lines, Text

TEXT = Text(ja="原因", en="cause")


def cause(id: str, status: Status = Status.FAIL) -> CauseResult:  # noqa: A002
    lines = Lines(ja=("直す",), en=("mend",))
    return CauseResult(
        id=id, step=f"step-{id}", status=status, explained_by=None, title=TEXT, because=TEXT, remedy=lines, source="S"
    )


def step(id: str, status: Status) -> StepResult:  # noqa: A002
    return StepResult(
        id=id,
        title=TEXT,
        status=status,
        evidence={},
        facts={},
        because=None,
        cause=None,
        started=None,
        duration_s=None,
    )


def causes_of(written: str) -> tuple[CauseResult, ...]:
    """`a b! c`: three causes in flow order; `!` warns only."""
    return tuple(cause(name.rstrip("!"), Status.WARN if "!" in name else Status.FAIL) for name in written.split())


def explains_of(written: str) -> dict[str, frozenset[str]]:
    """`a>b a>c`: a explains b and c."""
    found: dict[str, frozenset[str]] = {}
    for pair in written.split():
        one, _, other = pair.partition(">")
        found[one] = found.get(one, frozenset()) | {other}
    return found


@pytest.mark.parametrize(
    ("causes", "explains", "primary", "explained_by"),
    [
        ("", "", None, {}),
        ("a! b! c!", "", "a", {}),
        ("a! b c", "", "b", {}),
        ("a b", "a>b", "a", {"b": "a"}),
        ("a b", "b>a", "b", {"a": "b"}),
        ("a! b", "a>b", "a", {"b": "a"}),
        ("a b!", "b>a", "b", {"a": "b"}),
        ("a b c", "b>a c>b", "c", {"a": "b", "b": "c"}),
        ("a b c", "c>a c>b", "c", {"a": "c", "b": "c"}),
        ("a b c", "b>a", "b", {"a": "b"}),
        ("a b c", "b>c", "a", {"c": "b"}),
        ("a b c", "b>a c>a", "b", {"a": "b"}),
        ("a", "a>a", "a", {}),
        ("a", "b>a", "a", {}),
        ("a b", "a>b b>a", "b", {"a": "b"}),
        ("a b c", "a>b b>c c>a", "c", {"a": "c", "b": "a"}),
    ],
)
def test_the_primary_cause_is_the_first_failing_one_or_what_explains_it(
    causes: str, explains: str, primary: str | None, explained_by: dict[str, str]
) -> None:
    found = explained(causes_of(causes), explains_of(explains))
    assert primary_cause(found) == primary
    assert {one.id: one.explained_by for one in found if one.explained_by} == explained_by
    assert [one.id for one in found] == [name.rstrip("!") for name in causes.split()], "flow order is kept"


def test_a_cause_that_two_steps_found_does_not_explain_itself() -> None:
    found = explained(causes_of("a a"), explains_of("a>a"))
    assert primary_cause(found) == "a"
    assert [one.explained_by for one in found] == [None, None]


NAMES = st.sampled_from("abcdef")


@given(
    st.lists(st.tuples(NAMES, st.booleans()), max_size=6, unique_by=lambda pair: pair[0]),
    st.dictionaries(NAMES, st.frozensets(NAMES)),
)
def test_explanations_never_go_in_a_circle_and_lead_to_one_primary_cause(
    listed: list[tuple[str, bool]], explains: dict[str, frozenset[str]]
) -> None:
    found = explained([cause(name, Status.FAIL if fails else Status.WARN) for name, fails in listed], explains)
    by_id = {one.id: one for one in found}
    for one in found:
        seen = {one.id}
        while (leader := by_id[one.id].explained_by) is not None:
            assert one.id in explains[leader]
            assert leader not in seen
            seen.add(leader)
            one = by_id[leader]  # noqa: PLW2901
    primary = primary_cause(found)
    assert (primary is None) == (not listed)
    assert primary is None or by_id[primary].explained_by is None


P, W, F, U, N, B, E, X = (
    Status.PASS,
    Status.WARN,
    Status.FAIL,
    Status.UNKNOWN,
    Status.NOT_APPLICABLE,
    Status.BLOCKED,
    Status.ERROR,
    Status.NOT_CHECKED,
)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((P, P), Outcome.PASS),
        ((P, N), Outcome.PASS),
        ((N, N), Outcome.PASS),
        ((P, X), Outcome.PASS),
        ((P, W, F, U, B, E), Outcome.FAIL),
        ((P, W, U, B, E), Outcome.WARN),
        ((P, U), Outcome.UNKNOWN),
        ((P, B), Outcome.UNKNOWN),
        ((P, E), Outcome.UNKNOWN),
        ((X, X), Outcome.UNKNOWN),
        ((), Outcome.UNKNOWN),
    ],
)
def test_the_outcome_follows_the_worst_step_and_unknown_is_no_pass(
    statuses: tuple[Status, ...], expected: Outcome
) -> None:
    steps = [step(str(number), status) for number, status in enumerate(statuses)]
    could_find = frozenset(one.id for one in steps)
    assert outcome(steps, could_find) is expected
    assert outcome(steps[::-1], could_find) is expected


@pytest.mark.parametrize("status", [U, B, E])
def test_a_step_that_can_find_no_cause_does_not_make_a_run_unknown(status: Status) -> None:
    steps = [step("a", P), step("b", status)]
    assert outcome(steps, frozenset({"a"})) is Outcome.PASS
    assert outcome(steps, frozenset({"b"})) is Outcome.UNKNOWN
    assert outcome([steps[1]], frozenset()) is Outcome.UNKNOWN, "nothing at all was decided"


@pytest.mark.parametrize(
    ("status", "expected"), [(P, Outcome.UNKNOWN), (N, Outcome.UNKNOWN), (W, Outcome.WARN), (F, Outcome.FAIL)]
)
def test_an_interrupted_run_never_passes_and_keeps_what_it_found(status: Status, expected: Outcome) -> None:
    steps = [step("a", status), step("b", X)]
    assert outcome(steps, frozenset({"a", "b"}), complete=False) is expected
