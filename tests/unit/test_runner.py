from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from diagnose.check import Context, Measurement
from diagnose.expressions import INT
from diagnose.machine.values import Absent, Reason, RegistryKey, Unseen, View
from diagnose.messages import catalogue
from diagnose.report.json_format import render_json
from diagnose.run.events import Event, QuestionAsked, RunFinished, RunStarted, StepJudged, StepStarted, StillRunning
from diagnose.run.result import Outcome
from tests.unit.fake_machine import NOON, FakeMachine
from tests.unit.small_rules import (
    BAD,
    GOOD,
    ON,
    PASS_OR_FAIL,
    branch,
    check_of,
    flow_of,
    play,
    question,
    statuses,
    step,
    three_steps,
)

ROOT = Path(__file__).parents[2]


class FakeClock:
    """Every look at it takes `tick` seconds."""

    def __init__(self, tick: float) -> None:
        self._tick = tick
        self._now = 0.0

    def wall(self) -> datetime:
        return NOON

    def monotonic(self) -> float:
        self._now += self._tick
        return self._now


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """An event that is set only when the test is over, so that no thread stays."""
    event = threading.Event()
    yield event
    event.set()


def hangs(event: threading.Event) -> Callable[[Context], Measurement]:
    def measure(_: Context) -> Measurement:
        event.wait(30)
        return GOOD

    return measure


def judged(events: list[Event]) -> list[str]:
    return [event.step.id for event in events if isinstance(event, StepJudged)]


def test_verdicts_come_in_flow_order_although_the_checks_finish_in_another(tmp_path: Path) -> None:
    b_done, c_done = threading.Event(), threading.Event()

    def a(_: Context) -> Measurement:
        assert b_done.wait(10)
        return GOOD

    def b(_: Context) -> Measurement:
        assert c_done.wait(10)
        b_done.set()
        return GOOD

    def c(_: Context) -> Measurement:
        c_done.set()
        return GOOD

    checks = {name: check_of(ON, measure, 10) for name, measure in (("a", a), ("b", b), ("c", c))}
    flow = flow_of(tmp_path, checks, [step(name, PASS_OR_FAIL) for name in checks])
    result, events = play(flow)
    assert judged(events) == ["a", "b", "c"]
    assert [e.step for e in events if isinstance(e, StepStarted)] == ["a", "b", "c"]
    assert [(e.number, e.total) for e in events if isinstance(e, StepStarted)] == [(1, 3), (2, 3), (3, 3)]
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    assert statuses(result) == dict.fromkeys("abc", "pass")
    assert result.outcome is Outcome.PASS


def test_a_check_that_never_returns_costs_its_deadline_and_is_our_error(tmp_path: Path, never: threading.Event) -> None:
    checks = {"slow": check_of(ON, hangs(never), 0.1), "b": check_of(ON, GOOD)}
    flow = flow_of(tmp_path, checks, [step("slow", PASS_OR_FAIL), step("b", PASS_OR_FAIL)])
    began = time.monotonic()
    result, _ = play(flow)
    assert 0.1 <= time.monotonic() - began < 15
    assert statuses(result) == {"slow": "error", "b": "pass"}
    error = result.steps[0].error
    assert error is not None
    assert (error.reason, error.detail) == ("timed out", "slow")
    assert result.outcome is Outcome.UNKNOWN
    assert result.causes == ()
    assert [unseen.reason for unseen in result.steps[0].unseen] == [Reason.DEADLINE]


def test_all_hanging_checks_wait_at_the_same_time(tmp_path: Path, never: threading.Event) -> None:
    checks = {f"s{number}": check_of(ON, hangs(never), 0.2) for number in range(12)}
    flow = flow_of(tmp_path, checks, [step(name, PASS_OR_FAIL) for name in checks])
    began = time.monotonic()
    result, _ = play(flow)
    assert time.monotonic() - began < 15
    assert set(statuses(result).values()) == {"error"}


def test_the_run_ends_at_its_own_deadline_whatever_the_checks_would_take(
    tmp_path: Path, never: threading.Event
) -> None:
    checks = {name: check_of(ON, hangs(never), 60) for name in "abc"}
    flow = flow_of(tmp_path, checks, [step(name, PASS_OR_FAIL) for name in checks])
    began = time.monotonic()
    result, _ = play(flow, timeout_s=0.15)
    assert time.monotonic() - began < 15
    assert statuses(result) == dict.fromkeys("abc", "error")
    assert not result.run.interrupted


def test_evidence_that_is_there_decides_although_another_check_of_the_step_hangs(
    tmp_path: Path, never: threading.Event
) -> None:
    checks = {"quick": check_of(ON, BAD), "slow": check_of({"late": INT}, hangs(never), 0.1)}
    decide = [branch("!evidence.on", {"fail": "broken"}), branch("evidence.late > 1", "pass")]
    flow = flow_of(tmp_path, checks, [{**step("a", decide), "check": ["quick", "slow"]}])
    result, _ = play(flow)
    assert statuses(result) == {"a": "fail"}
    assert [(u.name, u.reason) for u in result.steps[0].unseen] == [("evidence.late", Reason.DEADLINE)]


def test_a_fact_that_hangs_does_not_stop_a_verdict_that_needs_no_fact(tmp_path: Path, never: threading.Event) -> None:
    class Hanging(FakeMachine):
        def registry_key(self, key: str, view: View = View.NATIVE) -> RegistryKey | Absent | Unseen:
            never.wait(30)
            return super().registry_key(key, view)

    title = {"ja": "値", "en": "v"}
    facts = {"a.b": {"title": title, "type": "int", "sources": [{"registry": {"key": "HKLM\\X", "value": "V"}}]}}
    flow = flow_of(
        tmp_path,
        {"a": check_of(ON, GOOD)},
        [step("a", PASS_OR_FAIL, show=["a.b"]), step("b", [branch("facts.a.b > 1", "pass")], check="a")],
        facts=facts,
    )
    result, _ = play(flow, Hanging(), timeout_s=0.15)
    assert statuses(result) == {"a": "pass", "b": "error"}
    assert result.steps[0].facts["a.b"].value is None
    error = result.steps[1].error
    assert error is not None
    assert error.reason == "timed out"


SECRET = "パスワード-hunter2"


def raises(error: BaseException) -> Callable[[Context], Measurement]:
    def measure(_: Context) -> Measurement:
        raise error

    return measure


@pytest.mark.parametrize("error", [ValueError(SECRET), KeyError(SECRET), SystemExit(SECRET), RecursionError(SECRET)])
def test_a_check_that_raises_is_our_error_and_its_words_are_nowhere_in_the_result(
    tmp_path: Path, error: BaseException
) -> None:
    checks = {"a": check_of(ON, raises(error)), "b": check_of(ON, GOOD)}
    flow = flow_of(tmp_path, checks, [step("a", PASS_OR_FAIL), step("b", PASS_OR_FAIL)])
    result, events = play(flow)
    assert statuses(result) == {"a": "error", "b": "pass"}
    found = result.steps[0].error
    assert found is not None
    assert found.reason == "check_broke"
    assert type(error).__name__ in found.detail
    assert "hunter2" not in render_json(result).decode() + repr(events)


@pytest.mark.parametrize("returned", [None, 5])
def test_a_check_that_returns_no_measurement_is_our_error(tmp_path: Path, returned: Any) -> None:
    flow = flow_of(tmp_path, {"a": check_of(ON, lambda _: returned)}, [step("a", PASS_OR_FAIL)])
    assert statuses(play(flow)[0]) == {"a": "error"}


def test_evidence_that_a_check_left_out_or_was_denied_is_no_verdict(tmp_path: Path) -> None:
    denied: Measurement = {"on": Unseen(Reason.DENIED, "C:\\秘密")}
    result, _ = play(three_steps(tmp_path, {}, denied, {"on": Unseen(Reason.NOT_RECORDED, "x")}))
    assert statuses(result) == {"a": "unknown", "b": "blocked", "c": "unknown"}
    assert result.outcome is Outcome.UNKNOWN


def test_the_operator_sees_what_is_waited_for(tmp_path: Path) -> None:
    told = threading.Event()

    def wait(_: Context) -> Measurement:
        assert told.wait(10)
        return GOOD

    def tell(event: Event) -> None:
        if isinstance(event, StillRunning):
            told.set()

    flow = flow_of(tmp_path, {"a": check_of(ON, wait, 1e6)}, [step("a", PASS_OR_FAIL)])
    result, events = play(flow, clock=FakeClock(0.4), on=tell, timeout_s=1e6)
    waits = [event for event in events if isinstance(event, StillRunning)]
    assert waits
    assert waits[0].checks == ("a",)
    assert waits[0].waited_s >= 1
    assert statuses(result) == {"a": "pass"}


def test_only_and_skip_leave_steps_out_and_do_not_even_measure_them(tmp_path: Path) -> None:
    flow = three_steps(tmp_path, BAD)
    only, _ = play(flow, only=frozenset({"b"}))
    assert statuses(only) == {"a": "not_checked", "b": "pass", "c": "not_checked"}
    assert only.outcome is Outcome.PASS
    skip, _ = play(flow, skip=frozenset({"a"}))
    assert statuses(skip) == {"a": "not_checked", "b": "pass", "c": "pass"}
    both, _ = play(flow, only=frozenset({"a", "b"}), skip=frozenset({"a"}))
    assert statuses(both) == {"a": "not_checked", "b": "pass", "c": "not_checked"}
    nothing, _ = play(flow, skip=frozenset("abc"))
    assert nothing.outcome is Outcome.UNKNOWN
    assert skip.steps[0].skipped_because is not None
    assert skip.steps[0].skipped_because.en == "Skipped on request."
    measured: list[str] = []

    def note(_: Context) -> Measurement:
        measured.append("a")
        return GOOD

    noting = flow_of(tmp_path / "noting", {"a": check_of(ON, note)}, [step("a", PASS_OR_FAIL)])
    play(noting, skip=frozenset({"a"}))
    assert measured == []


def test_until_the_first_failure_leaves_the_rest_out(tmp_path: Path) -> None:
    flow = three_steps(tmp_path, GOOD, BAD, BAD)
    result, _ = play(flow, until_first_fail=True)
    assert statuses(result) == {"a": "pass", "b": "fail", "c": "not_checked"}
    assert statuses(play(flow)[0]) == {"a": "pass", "b": "fail", "c": "fail"}
    assert result.primary_cause == "cause-b"


@pytest.mark.parametrize(
    ("target", "plan", "expected"),
    [
        ("c", {}, {"a": "warn", "b": "not_checked", "c": "pass"}),
        ("end", {}, {"a": "warn", "b": "not_checked", "c": "not_checked"}),
        ("c", {"skip": frozenset({"c"})}, {"a": "warn", "b": "not_checked", "c": "not_checked"}),
        ("c", {"skip": frozenset({"a"})}, {"a": "not_checked", "b": "pass", "c": "pass"}),
    ],
)
def test_a_jump_leaves_out_what_lies_between(tmp_path: Path, target: str, plan: Any, expected: dict[str, str]) -> None:
    checks = {name: check_of(ON, GOOD) for name in "abc"}
    steps = [step(name, PASS_OR_FAIL) for name in checks]
    steps[0]["decide"] = [branch("evidence.on", {"warn": "jumped"}, goto=target)]
    result, _ = play(flow_of(tmp_path, checks, steps), **plan)
    assert statuses(result) == expected
    said = result.steps[1].skipped_because
    assert said is None or said.en == "Not needed after the result of step 'a'."


def test_the_explaining_cause_leads_also_when_it_is_found_later(tmp_path: Path) -> None:
    checks = {name: check_of(ON, BAD) for name in "ab"}
    steps = [
        step("a", [branch("!evidence.on", {"fail": "symptom"})]),
        step("b", [branch('!evidence.on && "symptom" in run.causes', {"warn": "reason"}, explains=["symptom"])]),
    ]
    result, events = play(flow_of(tmp_path, checks, steps))
    assert result.primary_cause == "reason"
    assert [(cause.id, cause.explained_by) for cause in result.causes] == [("symptom", "reason"), ("reason", None)]
    assert result.outcome is Outcome.FAIL
    partial = [event.result.primary_cause for event in events if isinstance(event, StepJudged)]
    assert partial == ["symptom", "reason"]


@pytest.mark.parametrize("stop_at", [StepStarted, StepJudged, QuestionAsked])
@pytest.mark.parametrize("which", ["a", "b", "c"])
def test_an_interruption_keeps_every_step_judged_so_far(tmp_path: Path, stop_at: type, which: str) -> None:
    checks = {name: check_of(ON, BAD) for name in "abc"}
    decide = [branch('!evidence.on && answers.ANSWER == "x"', {"fail": "broken"}), branch("!evidence.on", "pass")]
    steps = []
    for name in checks:
        asks = [{**decide[0], "when": str(decide[0]["when"]).replace("ANSWER", name)}, decide[1]]
        steps.append(step(name, asks, ask=[name]))
    flow = flow_of(tmp_path, checks, steps, questions={name: question(choices=["x", "y"]) for name in "abc"})

    def stop(event: Event) -> None:
        if isinstance(event, QuestionAsked):
            event.reply.answer("y")
        at = event.step.id if isinstance(event, StepJudged) else getattr(event, "step", "")
        if isinstance(event, stop_at) and at == which:
            raise KeyboardInterrupt

    result, events = play(flow, on=stop, interactive=True)
    done = "abc".index(which) + (1 if stop_at is StepJudged else 0)
    assert list(statuses(result).values()) == ["pass"] * done + ["not_checked"] * (3 - done)
    said = [one.skipped_because for one in result.steps if one.status == "not_checked"]
    assert said == [catalogue()["skipped-interrupted"]] * (3 - done)
    assert result.run.interrupted
    assert result.run.finished is not None
    assert result.outcome is Outcome.UNKNOWN
    assert isinstance(events[-1], RunFinished)


def test_an_interruption_while_a_check_hangs_ends_the_run_at_once(tmp_path: Path, never: threading.Event) -> None:
    flow = flow_of(tmp_path, {"a": check_of(ON, hangs(never), 1e6)}, [step("a", PASS_OR_FAIL)])

    def stop(event: Event) -> None:
        if isinstance(event, StillRunning):
            raise KeyboardInterrupt

    result, _ = play(flow, clock=FakeClock(0.6), on=stop, timeout_s=1e6)
    assert result.run.interrupted
    assert statuses(result) == {"a": "not_checked"}


def test_an_interruption_does_not_change_why_a_step_was_left_out_before(tmp_path: Path) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, StepStarted) and event.step == "b":
            raise KeyboardInterrupt

    result, _ = play(three_steps(tmp_path), on=stop, skip=frozenset({"a"}))
    assert [one.skipped_because for one in result.steps] == [
        catalogue()["skipped-by-option"],
        catalogue()["skipped-interrupted"],
        catalogue()["skipped-interrupted"],
    ]


HUNG = """
import sys, threading
from pathlib import Path
from diagnose.expressions import BOOL
from tests.unit.small_rules import branch, check_of, flow_of, play, statuses, step

def hang(context):
    threading.Event().wait(600)

checks = {"a": check_of({"on": BOOL}, hang, 0.1)}
flow = flow_of(Path(sys.argv[1]), checks, [step("a", [branch("evidence.on", "pass")])])
print(statuses(play(flow)[0]))
"""


def test_a_process_with_a_check_that_hangs_still_exits(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HUNG, str(tmp_path)], cwd=ROOT, capture_output=True, timeout=20, check=True
    )
    assert done.stdout.decode().strip() == "{'a': 'error'}"
