from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from diagnose.bundle.incident import Incident, incident_of
from diagnose.bundle.ticket import Attached, render_markdown, render_plain, ticket
from diagnose.machine.recorded import RecordedMachine
from diagnose.resources import rules_folder
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import open_rule_folders
from diagnose.rules.model import FormField
from diagnose.run.answers import take_answers
from diagnose.run.clock import SystemClock
from diagnose.run.opening import recording_in
from diagnose.run.result import RunResult
from diagnose.run.runner import RunPlan, run_flow
from diagnose.text import Language, Text
from tests.unit.sample_results import every_kind_of_result, every_language, failing, hostile

SCENARIO = Path(__file__).parents[1] / "scenarios" / "apex-one" / "scope-blocks-programs"
GIVEN: dict[str, str | float] = {
    "affected_count": 12,
    "total_count": 340,
    "healthy_agents_exist": "yes",
    "difference_from_healthy": "大阪支店のみ。Windows 10 22H2",
    "update_now_helps": "no",
    "manual_notification_helps": "not_tried",
}


@pytest.fixture(scope="module")
def apex_one() -> tuple[RunResult, Incident]:
    folders = open_rule_folders(rules_folder())
    flow = compile_flow(folders, "apex-one", "agent-upgrade")
    machine = RecordedMachine.open(recording_in(SCENARIO))
    answers = take_answers(flow, {"update_agent_upgraded": "yes", "license_status": "active"}, {}, machine.now().tzinfo)
    result = run_flow(
        RunPlan(id="r", flow=flow, machine=machine, clock=SystemClock(), language=Language.JA, answers=answers),
        lambda _: None,
    )
    return result, incident_of(folders.product("apex-one").value.incident, result, GIVEN)


def test_the_ticket_answers_every_point_of_the_vendors_list(apex_one: tuple[RunResult, Incident]) -> None:
    """The list of the vendor's support document, in its order."""
    attached = Attached(("upgrade_20261119221503.log（12 KB、2026-11-19 22:15 まで）",), ("デバッグログ",))
    text = render_plain(ticket(*apex_one, attached, Language.JA))
    places = [
        text.index(part)
        for part in (
            "Trend Micro Apex One",
            "1. 現象が発生している台数: 12",
            "2. 全体の台数: 340",
            "3. アップデートエージェント自体のアップグレード: 完了している",
            "4. 現象が発生しないエージェント: ある",
            "大阪支店のみ。Windows 10 22H2",
            "［今すぐアップデート］で改善するか: 改善しない",
            "手動アップデート通知で改善するか: 試していない",
            "8. 最初に気付いた日: （未記入）",
            "問題が見つかりました",
            "1. 完了を待つ時間: ",
            "8. 上書きインストールによる切り分け: ",
            "upgrade_20261119221503.log",
            "デバッグログ",
        )
    ]
    assert places == sorted(places)


def test_in_english_nothing_is_japanese_but_what_the_operator_wrote(apex_one: tuple[RunResult, Incident]) -> None:
    result, incident = apex_one
    text = render_plain(ticket(result, incident, Attached(), Language.EN)).replace(
        str(GIVEN["difference_from_healthy"]), ""
    )
    assert "Computers affected: 12" in text
    assert not [c for c in text.replace(str(result.machine.hostname), "") if "\u3040" <= c <= "\u9fff"]


def test_what_was_answered_during_the_run_says_so() -> None:
    form = (FormField(id="license_status", title=Text(ja="ステータス", en="status")),)
    question = msgspec.structs.replace(failing().questions[0], id="license_status", answer="expired")
    result = msgspec.structs.replace(failing(), questions=(question,), incident={})
    text = render_plain(ticket(result, incident_of(form, result, {}), Attached(), Language.JA))
    assert "1. ステータス: expired（診断時の回答）" in text


@every_kind_of_result
@every_language
def test_every_result_makes_a_ticket_in_both_forms(result: RunResult, language: Language) -> None:
    made = ticket(result, incident_of((), result, {}), Attached(), language)
    assert render_plain(made).startswith(made.title[:10])
    assert "<h1>" in MarkdownIt().render(render_markdown(made))


def test_nothing_that_a_computer_says_formats_the_ticket() -> None:
    made = ticket(hostile(), incident_of((), hostile(), {}), Attached(("# x <b>",), ("[a](http://b)",)), Language.EN)
    shown = MarkdownIt().render(render_markdown(made))
    assert not [tag for tag in ("<script", "<img", "<a ", "<b>", "<table") if tag in shown]


@given(st.text())
def test_no_text_adds_a_line(text: str) -> None:
    lines = len(
        render_plain(ticket(failing(), incident_of((), failing(), {}), Attached(("x",)), Language.JA)).split("\n")
    )
    odd = render_plain(ticket(failing(), incident_of((), failing(), {}), Attached((text,)), Language.JA))
    assert len(odd.split("\n")) == lines
    assert msgspec.json.encode(odd)
