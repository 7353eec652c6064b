from __future__ import annotations

from pathlib import Path

import jsonschema  # type: ignore[import-untyped, unused-ignore]
import msgspec

from diagnose.machine.values import Reason, System, Unseen
from diagnose.report.json_format import parse_result, render_json, result_schema
from diagnose.run.answers import Answer, Answers
from diagnose.run.events import RunFinished, RunStarted, StepJudged
from diagnose.run.result import AnsweredBy, RunResult
from tests.unit.fake_machine import NOON, FakeMachine
from tests.unit.small_rules import BAD, GOOD, ON, branch, check_of, flow_of, play, question, statuses, step, three_steps


def test_every_partial_result_is_a_whole_result_of_the_schema(tmp_path: Path) -> None:
    flow = three_steps(tmp_path, GOOD, BAD, {"on": Unseen(Reason.DENIED, "秘密")})
    _, events = play(flow, FakeMachine(system=System(hostname="経理-01", os_build=19045)))
    partial = [e.result for e in events if isinstance(e, RunStarted | StepJudged | RunFinished)]
    assert len(partial) == 5
    for done, result in enumerate(partial):
        data = render_json(result)
        jsonschema.validate(msgspec.json.decode(data), result_schema())
        assert parse_result(data, "result.json") == result
        checked = [status != "not_checked" for status in statuses(result).values()]
        assert checked == [number < min(done, 3) for number in range(3)]
        assert result.run.interrupted == (done < 4)
        assert (result.run.finished is None) == (done < 4)
    assert partial[-1].machine.hostname == "経理-01"


def test_a_secret_is_asked_used_and_never_kept(tmp_path: Path) -> None:
    decide = [branch('answers.code.startsWith("ABC")', {"fail": "broken"}), branch("has(answers.code)", "pass")]
    flow = flow_of(
        tmp_path, {"a": check_of(ON, GOOD)}, [step("a", decide, ask=["code"])], questions={"code": question("secret")}
    )
    given = Answers(given={"code": Answer("ABC-1234", AnsweredBy.FILE)})
    result, events = play(flow, answers=given)
    assert statuses(result) == {"a": "fail"}
    assert [(q.answer, q.answered_by) for q in result.questions] == [("***", AnsweredBy.FILE)]
    assert "ABC-1234" not in render_json(result).decode() + repr(events)


def test_product_version_and_role_are_told(tmp_path: Path) -> None:
    source = {"registry": {"key": "HKLM\\X", "value": "V"}}
    fact = {"title": {"ja": "版", "en": "v"}, "type": "version", "sources": [source]}
    flow = three_steps(tmp_path, facts={"agent.version": fact}, version="agent.version")
    result, _ = play(flow, FakeMachine(registry={"HKLM\\X": {"V": "14.0.1"}}))
    assert result.product.version == "14.0.1"
    assert result.product.role is None


def without_times(result: RunResult) -> RunResult:
    fixed = msgspec.structs.replace(result.run, id="", started=NOON, finished=NOON, duration_s=0)
    steps = tuple(
        msgspec.structs.replace(step, started=NOON, duration_s=0) if step.started else step for step in result.steps
    )
    return msgspec.structs.replace(result, run=fixed, steps=steps)


def test_two_runs_over_the_same_computer_are_equal_but_for_times_and_id(tmp_path: Path) -> None:
    flow = three_steps(tmp_path, GOOD, BAD, {})
    first, _ = play(flow, FakeMachine(recorded=True), id="1")
    second, _ = play(flow, FakeMachine(recorded=True), id="2")
    assert first != second
    assert without_times(first) == without_times(second)
