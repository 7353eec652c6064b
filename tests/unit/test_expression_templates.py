from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.expressions import (
    DURATION,
    INT,
    STRING,
    ExpressionErrors,
    Type,
    Unknown,
    compile_template,
    list_of,
)

NAMES: Mapping[str, Type] = {"evidence.left": DURATION, "evidence.users": list_of(STRING), "evidence.count": INT}


def in_words(value: object, type_: Type) -> str:
    if isinstance(value, Unknown):
        return "不明(" + ",".join(sorted(gap.name for gap in value.gaps)) + ")"
    return f"{type_}={value}"


def problems(source: str) -> list[tuple[int, str]]:
    with pytest.raises(ExpressionErrors) as caught:
        compile_template(source, NAMES)
    return [(problem.offset, problem.message.id) for problem in caught.value.problems]


def test_a_sentence_is_filled_in_with_values_and_their_types() -> None:
    template = compile_template("期限まであと {days(evidence.left)} 日です（{evidence.users[0] + '様'}）", NAMES)
    values = {"evidence.left": timedelta(days=3, hours=5), "evidence.users": ["佐藤"]}
    assert template.render(values, in_words) == "期限まであと int=3 日です（string=佐藤様）"
    assert template.names == {"evidence.left", "evidence.users"}


def test_what_is_unknown_reaches_the_formatter() -> None:
    template = compile_template("残り {evidence.count} 件、{10 / evidence.count}", NAMES)
    assert template.render({}, in_words) == "残り 不明(evidence.count) 件、不明(evidence.count)"
    assert template.render({"evidence.count": 0}, in_words) == "残り int=0 件、不明(10 / evidence.count)"


def test_doubled_braces_stand_for_themselves_and_braces_in_strings_close_nothing() -> None:
    template = compile_template("""{{{evidence.count}}} {'}{' + "\\"}" + r'\\'} }}{{""", NAMES)
    assert template.render({"evidence.count": 1}, in_words) == """{int=1} string=}{"}\\ }{"""


def test_a_sentence_without_expressions_stays_as_it_is() -> None:
    assert compile_template("", NAMES).render({}, in_words) == ""
    assert compile_template("更新できません。", NAMES).render({}, in_words) == "更新できません。"


def test_every_problem_is_reported_at_its_place_in_the_sentence() -> None:
    assert problems("残り {evidence.cont} 日、{1 + 'a'} 件") == [(4, "expr-unknown-name"), (24, "expr-operands")]


@pytest.mark.parametrize(
    ("source", "offset", "problem"),
    [
        ("残り {evidence.count 日", 3, "expr-template-unclosed"),
        ("残り {", 3, "expr-template-unclosed"),
        ("残り { {evidence.count} }", 3, "expr-template-unclosed"),
        ("残り } 日", 3, "expr-template-brace"),
        ("残り {}", 4, "expr-empty"),
        ("残り {'日} です", 4, "expr-unterminated-string"),
        ("残り {evidence.count 件}", 19, "expr-unexpected"),
        ("あ" * 16_385, 16_384, "expr-too-long"),
    ],
)
def test_a_slip_in_a_sentence_is_reported_at_its_place(source: str, offset: int, problem: str) -> None:
    assert problems(source) == [(offset, problem)]


@given(st.text(st.sampled_from("{}'\"r\\ab 期1+.") | st.characters(), max_size=40))
def test_any_text_gives_a_sentence_or_problems(source: str) -> None:
    try:
        template = compile_template(source, NAMES)
    except ExpressionErrors as errors:
        assert all(0 <= problem.offset <= len(source) for problem in errors.problems)
    else:
        assert isinstance(template.render({}, in_words), str)
