from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.check import Saw
from diagnose.errors import InputError
from diagnose.expressions import BOOL
from diagnose.rules.compiled import CompiledFlow
from diagnose.rules.model import Question
from diagnose.run.answers import TEXT_LIMIT, AnswerError, Answers, collect_answers, parse_answer
from diagnose.run.result import AnsweredBy
from diagnose.text import Language
from tests.unit.small_rules import branch, check_of, flow_of, question, step, text

JST = timezone(timedelta(hours=9))
QUESTIONS = {
    "license_status": question(choices=("active", "grace", "expired")),
    "shares": question(choices=("yes", "no", "true")),
    "hours": question("number", minimum=0, maximum=1000),
    "anything": question("number"),
    "expires_on": question("date"),
    "note": question("text"),
    "code": question("secret"),
}
INCIDENT = (
    {"id": "contact", "title": text("contact")},
    {"id": "affected_count", "title": text("n"), "type": "number"},
    {"id": "first_seen", "title": text("d"), "type": "date"},
    {"id": "helps", "title": text("h"), "type": "choice", "choices": {"yes": text("y"), "no": text("n")}},
    {"id": "hours", "title": text("also a question"), "type": "number"},
)


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> CompiledFlow:
    steps = [step("a", [branch("evidence.on", "pass")], ask=list(QUESTIONS))]
    folder = tmp_path_factory.mktemp("rules")
    return flow_of(
        folder, {"a": check_of({"on": BOOL}, {"on": Saw(True)})}, steps, questions=QUESTIONS, incident=INCIDENT
    )


def from_file(flow: CompiledFlow, folder: Path, written: str, **options: str) -> Answers:
    file = folder / "回答.yaml"
    file.write_text(written, encoding="utf-8")
    return collect_answers(flow, file, options, JST)


def refused(flow: CompiledFlow, folder: Path, written: str, **options: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        from_file(flow, folder, written, **options)
    said = [f"{p.place}: {p.message.in_language(Language.EN)}" for p in caught.value.problems]
    assert all(p.message.in_language(Language.JA) for p in caught.value.problems)
    return [line.removeprefix(f"{folder}/") for line in said]


def values(answers: Answers) -> dict[str, Any]:
    return {name: answer.value for name, answer in answers.given.items()}


def test_an_option_wins_over_the_file(flow: CompiledFlow, tmp_path: Path) -> None:
    found = from_file(flow, tmp_path, "hours: 5\nnote: ファイル\n", note="オプション", license_status="grace")
    assert values(found) == {"hours": 5.0, "note": "オプション", "license_status": "grace"}
    assert {answer.by for answer in found.given.values()} == {AnsweredBy.FILE}
    assert collect_answers(flow, None, {}, JST) == Answers()


def test_a_mistake_in_the_file_does_not_hurt_when_an_option_replaces_it(flow: CompiledFlow, tmp_path: Path) -> None:
    assert values(from_file(flow, tmp_path, "hours: たくさん\n", hours="3")) == {"hours": 3.0}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("licence_status: active", "回答.yaml:1:1: unknown question 'licence_status' (did you mean 'license_status'?)"),
        ("contcat: x", "回答.yaml:1:1: unknown question 'contcat' (did you mean 'contact'?)"),
        ("ぜんぜん: x", "回答.yaml:1:1: unknown question 'ぜんぜん'"),
        (
            "license_status: activ",
            "回答.yaml:1:1: question 'license_status': 'activ' is not one of the choices "
            "(active, grace, expired, unknown) (did you mean 'active'?)",
        ),
        ("license_status: Active", "回答.yaml:1:1: question 'license_status': 'Active' is not one of the choices"),
        ("hours: 1001", "回答.yaml:1:1: question 'hours': '1001' is outside the range (0 to 1000)"),
        ("hours: -0.1", "回答.yaml:1:1: question 'hours': '-0.1' is outside the range (0 to 1000)"),
        ("hours: nan", "回答.yaml:1:1: question 'hours': 'nan' is outside the range (0 to 1000)"),
        ("hours: 1e999", "回答.yaml:1:1: question 'hours': '1e999' is outside the range (0 to 1000)"),
        ("anything: -inf", "回答.yaml:1:1: question 'anything': '-inf' is outside the range (… to …)"),
        ("anything: " + "9" * 4000, "回答.yaml:1:1: question 'anything': '9999"),
        ("anything: 0x" + "f" * 4000, "回答.yaml:1:1: question 'anything': '0xff"),
        ("anything: 五", "回答.yaml:1:1: question 'anything': '五' is not a number"),
        ("expires_on: 2026-13-01", "回答.yaml:1:1: question 'expires_on': '2026-13-01' is not a date"),
        ("expires_on: 来年", "回答.yaml:1:1: question 'expires_on': '来年' is not a date (example: 2026-11-21)"),
        ("expires_on: 2026-02-30", "回答.yaml:1:1: question 'expires_on': '2026-02-30' is not a date"),
        ("hours: [1, 2]", "回答.yaml:1:1: the answer to 'hours' must be a single value"),
        ("note: {a: b}", "回答.yaml:1:1: the answer to 'note' must be a single value"),
        ("- hours: 1", "回答.yaml:1:1: an answers file is a list of 'question: answer' lines"),
        ("hours", "回答.yaml:1:1: an answers file is a list of 'question: answer' lines"),
        ("hours: 1\nhours: 2", "回答.yaml:2:1: key 'hours' stands here twice"),
        (f"note: {'長' * (TEXT_LIMIT + 1)}", "回答.yaml:1:1: question 'note': the answer is too long"),
        ("affected_count: 多数", "回答.yaml:1:1: question 'affected_count': '多数' is not a number"),
        ("helps: maybe", "回答.yaml:1:1: question 'helps': 'maybe' is not one of the choices (yes, no, unknown)"),
    ],
)
def test_a_wrong_answer_is_told_with_its_line_and_the_nearest_name(
    flow: CompiledFlow, tmp_path: Path, written: str, said: str
) -> None:
    (line,) = refused(flow, tmp_path, written + "\n")
    assert line.startswith(said)


def test_all_wrong_answers_are_told_at_once_also_those_of_options(flow: CompiledFlow, tmp_path: Path) -> None:
    lines = refused(flow, tmp_path, "note: よい\nhours: x\nlicens: y\n", expires_on="z")
    assert [line.partition(": ")[0] for line in lines] == ["回答.yaml:2:1", "回答.yaml:3:1", "--answer expires_on"]


def test_a_secret_that_is_too_long_is_not_repeated(flow: CompiledFlow, tmp_path: Path) -> None:
    (line,) = refused(flow, tmp_path, "code: " + "S" * (TEXT_LIMIT + 1))
    assert "SSS" not in line


@pytest.mark.parametrize(
    "written", ["2026-11-21", "2026/11/21", "'2026-11-21'", "20261121", "2026年11月21日", "２０２６/11/21"]
)
def test_a_date_is_the_end_of_its_day_in_the_computers_zone(flow: CompiledFlow, tmp_path: Path, written: str) -> None:
    found = from_file(flow, tmp_path, f"expires_on: {written}\nfirst_seen: {written}\n")
    assert found.given["expires_on"].value == datetime(2026, 11, 21, 23, 59, 59, tzinfo=JST)
    assert found.incident == {"first_seen": "2026-11-21"}


@pytest.mark.parametrize("written", ["yes", "'yes'", '"yes"', " yes "])
def test_yes_and_no_stay_words(flow: CompiledFlow, tmp_path: Path, written: str) -> None:
    assert values(from_file(flow, tmp_path, f"shares: {written}\n")) == {"shares": "yes"}


def test_values_that_yaml_takes_for_numbers_and_truth_are_answers_as_they_are_written(
    flow: CompiledFlow, tmp_path: Path
) -> None:
    found = from_file(flow, tmp_path, "shares: true\nhours: 12\nnote: 1.10\nanything: -1.5e3\ncontact: 0312345678\n")
    assert values(found) == {"shares": "true", "hours": 12.0, "note": "1.10", "anything": -1500.0}
    assert found.incident["contact"] == "0312345678", "a telephone number keeps its zero"


@pytest.mark.parametrize("written", ["", "null", "~", "unknown", "'unknown'", "''", '"  "'])
def test_nothing_null_and_unknown_mean_dont_know(flow: CompiledFlow, tmp_path: Path, written: str) -> None:
    found = from_file(flow, tmp_path, "".join(f"{name}: {written}\n" for name in (*QUESTIONS, "contact")))
    assert values(found) == dict.fromkeys(QUESTIONS)
    assert found.incident == {}


def test_an_empty_answers_file_is_refused_in_one_line(flow: CompiledFlow, tmp_path: Path) -> None:
    assert len(refused(flow, tmp_path, "")) == 1


def test_incident_fields_land_in_the_incident_and_a_shared_name_in_both(flow: CompiledFlow, tmp_path: Path) -> None:
    found = from_file(
        flow, tmp_path, "contact: 情シス 山田\naffected_count: 12\nhelps: no\nhours: 3\n", first_seen="2026/11/01"
    )
    assert found.incident == {
        "contact": "情シス 山田",
        "affected_count": 12.0,
        "helps": "no",
        "hours": 3.0,
        "first_seen": "2026-11-01",
    }
    assert values(found) == {"hours": 3.0}


def test_a_missing_answers_file_is_an_input_error(flow: CompiledFlow, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        collect_answers(flow, tmp_path / "ない.yaml", {}, None)


TYPES = st.sampled_from(sorted(QUESTIONS))


@given(TYPES, st.text(max_size=40) | st.floats().map(str) | st.dates().map(str) | st.integers().map(str))
def test_any_text_is_an_answer_of_the_right_type_or_a_clear_no(name: str, written: str) -> None:
    asked = msgspec.convert(QUESTIONS[name], Question)
    try:
        found = parse_answer(asked, written, UTC)
    except AnswerError as error:
        assert all(error.reason.in_language(language) for language in Language)
        return
    if found is None:
        assert written.strip() in {"", "unknown"}
        return
    wanted: dict[str, type] = {"number": float, "date": datetime}
    assert type(found) is wanted.get(asked.type, str)
    if isinstance(found, float):
        assert abs(found) < float("inf")
        assert name != "hours" or 0 <= found <= 1000
    if asked.type == "choice":
        assert found in asked.choices
