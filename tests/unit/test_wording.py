from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.expressions import DYN, compile_template, unknown
from diagnose.machine.values import Reason
from diagnose.rules.compiled import TextTemplate
from diagnose.run.wording import Word, in_words, json_value, render, value_text
from diagnose.text import Language, Text

JST = timezone(timedelta(hours=9))
BLOCKED = Word.of("blocked", Text(ja="禁止", en="not allowed"))


@pytest.mark.parametrize(
    ("value", "ja", "en"),
    [
        (BLOCKED, "禁止", "not allowed"),
        ("blocked", "blocked", "blocked"),
        ("", "なし", "none"),
        (None, "不明", "unknown"),
        (unknown("facts.a", Reason.DENIED), "不明", "unknown"),
        (True, "はい", "yes"),
        (False, "いいえ", "no"),
        (0, "0", "0"),
        (2**70, str(2**70), str(2**70)),
        (5.0, "5", "5"),
        (-0.0, "-0", "-0"),
        (2.25, "2.2", "2.2"),
        (1e300, "1e+300", "1e+300"),
        (float("nan"), "不明", "unknown"),
        (float("inf"), "不明", "unknown"),
        (float("-inf"), "不明", "unknown"),
        (Text(ja="時計", en="clock"), "時計", "clock"),
        (datetime(2026, 11, 21, 9, 5, 7, tzinfo=JST), "2026-11-21 09:05", "2026-11-21 09:05"),
        (datetime(2026, 11, 21, 23, 59, 59, tzinfo=JST), "2026-11-21", "2026-11-21"),
        (timedelta(), "0 秒", "0 s"),
        (timedelta(seconds=59), "59 秒", "59 s"),
        (timedelta(minutes=61), "1 時間 1 分", "1 h 1 min"),
        (timedelta(hours=2), "2 時間", "2 h"),
        (timedelta(days=1, hours=1), "25 時間", "25 h"),
        (timedelta(days=2, hours=23), "2 日", "2 days"),
        (timedelta(days=-3), "3 日", "3 days"),
        ((), "なし", "none"),
        (("一", "二"), "一、二", "一, 二"),
        ([Text(ja="時計", en="clock"), BLOCKED], "時計、禁止", "clock, not allowed"),
        (["日"] * 14, "、".join("日" * 12) + "、ほか 2 件", ", ".join("日" * 12) + ", 2 more"),
    ],
)
def test_a_value_is_shown_as_a_person_of_the_language_reads_it(value: Any, ja: str, en: str) -> None:
    assert in_words(value, Language.JA) == ja
    assert in_words(value, Language.EN) == en
    assert value_text(value) == Text(ja=ja, en=en)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (datetime(2026, 11, 21, 9, 5, tzinfo=JST), "2026-11-21T09:05:00+09:00"),
        (timedelta(hours=1), 3600.0),
        (Text(ja="時計", en="clock"), {"ja": "時計", "en": "clock"}),
        ((1, (Text(ja="一", en="one"),)), [1, [{"ja": "一", "en": "one"}]]),
        (BLOCKED, "blocked"),
        (14039.0, 14039),
        (0.5, 0.5),
        (1e300, 1e300),
        (float("nan"), None),
        (float("inf"), None),
        (True, True),
        (None, None),
    ],
)
def test_a_value_is_stored_as_json_can_hold_it(value: Any, stored: Any) -> None:
    assert json_value(value) == stored
    assert type(json_value(value)) is type(stored)
    json.dumps(json_value(value), allow_nan=False)


def test_a_word_is_its_stored_text_to_every_condition() -> None:
    assert BLOCKED == "blocked"
    assert BLOCKED in {"blocked"}


def test_a_sentence_is_filled_in_both_languages() -> None:
    names = {"state": DYN, "left": DYN, "gone": DYN}
    template = TextTemplate(
        compile_template("状態は{state}、残り {left}、{{不明}}は{gone}。", names),
        compile_template("It is {state}, {left} left, {gone} is {{not}} known.", names),
    )
    values = {"state": BLOCKED, "left": timedelta(hours=3), "gone": unknown("x", Reason.MISSING)}
    assert render(template, values) == Text(
        ja="状態は禁止、残り 3 時間、{不明}は不明。", en="It is not allowed, 3 h left, unknown is {not} known."
    )


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.datetimes(timezones=st.just(UTC))
    | st.timedeltas()
    | st.builds(Text, ja=st.text(), en=st.text())
)


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.lists(inner).map(tuple), max_leaves=20))
def test_every_value_has_words_and_a_stored_form(value: Any) -> None:
    for language in Language:
        assert isinstance(in_words(value, language), str)
    json.dumps(json_value(value), allow_nan=False)
