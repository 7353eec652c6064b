"""What the operator may do to a run that goes on, and what a run tells about the ways not taken."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from diagnose.check import Context, Measurement
from diagnose.expressions import BOOL
from diagnose.messages import catalogue
from diagnose.run.considering import Held
from diagnose.run.control import RunControl
from diagnose.run.events import Event, QuestionAsked, RunFinished, StepJudged, StepStarted
from diagnose.run.replaying import depends_on, with_times_of
from diagnose.run.result import Status
from tests.unit.small_rules import (
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


def test_a_step_that_hangs_is_left_out_and_the_others_go_on(tmp_path: Path) -> None:
    never, control = threading.Event(), RunControl()

    def hang(_: Context) -> Measurement:
        never.wait(60)
        return GOOD

    checks = {"slow": check_of(ON, hang, 1e6), "b": check_of(ON, GOOD)}
    flow = flow_of(tmp_path, checks, [step("slow", PASS_OR_FAIL), step("b", PASS_OR_FAIL)])

    def leave_out(event: Event) -> None:
        if isinstance(event, StepStarted) and event.step == "slow":
            control.leave_out("slow")

    result, _ = play(flow, on=leave_out, control=control, timeout_s=1e6)
    never.set()
    assert statuses(result) == {"slow": "not_checked", "b": "pass"}
    assert result.steps[0].skipped_because == catalogue()["skipped-by-operator"]
    assert not result.run.interrupted


def test_a_step_whose_question_nobody_wants_to_answer_is_left_out(tmp_path: Path) -> None:
    control = RunControl()
    steps = [step("a", [branch('answers.side == "left"', {"fail": "x"})], ask=["side"])]
    questions = {"side": question(choices=["left", "right"])}
    flow = flow_of(tmp_path, {"a": check_of(ON, GOOD)}, steps, questions=questions)

    def leave_out(event: Event) -> None:
        if isinstance(event, QuestionAsked):
            control.leave_out("a")

    result, _ = play(flow, on=leave_out, control=control, interactive=True)
    assert statuses(result) == {"a": "not_checked"}


@pytest.mark.parametrize("while_asking", [False, True])
def test_a_run_is_stopped_from_another_thread_and_keeps_what_it_had(tmp_path: Path, while_asking: bool) -> None:
    never, control = threading.Event(), RunControl()

    def hang(_: Context) -> Measurement:
        never.wait(60)
        return GOOD

    checks = {"a": check_of(ON, GOOD), "b": check_of(ON, GOOD if while_asking else hang, 1e6)}
    asking = [branch('answers.side == "left"', {"fail": "x"})]
    steps = [step("a", PASS_OR_FAIL), step("b", asking if while_asking else PASS_OR_FAIL, ask=["side"])]
    flow = flow_of(tmp_path, checks, steps, questions={"side": question(choices=["left", "right"])})

    def stop(event: Event) -> None:
        if isinstance(event, QuestionAsked if while_asking else StepStarted) and event.step == "b":
            control.stop()

    result, events = play(flow, on=stop, control=control, timeout_s=1e6, interactive=True)
    never.set()
    assert result.run.interrupted
    assert statuses(result) == {"a": "pass", "b": "not_checked"}
    assert isinstance(events[-1], RunFinished)


def test_a_run_tells_which_ways_it_did_not_take_and_why(tmp_path: Path) -> None:
    decide = [
        branch('answers.side == "left"', {"fail": "x"}),
        branch("!evidence.on", {"fail": "y"}),
        branch("evidence.on", "pass"),
        branch("true", {"warn": "z"}),
    ]
    flow = flow_of(
        tmp_path,
        {"a": check_of(ON, GOOD)},
        [step("a", decide, ask=["side"])],
        questions={"side": question(choices=["left"])},
    )
    _, events = play(flow)
    branches = next(event.branches for event in events if isinstance(event, StepJudged))
    assert [(one.status, one.cause, one.held, one.missing) for one in branches] == [
        (Status.FAIL, "x", Held.UNKNOWN, ("answers.side",)),
        (Status.FAIL, "y", Held.NO, ()),
        (Status.PASS, None, Held.TAKEN, ()),
        (Status.WARN, "z", Held.NOT_REACHED, ()),
    ]
    assert branches[0].when == 'answers.side == "left"'


def test_a_changed_answer_touches_the_steps_that_name_it_and_those_that_look_back(tmp_path: Path) -> None:
    checks = {"a": check_of({"on": BOOL}, GOOD)}
    steps = [
        step("a", PASS_OR_FAIL),
        step("b", [branch('answers.side == "left"', {"fail": "x"})], check="a", ask=["side"]),
        step("c", PASS_OR_FAIL, check="a"),
        step("d", [branch('"x" in run.causes', {"warn": "z"})], check="a"),
    ]
    flow = flow_of(tmp_path, checks, steps, questions={"side": question(choices=["left"])})
    assert depends_on(flow, "side") == {"b", "d"}


def test_verdicts_of_the_same_evidence_keep_the_times_of_the_run(tmp_path: Path) -> None:
    flow = three_steps(tmp_path)
    before, _ = play(flow)
    after, _ = play(flow, id="again", skip=frozenset({"b"}))
    made = with_times_of(before, after)
    assert (made.run.id, made.run.started) == (before.run.id, before.run.started)
    assert [one.started for one in made.steps] == [before.steps[0].started, None, before.steps[2].started]
    assert statuses(made) == statuses(after)


def test_a_check_may_end_just_when_it_is_waited_for(tmp_path: Path) -> None:
    go, before = threading.Event(), set(threading.enumerate())

    def late(_: Context) -> Measurement:
        go.wait(60)
        return GOOD

    class Moment(RunControl):
        def is_left_out(self, step: str) -> bool:
            """Asked between "who is not done?" and the wait: now all are."""
            go.set()
            for thread in set(threading.enumerate()) - before:
                thread.join(10)
            return super().is_left_out(step)

    flow = flow_of(tmp_path, {"late": check_of(ON, late)}, [step("late", PASS_OR_FAIL)])
    result, _ = play(flow, control=Moment())
    assert statuses(result) == {"late": "pass"}
