from __future__ import annotations

from pathlib import Path

import jsonschema  # type: ignore[import-untyped, unused-ignore]
import msgspec

from diagnose.check import Measurement, Saw
from diagnose.expressions import DOUBLE, DYN, enum_of
from diagnose.machine.values import Reason, System, Unseen
from diagnose.report.json_format import parse_result, render_json, result_schema
from diagnose.run.answers import Answer, Answers
from diagnose.run.events import RunFinished, RunStarted, StepJudged
from diagnose.run.result import AnsweredBy, RunResult
from diagnose.text import Lines, Text
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


def test_sentences_show_words_for_people_in_both_languages(tmp_path: Path) -> None:
    measured: Measurement = {"scope": Saw("blocked"), "meanings": Saw((Text(ja="容量不足", en="disk full"),))}
    decide = [
        branch(
            'evidence.scope == "blocked"',
            {"fail": "stopped"},
            **{"with": {"state": "evidence.scope", "answer": "answers.side"}},
        )
    ]
    cause = {
        "id": "stopped",
        "title": {"ja": "停止", "en": "stopped"},
        "values": ["state", "answer", "meanings"],
        "because": {"ja": "{state}、{answer}: {meanings}", "en": "{state}, {answer}: {meanings}"},
        "remedy": {"ja": ["{meanings}を直す"], "en": ["mend {meanings}"]},
        "source": "S",
    }
    seen = [branch('evidence.scope == "blocked"', "pass", because={"ja": "{evidence.scope}", "en": "{evidence.scope}"})]
    flow = flow_of(
        tmp_path,
        {"a": check_of({"scope": enum_of(("allowed", "blocked")), "meanings": DYN}, measured)},
        [step("a", decide, ask=["side"]), step("b", seen, check="a")],
        questions={"side": question(choices=["left"])},
        causes=[cause],
        labels={"scope": {"blocked": {"ja": "禁止", "en": "not allowed"}}},
    )
    result, _ = play(flow, answers=Answers(given={"side": Answer("left", AnsweredBy.FILE)}))
    (found,) = result.causes
    assert found.because == Text(ja="禁止、日本語 left: 容量不足", en="not allowed, left: disk full")
    assert found.remedy == Lines(ja=("容量不足を直す",), en=("mend disk full",))
    assert result.steps[1].because == Text(ja="禁止", en="not allowed")
    assert result.steps[0].evidence["scope"] == "blocked", "the record keeps the stored word"


def test_evidence_that_is_no_number_does_not_break_the_record(tmp_path: Path) -> None:
    decide = [branch("evidence.n > 1.0", "pass", because={"ja": "{evidence.n}", "en": "{evidence.n}"})]
    for number in (float("inf"), float("nan")):
        flow = flow_of(tmp_path / str(number), {"a": check_of({"n": DOUBLE}, {"n": Saw(number)})}, [step("a", decide)])
        result, _ = play(flow)
        assert parse_result(render_json(result), "result.json").steps[0].evidence == {"n": None}


def test_what_decided_nothing_is_told_by_its_name(tmp_path: Path) -> None:
    unseen = {"on": Unseen(Reason.DENIED, "HKLM\\秘密", "拒否")}
    result, _ = play(three_steps(tmp_path, unseen))
    (record,) = result.steps[0].unseen
    assert (record.name, record.reason, record.where, record.detail) == ("evidence.on", "denied", "HKLM\\秘密", "拒否")
    assert result.steps[0].because == Text(
        ja="判断に必要な次の情報を確認できませんでした: 日本語 on。",
        en="This could not be decided, because the following could not be seen: on.",
    )
    assert result.steps[0].evidence == {"on": None}


def test_what_is_not_there_is_told_apart_from_what_was_not_seen(tmp_path: Path) -> None:
    for reason, absent in ((Reason.MISSING, ("evidence.on",)), (Reason.DENIED, ()), (Reason.DEADLINE, ())):
        result, _ = play(three_steps(tmp_path / reason, {"on": Unseen(reason, "HKLM\\X")}))
        assert result.steps[0].evidence == {"on": None}
        assert result.steps[0].absent == absent
