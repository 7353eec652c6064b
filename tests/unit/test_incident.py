from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from diagnose.bundle.incident import From, incident_of, read_form
from diagnose.errors import InputError
from diagnose.resources import rules_folder
from diagnose.rules.folders import open_rule_folders
from diagnose.rules.model import FormField
from diagnose.run.result import AnsweredBy, QuestionResult
from diagnose.text import Language, Text
from tests.unit.sample_results import failing

CHOICES = {"yes": {"ja": "はい", "en": "yes"}, "no": {"ja": "いいえ", "en": "no"}}


def field(id_: str, type_: str = "text", **more: object) -> FormField:
    return msgspec.convert({"id": id_, "type": type_, "title": {"ja": f"{id_}の欄", "en": id_}, **more}, FormField)


FORM = (
    field("count", "number"),
    field("helps", "choice", choices=CHOICES),
    field("first_seen", "date"),
    field("contact"),
)


def answered(id_: str, answer: object, by: AnsweredBy = AnsweredBy.OPERATOR) -> QuestionResult:
    return QuestionResult(id=id_, text=Text(ja="?", en="?"), answer=answer, answer_text=None, answered_by=by)


def test_the_form_wins_over_the_run_and_the_order_is_the_vendors() -> None:
    result = msgspec.structs.replace(
        failing(),
        questions=(answered("helps", "no"), answered("count", 7), answered("contact", "unknown")),
        incident={"count": 12.0},
    )
    incident = incident_of(FORM, result, {"contact": "山田"})
    assert [(value.id, value.value, value.given_by) for value in incident.fields] == [
        ("count", 12, From.FORM),
        ("helps", "no", From.RUN),
        ("first_seen", None, From.NOBODY),
        ("contact", "山田", From.FORM),
    ]
    assert incident.fields[1].value_text == Text(ja="いいえ", en="no")
    assert [value.id for value in incident.missing] == ["first_seen"]
    assert msgspec.json.decode(msgspec.json.encode(incident))["schema"] == "diagnose.incident/1"


def test_a_default_answer_and_a_secret_fill_nothing_in() -> None:
    questions = (answered("helps", "unknown", AnsweredBy.DEFAULT), answered("contact", "***"))
    incident = incident_of(FORM, msgspec.structs.replace(failing(), questions=questions, incident={}), {})
    assert len(incident.missing) == len(FORM)


def test_a_form_file_is_read_and_options_win(tmp_path: Path) -> None:
    file = tmp_path / "事象.yaml"
    file.write_text("count: 12\nhelps: yes\nfirst_seen: 2026年11月3日\ncontact: unknown\n", encoding="utf-8")
    assert read_form(FORM, file, {"count": "13"}) == {"count": 13.0, "helps": "yes", "first_seen": "2026-11-03"}
    assert read_form(FORM, None, {}) == {}


def test_every_mistake_in_a_form_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "事象.yaml"
    file.write_text("count: many\nhelp: yes\nfirst_seen: [1]\nhelps: maybe\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_form(FORM, file, {"x": "1"})
    places = [str(problem.place) for problem in caught.value.problems]
    assert [place.rpartition("事象.yaml:")[2] for place in places] == ["1:1", "2:1", "3:1", "4:1", "--incident x"]
    for language in Language:
        assert "helps" in caught.value.problems[1].message.in_language(language)
    file.write_text("- count\n", encoding="utf-8")
    with pytest.raises(InputError):
        read_form(FORM, file, {})


def test_the_form_of_apex_one_asks_all_that_the_vendor_asks() -> None:
    form = open_rule_folders(rules_folder()).product("apex-one").value.incident
    asked = [field.id for field in form]
    assert asked[:8] == [
        "affected_count",
        "total_count",
        "update_agent_upgraded",
        "healthy_agents_exist",
        "difference_from_healthy",
        "update_now_helps",
        "manual_notification_helps",
        "first_seen",
    ]
