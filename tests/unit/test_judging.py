from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from diagnose.check import Measurement, Saw, Sighting
from diagnose.expressions import BOOL, INT, STRING, TIMESTAMP, enum_of
from diagnose.machine.values import Platform, Reason, System, Unseen
from diagnose.rules.compiled import CompiledFlow
from diagnose.run.answers import Answer, Answers, AnswerValue
from diagnose.run.events import Event, QuestionAsked
from diagnose.run.judging import Judgement, StepInput, judge
from diagnose.run.result import AnsweredBy, Status
from tests.unit.fake_machine import NOON, FakeMachine
from tests.unit.small_rules import branch, check_of, flow_of, play, question, statuses, step

EVIDENCE = {"n": INT, "word": enum_of(("left", "right")), "on": BOOL, "t": STRING, "when": TIMESTAMP}
MISSING = Unseen(Reason.MISSING, "HKLM\\デモ")
QUESTIONS = {
    "side": question(choices=("left", "right")),
    "hours": question("number", minimum=0, maximum=100),
    "day": question("date"),
    "note": question("text"),
}


def flow_with(folder: Path, *branches: dict[str, object], ask: tuple[str, ...] = (), **more: Any) -> CompiledFlow:
    """One step `a` with these branches. All questions are asked by some step, as the linter wants."""
    asks = step("b", [branch("evidence.on", "pass")], check="a", ask=list(QUESTIONS))
    first = step("a", branches, ask=list(ask))
    return flow_of(folder, {"a": check_of(EVIDENCE, {})}, [first, asks], questions=QUESTIONS, **more)


def judged(
    flow: CompiledFlow, evidence: Measurement, open_: tuple[str, ...] = (), **answers: AnswerValue | None
) -> Judgement:
    seen: dict[str, Sighting] = {name: evidence.get(name, MISSING) for name in EVIDENCE}
    given = Answers(given={name: Answer(value, AnsweredBy.FILE) for name, value in answers.items()})
    given_input = StepInput(
        flow=flow,
        step=flow.steps[0],
        evidence=seen,
        facts={},
        answers=given,
        undecided=(),
        causes=("earlier",),
        now=NOON,
        platform="windows",
    )
    return judge(given_input, open_)


def gap_names(judgement: Judgement) -> set[str]:
    return {gap.name for gap in judgement.gaps}


def test_the_first_branch_that_is_true_wins(tmp_path: Path) -> None:
    flow = flow_with(
        tmp_path,
        branch("evidence.n > 9", {"fail": "large"}),
        branch("evidence.n > 5", {"warn": "middling"}),
        branch("evidence.n > 0", "pass"),
    )
    for n, status in ((10, Status.FAIL), (6, Status.WARN), (1, Status.PASS)):
        found = judged(flow, {"n": Saw(n)})
        assert found.branch is not None
        assert found.branch.status is status
    assert judged(flow, {"n": Saw(0)}) == Judgement(None, frozenset())


@pytest.mark.parametrize("swapped", [False, True])
def test_what_is_unknown_never_matches_in_neither_order(tmp_path: Path, swapped: bool) -> None:
    branches = [branch('evidence.t == "x"', {"fail": "is-x"}), branch('evidence.t != "x"', "pass")]
    flow = flow_with(tmp_path, *(reversed(branches) if swapped else branches))
    found = judged(flow, {})
    assert found.branch is None
    assert {(gap.name, gap.reason, gap.where) for gap in found.gaps} == {("evidence.t", Reason.MISSING, "HKLM\\デモ")}


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ("evidence.on || evidence.n > 0", True),
        ("evidence.n > 0 || evidence.on", True),
        ("!(evidence.on && evidence.n < 0)", True),
        ("!(evidence.n < 0 && evidence.on)", True),
        ("evidence.on && evidence.n > 0", False),
        ("evidence.on || evidence.n < 0", False),
        ("!evidence.on", False),
        ("evidence.on == evidence.on", False),
        ("evidence.on ? evidence.n > 0 : evidence.n > 0", False),
        ("has(evidence.on)", False),
        ("!has(evidence.on)", True),
        ("has(evidence.n) && evidence.n == 1", True),
        ('"earlier" in run.causes', True),
        ('machine.platform == "windows" && now > timestamp("2026-01-01T00:00:00Z")', True),
    ],
)
def test_conditions_follow_kleene_logic(tmp_path: Path, condition: str, matches: bool) -> None:
    flow = flow_with(tmp_path, branch(condition, "pass"))
    assert (judged(flow, {"n": Saw(1)}).branch is not None) is matches


def test_a_branch_that_was_unknown_is_remembered_when_a_later_one_matches(tmp_path: Path) -> None:
    flow = flow_with(tmp_path, branch("evidence.on", {"fail": "x"}), branch("evidence.n == 1", "pass"))
    found = judged(flow, {"n": Saw(1)})
    assert found.branch is not None
    assert gap_names(found) == {"evidence.on"}


def test_every_gap_of_every_branch_is_reported(tmp_path: Path) -> None:
    flow = flow_with(
        tmp_path,
        branch('evidence.on && answers.side == "left"', {"fail": "x"}),
        branch('evidence.t == "" || evidence.word == "left"', "pass"),
    )
    found = judged(flow, {"on": Unseen(Reason.DENIED, "鍵")})
    assert gap_names(found) == {"evidence.on", "answers.side", "evidence.t", "evidence.word"}
    assert {gap.reason for gap in found.gaps if gap.name == "evidence.on"} == {Reason.DENIED}


@pytest.mark.parametrize(
    ("condition", "evidence", "asked"),
    [
        ('answers.side == "left"', {}, "side"),
        ('answers.side == "left" && evidence.on', {"on": Saw(True)}, "side"),
        ('answers.side == "left" && evidence.on', {"on": Saw(False)}, None),
        ('answers.side == "left" && evidence.on', {}, None),
        ('answers.side == "left" || evidence.on', {"on": Saw(True)}, None),
        ('answers.side == "left" || evidence.on', {}, "side"),
        ('answers.side == "left" && answers.side == "right"', {}, None),
        ('answers.side != evidence.word', {"word": Saw("left")}, "side"),
        ("answers.hours < 2.0", {}, "hours"),
        ("answers.hours >= 2.0 && answers.hours < 24.0", {}, "hours"),
        ("answers.hours == 7.0", {}, "hours"),
        ("answers.hours < 2.0 && evidence.on", {"on": Saw(False)}, None),
        ("answers.hours < 2.0 && evidence.on", {}, None),
        ("answers.hours > evidence.n", {"n": Saw(5)}, "hours"),
        ("answers.day < now", {}, "day"),
        ("answers.day > now && answers.day < now + duration(\"720h\")", {}, "day"),
        ('answers.note.startsWith("http")', {}, "note"),
        ('answers.note == evidence.t', {"t": Saw("サーバー")}, "note"),
        ("has(answers.side)", {}, None),
    ],
)  # fmt: skip
def test_a_question_is_asked_only_when_an_answer_could_make_the_condition_true(
    tmp_path: Path, condition: str, evidence: Measurement, asked: str | None
) -> None:
    flow = flow_with(tmp_path, branch(condition, {"fail": "x"}))
    assert judged(flow, evidence, ("side", "hours", "day", "note")).ask == asked
    assert judged(flow, evidence, ()).ask is None


def test_a_question_for_a_later_branch_waits_until_the_branches_before_it_are_decided(tmp_path: Path) -> None:
    flow = flow_with(
        tmp_path,
        branch("answers.hours < 2.0", {"warn": "early"}),
        branch('answers.side == "left"', {"fail": "x"}),
    )
    assert judged(flow, {}, ("side", "hours")).ask == "hours"
    assert judged(flow, {}, ("side",), hours=5.0).ask == "side"
    early = judged(flow, {}, ("side",), hours=1.0)
    assert early.ask is None
    assert early.branch is not None
    assert judged(flow, {}, ("side",), hours=None).ask == "side", "don't know does not end the step"


def asked_in(flow: CompiledFlow, replies: dict[str, AnswerValue | None], **plan: Any) -> tuple[list[str], Any]:
    asked: list[str] = []

    def reply(event: Event) -> None:
        if isinstance(event, QuestionAsked):
            asked.append(event.id)
            event.reply.answer(replies[event.id])

    result, _ = play(flow, on=reply, interactive=True, **plan)
    return asked, result


def test_a_run_asks_in_the_order_of_the_step_and_never_twice(tmp_path: Path) -> None:
    both = 'answers.side == "left" && answers.hours > 1.0'
    measured = check_of({"on": BOOL}, {"on": Saw(True)})
    steps = [
        step("a", [branch(both, {"warn": "x"})], ask=["hours", "side"]),
        step("b", [branch(f"{both} || answers.hours < 0.0", {"fail": "y"})], check="a", ask=["side", "hours"]),
    ]
    questions = {name: QUESTIONS[name] for name in ("side", "hours")}
    flow = flow_of(tmp_path, {"a": measured}, steps, questions=questions)
    asked, result = asked_in(flow, {"side": "left", "hours": 5.0})
    assert asked == ["hours", "side"]
    assert statuses(result) == {"a": "warn", "b": "fail"}
    assert {q.id: (q.answer, q.answered_by) for q in result.questions} == {
        "side": ("left", AnsweredBy.OPERATOR),
        "hours": (5, AnsweredBy.OPERATOR),
    }
    asked, result = asked_in(flow, {"side": None, "hours": 0.0})
    assert asked == ["hours"], "with 0 hours no side makes it true"
    asked, result = asked_in(flow, {"side": None, "hours": None})
    assert asked == ["hours", "side"], "don't know is an answer: it is not asked again by the next step"
    assert statuses(result) == {"a": "unknown", "b": "unknown"}


def test_a_run_without_input_asks_nothing_and_takes_dont_know(tmp_path: Path) -> None:
    steps = [step("a", [branch('answers.side == "left"', {"fail": "x"})], ask=["side"])]
    flow = flow_of(tmp_path, {"a": check_of({"on": BOOL}, {})}, steps, questions={"side": QUESTIONS["side"]})
    result, events = play(flow)
    assert not [event for event in events if isinstance(event, QuestionAsked)]
    assert statuses(result) == {"a": "unknown"}
    assert [(q.answer, q.answered_by) for q in result.questions] == [("unknown", AnsweredBy.DEFAULT)]
    assert [(u.name, u.reason) for u in result.steps[0].unseen] == [("answers.side", "not_answered")]


FACT = {
    "title": {"ja": "状態", "en": "state"},
    "type": "string",
    "sources": [{"system": "hostname"}, {"answer": "note"}],
}


@pytest.mark.parametrize(
    ("hostname", "asked", "status"), [("left", [], "fail"), ("right", [], "pass"), (None, ["note"], "fail")]
)
def test_an_answer_stands_in_for_a_fact_only_when_no_machine_source_gave_it(
    tmp_path: Path, hostname: str | None, asked: list[str], status: str
) -> None:
    branches = [branch('facts.a.b == "left"', {"fail": "x"}), branch('facts.a.b != "left"', "pass")]
    flow = flow_of(
        tmp_path,
        {"a": check_of({"on": BOOL}, {})},
        [step("a", branches, ask=["note"])],
        questions={"note": QUESTIONS["note"]},
        facts={"a.b": FACT},
    )
    machine = FakeMachine(platform=Platform.LINUX, system=System(hostname=hostname))
    found, result = asked_in(flow, {"note": "left"}, machine=machine)
    assert found == asked
    assert statuses(result) == {"a": status}


def test_a_number_answers_a_fact_that_is_a_whole_number(tmp_path: Path) -> None:
    fact = {"title": FACT["title"], "type": "int", "sources": [{"answer": "hours"}]}
    flow = flow_of(
        tmp_path,
        {"a": check_of({"on": BOOL}, {})},
        [step("a", [branch("facts.a.b >= 12011", {"fail": "x"})], ask=["hours"])],
        questions={"hours": QUESTIONS["hours"]},
        facts={"a.b": fact},
    )
    asked, result = asked_in(flow, {"hours": 14039.0})
    assert asked == ["hours"]
    assert statuses(result) == {"a": "fail"}
