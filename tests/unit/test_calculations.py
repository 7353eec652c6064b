"""Calculations see answers, are done again when one changes, and keep a secret to themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from diagnose.calculation import Calculated, Calculation, Input
from diagnose.chart import Chart, Line
from diagnose.check import Saw
from diagnose.expressions import DOUBLE, INT, STRING, enum_of, list_of
from diagnose.rules.compiled import CompiledFlow
from diagnose.run.answers import Answer, Answers, AnswerValue
from diagnose.run.clock import SystemClock
from diagnose.run.events import Event, QuestionAsked
from diagnose.run.replaying import depends_on, judge_again
from diagnose.run.result import AnsweredBy, RunResult
from diagnose.text import Language, Text
from tests.unit.fake_machine import FakeMachine
from tests.unit.small_rules import branch, check_of, flow_of, play, question, statuses, step

WORDS = Text(ja="言葉", en="words")
CHART = Chart(
    id="c", title=WORDS, x_title=WORDS, y_title=WORDS, lines=(Line(title=WORDS, points=((0.0, 1.0), (1.0, 2.0))),)
)


def total(given: Mapping[str, Any]) -> Calculated:
    if given["each"] == 666.0:
        raise ValueError(f"secret {given['each']}")
    extra = given["extra"] or 0.0
    return Calculated({"total": given["each"] * given["count"] + extra, "parts": ("a", "b")}, (CHART,))


SUM = Calculation(
    inputs={"each": Input(DOUBLE), "count": Input(INT), "extra": Input(DOUBLE, needed=False)},
    evidence={"total": DOUBLE, "parts": list_of(STRING), "never": STRING},
    calculate=total,
)
KINDS = enum_of(("long", "short"))
LENGTH = Calculation(
    inputs={"code": Input(STRING)},
    evidence={"kind": KINDS},
    calculate=lambda given: Calculated({"kind": "long" if len(given["code"]) > 4 else "short"}),
)
QUESTIONS = {"each": question("number"), "extra": question("number"), "code": question("secret")}


def flow_with(folder: Path) -> CompiledFlow:
    sum_step = step(
        "sum",
        [
            branch("evidence.total > 10.0", {"warn": "too-much"}),
            branch("evidence.total <= 10.0", "pass"),
            branch('evidence.never == "x"', "unknown"),
        ],
        check="counted",
        calculate="sum",
        given={"each": "answers.each", "count": "evidence.n", "extra": "answers.extra"},
        ask=["each", "extra"],
    )
    code_step = step(
        "code",
        [branch('evidence.kind == "long"', {"fail": "too-long"}), branch('evidence.kind == "short"', "pass")],
        check="nothing",
        calculate="length",
        given={"code": "answers.code"},
        ask=["code"],
    )
    return flow_of(
        folder,
        {"counted": check_of({"n": INT}, {"n": Saw(3, "counter")}), "nothing": check_of({}, {})},
        [sum_step, code_step],
        questions=QUESTIONS,
        calculations={"sum": SUM, "length": LENGTH},
    )


def answered(**values: AnswerValue | None) -> Answers:
    return Answers(given={name: Answer(value, AnsweredBy.FILE) for name, value in values.items()})


def test_an_answer_and_what_was_measured_give_evidence_and_a_chart(tmp_path: Path) -> None:
    result, _ = play(flow_with(tmp_path), answers=answered(each=5.0))
    first = result.steps[0]
    assert first.cause == "too-much"
    assert first.evidence == {"n": 3, "total": 15.0, "parts": ["a", "b"], "never": None}
    assert first.charts == (CHART,)
    assert first.labels["total"].value.en == "15"


def test_without_a_needed_answer_the_step_is_undecided_and_says_which_answer_it_lacks(tmp_path: Path) -> None:
    result, _ = play(flow_with(tmp_path))
    assert statuses(result) == {"sum": "unknown", "code": "unknown"}
    assert [(one.name, one.reason) for one in result.steps[0].unseen] == [("answers.each", "not_answered")]
    assert result.steps[0].charts == ()


def test_every_question_that_could_change_it_is_put_before_it_is_worked_out(tmp_path: Path) -> None:
    asked: list[str] = []
    replies: dict[str, AnswerValue | None] = {"each": 2.0, "extra": 100.0, "code": None}

    def on(event: Event) -> None:
        if isinstance(event, QuestionAsked):
            asked.append(event.id)
            event.reply.answer(replies[event.id])

    result, _ = play(flow_with(tmp_path), interactive=True, on=on)
    assert asked == ["each", "extra", "code"]
    assert result.steps[0].evidence["total"] == 106.0


def test_an_answer_of_dont_know_counts_as_none_where_it_is_not_needed(tmp_path: Path) -> None:
    result, _ = play(flow_with(tmp_path), answers=answered(each=2.0, extra=None))
    assert result.steps[0].evidence["total"] == 6.0
    assert result.steps[0].status == "pass"


def test_a_fault_of_ours_is_no_fault_of_the_computer_and_tells_no_value(tmp_path: Path) -> None:
    result, _ = play(flow_with(tmp_path), answers=answered(each=666.0))
    first = result.steps[0]
    assert first.status == "error"
    assert first.error is not None
    assert "ValueError at total" in first.error.detail
    assert "secret" not in str(first)


def test_a_secret_decides_and_is_nowhere_in_the_record(tmp_path: Path) -> None:
    result, _ = play(flow_with(tmp_path), answers=answered(code="ABCDE-hidden"))
    assert result.steps[1].cause == "too-long"
    assert "hidden" not in str(result)


def again(before: RunResult, flow: CompiledFlow) -> RunResult:
    return judge_again(before, flow, FakeMachine(), SystemClock(), language=Language.EN)


def test_a_replay_without_the_secret_comes_to_the_same_verdict(tmp_path: Path) -> None:
    flow = flow_with(tmp_path)
    before, _ = play(flow, answers=answered(code="ABCDE-hidden", each=1.0))
    after = again(before, flow)
    assert statuses(after) == statuses(before) == {"sum": "pass", "code": "fail"}
    assert again(after, flow).steps[1].evidence == {"kind": "long"}


@pytest.mark.parametrize("value", [7, None, ["long"], "other"])
def test_a_record_that_was_changed_gives_no_evidence_of_another_kind(tmp_path: Path, value: object) -> None:
    flow = flow_with(tmp_path)
    before, _ = play(flow, answers=answered(code="ABCDE"))
    before.steps[1].evidence["kind"] = value
    assert statuses(again(before, flow))["code"] == "unknown"


def test_an_answer_makes_the_steps_stale_that_calculate_with_it(tmp_path: Path) -> None:
    assert depends_on(flow_with(tmp_path), "extra") == {"sum"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"calculate": "summ"}, "unknown calculation 'summ'"),
        ({"given": {"each": "answers.each"}}, "needs the input 'count'"),
        ({"given": {"each": "answers.each", "count": "1", "extr": "2.0"}}, "takes no 'extr'"),
        ({"given": {"each": "answers.code", "count": "1"}}, "double"),
        ({"given": {"each": "answers.each", "count": "evidence.total"}}, "evidence.total"),
    ],
)
def test_what_is_wrong_in_a_flow_is_told(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        flow_of(
            tmp_path,
            {"counted": check_of({"n": INT}, {})},
            [step("s", [branch("has(evidence.n)", "unknown")], **{"check": "counted", "calculate": "sum", **more})],
            questions={"each": question("number"), "code": question("secret")},
            calculations={"sum": SUM},
        )
