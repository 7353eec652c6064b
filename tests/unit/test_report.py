from __future__ import annotations

import re
import string
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from diagnose.machine.values import Reason
from diagnose.message_catalogue import SENTENCES
from diagnose.report.causes import cause_groups
from diagnose.report.content import report_content
from diagnose.report.formats import duration_text, time_text, value_text, visible
from diagnose.report.words import (
    ANSWERED_BY_WORDS,
    ASCII_GLYPHS,
    GLYPHS,
    INCIDENT_WORDS,
    STATUS_WORDS,
    UNSEEN_MEANING,
    WORDS,
    outcome_sentence,
)
from diagnose.report.wrapping import display_width, wrapped
from diagnose.resources import rules_folder, templates_folder
from diagnose.run.reasons import reason_text
from diagnose.run.result import AnsweredBy, CauseResult, Outcome, Status
from diagnose.text import Language, Text
from tests.unit import sample_results as sample

# --- words ---------------------------------------------------------------------------------------------------------


def test_every_fixed_word_exists_in_both_languages_with_the_same_places_to_fill() -> None:
    tables = (WORDS, STATUS_WORDS, ANSWERED_BY_WORDS, UNSEEN_MEANING, INCIDENT_WORDS)
    texts = [text for table in tables for text in table.values()] + [reason_text(reason) for reason in Reason]
    for text in texts:
        assert text.ja.strip() and text.en.strip()
        assert text.ja != text.en or text.en == "OS"
        places = [sorted(name or "" for _, name, _, _ in string.Formatter().parse(one)) for one in (text.ja, text.en)]
        assert {name for name in places[0] if name} == {name for name in places[1] if name}


def test_every_status_outcome_and_answerer_has_its_word_and_its_own_glyph() -> None:
    assert set(STATUS_WORDS) == set(GLYPHS) == set(ASCII_GLYPHS) == set(Status)
    assert set(UNSEEN_MEANING) == set(Outcome)
    assert set(ANSWERED_BY_WORDS) == set(AnsweredBy)
    for glyphs in (GLYPHS, ASCII_GLYPHS):
        assert len(set(glyphs.values())) == len(Status)
    assert all(glyph.isascii() for glyph in ASCII_GLYPHS.values())


def test_the_messages_about_result_files_exist_in_both_languages() -> None:
    own = {name: texts for name, texts in SENTENCES.items() if name.startswith("result-")}
    assert len(own) == 5
    assert all(ja and en and ja != en for ja, en in own.values())


def test_the_outcome_sentence_names_the_primary_cause() -> None:
    assert outcome_sentence(sample.failing(), Language.JA) == (
        "問題が見つかりました：アップデート設定でプログラムの更新が除外されています"
    )
    assert outcome_sentence(sample.two_causes(), Language.EN) == "Problem found: Title of clock-wrong"
    assert outcome_sentence(sample.healthy(), Language.EN) == "No problem was found"


def test_a_failed_step_without_a_cause_lends_its_title_to_the_outcome_sentence() -> None:
    result = sample.with_steps(sample.healthy(), Outcome.WARN, [], sample.step("license", Status.WARN))
    assert outcome_sentence(result, Language.JA) == "注意が必要です：ライセンスの状態"


def test_an_unfinished_run_never_says_flatly_that_nothing_was_found() -> None:
    assert outcome_sentence(sample.interrupted(), Language.EN) == (
        "No problem was found in what was checked so far (the run did not finish)"
    )
    killed = replace(sample.failing(), run=replace(sample.failing().run, finished=None))
    assert outcome_sentence(killed, Language.JA).endswith("（診断は途中で終わっています）")


def test_an_unfinished_run_does_not_show_the_sign_of_a_pass() -> None:
    content = report_content(sample.interrupted(), Language.EN)
    assert content.status.id is Status.UNKNOWN
    assert content.unseen_meaning == "In the steps that ran, everything could be seen."
    assert report_content(sample.healthy(), Language.EN).status.id is Status.PASS


def test_a_run_without_a_verdict_never_says_that_everything_was_seen() -> None:
    result = replace(sample.healthy(), outcome=Outcome.UNKNOWN)
    assert report_content(result, Language.EN).unseen_meaning == "The results step by step say why there is no verdict."


# --- causes --------------------------------------------------------------------------------------------------------


def _ids(*causes: CauseResult, primary: str | None = None) -> list[tuple[str, list[str]]]:
    result = replace(sample.healthy(), causes=causes, primary_cause=primary)
    return [(group.leader.id, [one.id for one in group.explained]) for group in cause_groups(result)]


def test_the_primary_cause_leads_and_has_what_it_explains_through_others_under_it() -> None:
    causes = (
        sample.cause("a", "x", explained_by="b"),
        sample.cause("other", "x"),
        sample.cause("b", "x", explained_by="c"),
        sample.cause("c", "x"),
    )
    assert _ids(*causes, primary="c") == [("c", ["a", "b"]), ("other", [])]


def test_causes_that_explain_each_other_in_a_circle_are_all_listed_once() -> None:
    causes = [sample.cause(name, "x", explained_by=by) for name, by in (("a", "b"), ("b", "c"), ("c", "b"), ("d", "d"))]
    groups = _ids(*causes)
    assert sorted(name for leader, explained in groups for name in (leader, *explained)) == ["a", "b", "c", "d"]


def test_a_cause_explained_by_one_that_is_not_there_leads_itself() -> None:
    assert _ids(sample.cause("a", "x", explained_by="gone")) == [("a", [])]


def test_one_cause_found_in_two_steps_lists_what_it_explains_once() -> None:
    causes = (sample.cause("a", "x"), sample.cause("a", "y"), sample.cause("b", "x", explained_by="a"))
    assert _ids(*causes, primary="a") == [("a", ["b"])]


@pytest.mark.parametrize(
    ("statuses", "told"),
    [("wf", "second"), ("fw", "first"), ("ww", "first"), ("ff", "first"), ("wwf", "third"), ("wff", "second")],
)
def test_of_a_cause_found_twice_the_text_of_the_failing_one_is_told(statuses: str, told: str) -> None:
    named = ("first", "second", "third")
    causes = [
        replace(
            sample.cause("a", "x"), status=Status.FAIL if status == "f" else Status.WARN, because=Text(ja=name, en=name)
        )
        for name, status in zip(named, statuses, strict=False)
    ]
    (group,) = cause_groups(replace(sample.healthy(), causes=(*causes,), primary_cause="a"))
    assert (group.leader.because.en, group.explained) == (told, ())


# --- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("a\u202eexe", "a[U+202E]exe"),
        ("\x00\ud800\u200b\uffff", "[U+0000][U+D800][U+200B][U+FFFF]"),
        ("a\r\nb\rc\td", "a\nb\nc\td"),
        ("か\u3099漢字", "か\u3099漢字"),
    ],
)
def test_hidden_characters_are_spelled_out(hidden: str, shown: str) -> None:
    assert visible(hidden) == shown


@given(st.text())
def test_visible_text_can_be_written_as_utf_8_and_xml(text: str) -> None:
    shown = visible(text)
    shown.encode()
    element = ET.Element("a")
    element.text = shown
    assert ET.fromstring(ET.tostring(element)).text == (shown or None)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "不明"),
        (True, "はい"),
        (0, "0"),
        (1.5, "1.5"),
        (["あ", 2, False], "あ、2、いいえ"),
        ({"鍵": [1]}, '{"鍵":[1]}'),
    ],
)
def test_json_values_are_shown_in_words(value: object, shown: str) -> None:
    assert value_text(value, Language.JA) == shown


def test_times_keep_their_offset_and_durations_are_readable() -> None:
    assert time_text(sample.STARTED) == "2026-11-21 09:00:12 (UTC+09:00)"
    assert time_text(sample.STARTED.replace(tzinfo=None)) == "2026-11-21 09:00:12"
    assert [duration_text(one, Language.EN) for one in (0.04, 12.4, 125.0, -1.0)] == [
        "0.0 s",
        "12 s",
        "2 min 5 s",
        "0.0 s",
    ]


# --- wrapping ------------------------------------------------------------------------------------------------------

_JAPANESE = st.text(alphabet="設定を確認します。、」）「（ｱｲｳabc /\\0123 \u3099ー", max_size=200)


@given(_JAPANESE | st.text(max_size=100), st.integers(min_value=4, max_value=60))
def test_wrapped_lines_fit_and_lose_nothing_but_blanks(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(display_width(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text(alphabet="設定を確認します漢字かな。、」）「（", max_size=200), st.integers(min_value=16, max_value=60))
def test_no_line_starts_or_ends_with_a_mark_that_may_not_stand_there(text: str, width: int) -> None:
    text = re.sub("[。、」）「（]+", lambda marks: marks[0][0], text)
    lines = wrapped(text, width)
    assert not [line for line in lines[1:] if line[0] in "。、」）"]
    assert not [line for line in lines[:-1] if line[-1] in "「（"]


def test_a_long_path_is_broken_behind_a_separator() -> None:
    lines = wrapped("場所: C:\\ProgramData\\TrendMicro\\" + "x" * 30, 20, "- ")
    assert lines == ["- 場所:", "  C:\\ProgramData\\", "  TrendMicro\\", "  " + "x" * 18, "  " + "x" * 12]


# --- resources -----------------------------------------------------------------------------------------------------


def test_the_data_folders_are_found() -> None:
    assert (templates_folder() / "report.html.j2").is_file()
    assert rules_folder().name == "rules"


def test_text_in_both_languages_is_what_the_samples_hold() -> None:
    for result in sample.every_kind().values():
        texts = [
            text for step in result.steps for text in (step.title, step.because, step.why) if isinstance(text, Text)
        ]
        assert texts and all(text.ja and text.en for text in texts)
