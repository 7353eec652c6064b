from __future__ import annotations

from collections.abc import Mapping

import pytest

from diagnose.expressions import (
    BOOL,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    STRING,
    TIMESTAMP,
    VERSION,
    ExpressionErrors,
    Type,
    compile_expression,
    enum_of,
    list_of,
)
from diagnose.text import Language

NAMES: Mapping[str, Type] = {
    "evidence.days_left": INT,
    "evidence.state": enum_of(("allowed", "blocked")),
    "evidence.share": DOUBLE,
    "evidence.left": DURATION,
    "evidence.log": list_of(STRING),
    "evidence.states": list_of(enum_of(("allowed", "blocked"))),
    "evidence.raw": DYN,
    "evidence.raw.size": INT,
    "evidence.numbers": list_of(INT),
    "facts.agent.version": VERSION,
    "answers.note": STRING,
    "ready": BOOL,
    "now": TIMESTAMP,
}


def problems(source: str, want: Type | None = BOOL) -> list[tuple[int, str]]:
    with pytest.raises(ExpressionErrors) as caught:
        compile_expression(source, NAMES, want)
    for problem in caught.value.problems:
        assert problem.message.in_language(Language.JA)
        assert problem.message.in_language(Language.EN)
    return [(problem.offset, problem.message.id) for problem in caught.value.problems]


def hint(source: str) -> str:
    with pytest.raises(ExpressionErrors) as caught:
        compile_expression(source, NAMES)
    return caught.value.problems[0].message.in_language(Language.EN)


def test_every_wrong_name_and_type_is_reported_at_once_with_its_place() -> None:
    source = 'evidence.days_lefft < 3 && answers.not == 1 || ready == "期限"'
    assert problems(source) == [(0, "expr-unknown-name"), (27, "expr-unknown-name"), (53, "expr-never-equal")]
    assert hint(source) == "unknown name 'evidence.days_lefft' (did you mean 'evidence.days_left'?)"


def test_a_value_that_an_enum_never_has_is_reported_with_the_nearest() -> None:
    assert hint('evidence.state == "bloked"') == (
        "this is never 'bloked'; it is one of: allowed, blocked (did you mean 'blocked'?)"
    )
    assert problems('evidence.state in ["alowed", "blocked", "期限"]') == [
        (19, "expr-never-one-of"),
        (40, "expr-never-one-of"),
    ]
    assert problems('"x" in evidence.states || evidence.states.exists(s, s != (ready ? "y" : "allowed"))') == [
        (0, "expr-never-one-of"),
        (66, "expr-never-one-of"),
    ]


@pytest.mark.parametrize(
    ("source", "offset", "problem"),
    [
        ("", 0, "expr-empty"),
        ("ready = true", 6, "expr-unexpected"),
        ("ready and ready", 6, "expr-unexpected"),
        ("not ready", 0, "expr-unexpected"),
        ("ready & ready", 6, "expr-unexpected"),
        ("ready | ready", 6, "expr-unexpected"),
        ("ready　&& ready", 5, "expr-full-width"),
        ("ready == “a”", 9, "expr-full-width"),
        ("ready == true 期限", 14, "expr-unexpected"),
        ("ready &&", 8, "expr-unexpected-end"),
        ("(ready", 6, "expr-expected-end"),
        ("size(evidence.log ready", 18, "expr-expected"),
        ("evidence. < 3", 10, "expr-expected-name"),
        ("ready ? false ? true : false : ready", 14, "expr-expected"),
        ("if", 0, "expr-reserved-word"),
        ("answers.note == 'it", 16, "expr-unterminated-string"),
        ('answers.note == "a\nb"', 16, "expr-unterminated-string"),
        ('answers.note == r"a', 16, "expr-unterminated-string"),
        (r"answers.note == '\d'", 17, "expr-bad-escape"),
        (r"answers.note == '期\ud800'", 18, "expr-bad-escape"),
        (r"answers.note == '\U00110000'", 17, "expr-bad-escape"),
        ("evidence.days_left < 9223372036854775808", 21, "expr-bad-number"),
        ("evidence.share < 1e999", 17, "expr-bad-number"),
        ("evidence.days_left < 3d", 21, "expr-bad-number"),
        ("evidence.days_left", 0, "expr-not-bool"),
        ("ready && answers.note", 9, "expr-not-bool"),
        ("evidence.days_left + 1.0 == 2.0", 19, "expr-operands"),
        ("now > '2026-01-01T00:00:00Z'", 4, "expr-operands"),
        ("-answers.note == 'a'", 0, "expr-operand"),
        ("evidence.days_left == null", 19, "expr-never-equal"),
        ("facts.agent.version == answers.note", 20, "expr-never-equal"),
        ("evidence.days_left in ['3']", 19, "expr-never-in"),
        ("[1] == ['a']", 4, "expr-never-equal"),
        ("evidence.numbers + ['期'] == []", 17, "expr-operands"),
        ("(evidence.numbers + [1])[0] == '期'", 28, "expr-never-equal"),
        ("(ready ? [1] : ['a']) == []", 1, "expr-branches"),
        ("evidence.days_left in 3", 22, "expr-not-a-list"),
        ("evidence.log['a'] == ''", 13, "expr-bad-index"),
        ("(ready ? 1 : 'a') == 1", 1, "expr-branches"),
        ("[null] == []", 1, "expr-null-place"),
        ("siz(evidence.log) == 1", 0, "expr-unknown-function"),
        ("exists(evidence.log)", 0, "expr-unknown-function"),
        ("matches(answers.note, 'a')", 0, "expr-function-shape"),
        ("answers.note.startsWith('a', 'b')", 13, "expr-argument-count"),
        ("answers.note.contains(3)", 22, "expr-argument-type"),
        ("evidence.log.exists('x', true)", 13, "expr-loop-shape"),
        ("has(1)", 0, "expr-has-needs-name"),
        ("answers.note.matches('(期限')", 21, "expr-bad-pattern"),
        ("answers.note.matches(answers.note)", 21, "expr-pattern-not-literal"),
        ("facts.agent.version < '7.２'", 22, "expr-bad-version"),
        ("timestamp('2026-01-01T00:00:00') < now", 10, "expr-bad-timestamp"),
        ("evidence.left < duration('7d')", 25, "expr-bad-duration"),
        ("evidence.left < duration('0.1us')", 25, "expr-bad-duration"),
        ("(" * 41 + "ready" + ")" * 41, 40, "expr-too-deep"),
        ("!" * 4000 + "ready", 40, "expr-too-deep"),
        ("evidence" + ".a" * 2000, 0, "expr-too-deep"),
        ("1" + " + 1" * 1000 + " == 1", 0, "expr-too-deep"),
        ("[" * 4000, 40, "expr-too-deep"),
        (" " * 4097, 4096, "expr-too-long"),
    ],
)
def test_a_slip_is_reported_at_its_place(source: str, offset: int, problem: str) -> None:
    assert problems(source) == [(offset, problem)]


def test_the_hint_says_what_to_write() -> None:
    assert hint("ready = true").endswith("(write ==)")
    assert hint("ready AND ready").endswith("(write &&)")
    assert hint("evidence.left < '24h'").endswith('(write duration("…"))')
    assert "'&'" in hint("ready ＆＆ ready")


def test_a_field_behind_a_name_of_a_closed_type_is_reported() -> None:
    assert problems("evidence.days_left.size > 1") == [(19, "expr-no-field")]
    assert problems("evidence.numbers.exists(evidence, evidence.days_left > 1)") == [(43, "expr-no-field")]


def test_a_result_of_another_type_than_wanted_is_reported() -> None:
    assert problems("evidence.days_left + 1", STRING) == [(0, "expr-wrong-result")]
    assert problems("answers.note", enum_of(("a",))) == [(0, "expr-wrong-result")]
    assert compile_expression('"a"', NAMES, STRING).evaluate({}) == "a"


def test_a_pattern_that_would_grow_too_large_is_refused_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    assert problems("answers.note.matches('(x{500}){500}')") == [(21, "expr-bad-pattern")]
    assert problems("answers.note.matches('((((x{20}){20}){20}){20}){20}')") == [(21, "expr-bad-pattern")]
    assert capfd.readouterr() == ("", "")
