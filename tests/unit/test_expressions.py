from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import IntEnum, StrEnum
from pathlib import Path

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
    Gap,
    Type,
    Unknown,
    Version,
    compile_expression,
    enum_of,
    list_of,
    unknown,
)
from diagnose.machine.values import Reason

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


def result(source: str, want: Type | None = None, **values: object) -> object:
    """Keywords stand for dotted names: `evidence__days_left`."""
    compiled = compile_expression(source, NAMES, want)
    return compiled.evaluate({name.replace("__", "."): value for name, value in values.items()})


def gaps(value: object) -> set[tuple[str, Reason]]:
    assert isinstance(value, Unknown), value
    return {(gap.name, gap.reason) for gap in value.gaps}


def test_a_condition_over_evidence_facts_and_answers_is_decided() -> None:
    source = 'evidence.state == "blocked" && facts.agent.version < "14.0.12033" && answers.note.contains("期限")'
    values = {"evidence.state": "blocked", "facts.agent.version": "9.4.1", "answers.note": "ライセンス期限切れ"}
    compiled = compile_expression(source, NAMES)
    assert compiled.evaluate(values) is True
    assert compiled.evaluate(values | {"facts.agent.version": "14.0.12033.0"}) is False
    assert compiled.names == {"evidence.state", "facts.agent.version", "answers.note"}
    assert compiled.type == BOOL


def test_what_is_missing_is_named_with_its_reason() -> None:
    denied = unknown("evidence.state", Reason.DENIED, r"HKLM\SOFTWARE\…", "アクセスが拒否されました")
    value = result('evidence.state == "blocked" && ready', evidence__state=denied)
    assert isinstance(value, Unknown)
    assert value.gaps == denied.gaps | {Gap("ready", Reason.NO_SOURCE)}


@pytest.mark.parametrize("source", ["ready && {}", "{} && ready", "!({} || !ready)", "!ready ? false : ready && {}"])
def test_a_false_term_decides_whatever_is_unknown_around_it(source: str) -> None:
    assert result(source.format("evidence.days_left < 3"), ready=False) is False
    assert gaps(result(source.format("evidence.days_left < 3"), ready=True)) == {
        ("evidence.days_left", Reason.NO_SOURCE)
    }


def test_unknown_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError):
        bool(result("ready"))


def test_has_tells_whether_a_value_is_known_and_is_never_unknown() -> None:
    source = "has(evidence.days_left) && evidence.days_left < 3"
    assert result(source) is False
    assert result(source, evidence__days_left=2) is True
    assert result("has(evidence.raw.left.days)", evidence__raw={"left": {"days": 3}}) is True
    assert result("has(evidence.raw.left.days)", evidence__raw={"left": {}}) is False


def test_a_loop_decides_as_soon_as_one_item_does() -> None:
    source = "evidence.numbers.exists(n, 10 / n == 5)"
    assert result(source, evidence__numbers=[0, 2]) is True
    assert gaps(result(source, evidence__numbers=(0, 3))) == {("10 / n", Reason.MALFORMED)}
    assert result("evidence.numbers.all(n, evidence.numbers.all(n, n > 0) && n > 1)", evidence__numbers=[2, 1]) is False


def test_loops_inside_loops_keep_their_variables_apart() -> None:
    source = "evidence.numbers.exists(a, evidence.numbers.exists(b, a + b == 5) && a == 2)"
    assert result(source, evidence__numbers=[2, 3]) is True
    assert result(source, evidence__numbers=[3, 1]) is False


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("2 + 3 * 4 - 6 / 2 == 11", True),
        ("(1 < 2) == (3 > 2) && !false || 1 / 0 == 1", True),
        ("&&".join(["(ready)"] * 60), True),
        ("evidence.raw == true", False),
        ("evidence.raw == 1.0", True),
        ("true in [evidence.raw]", False),
        ("[evidence.raw, 'a'] == [1.0, 'a']", True),
        ("evidence.share == evidence.share", False),
        ("evidence.share in [evidence.share]", False),
        ("0.0 / 0.0 == 0.0 / 0.0", False),
        ("-1.0 / -0.0 > 1e300", True),
        ("(ready ? evidence.state : answers.note) == 'その他'", False),
        (r"""'\x41\u671f\U0001F600\101\t' == r'A' + "期😀A" + "\x09" """, True),
    ],
)
def test_operators_bind_and_compare_as_in_cel(source: str, expected: bool) -> None:
    values = {"evidence__raw": 1, "evidence__share": float("nan"), "evidence__state": "allowed", "ready": True}
    assert result(source, BOOL, **values) is expected


def test_versions_compare_number_by_number() -> None:
    assert result('facts.agent.version in ["7.2", "8.0"]', facts__agent__version="7.2.0") is True
    assert result('facts.agent.version == version("7.10")', facts__agent__version=Version((7, 9), "7.9")) is False
    assert str(result("facts.agent.version", VERSION, facts__agent__version="7.2.0")) == "7.2.0"
    assert gaps(result('facts.agent.version > "7"', facts__agent__version="7.x")) == {
        ("facts.agent.version", Reason.MALFORMED)
    }


def test_whole_days_hours_and_minutes_are_cut_towards_zero() -> None:
    left = timedelta(days=-2, hours=-5, minutes=-30, seconds=-59)
    counts = [result(f"{unit}(evidence.left)", INT, evidence__left=left) for unit in ("days", "hours", "minutes")]
    assert counts == [-2, -53, -3210]
    assert result("answers.note.lower()", STRING, answers__note="OfficeＳＣＡＮ") == "officeｓｃａｎ"


@pytest.mark.parametrize(
    ("source", "detail"),
    [
        ("evidence.days_left + 9223372036854775807 > 0", "integer overflow"),
        ("evidence.days_left * 4611686018427387904 > 0", "integer overflow"),
        ("-(-9223372036854775807 - evidence.days_left + 1) > 0", "integer overflow"),
        ("evidence.days_left % (2 - evidence.days_left) == 0", "modulus by zero"),
        ("evidence.numbers[evidence.days_left] == 0", "index out of bounds"),
        ('duration("2400000h") + duration("2400000h") > evidence.left', "duration overflow"),
        ('timestamp("9999-12-31T00:00:00Z") + duration("24h") > now', "time overflow"),
        ("timestamp(answers.note) > now", "not an RFC 3339 time with a zone"),
        ("evidence.raw.days == 1", "no such key"),
        ("evidence.raw < 1", "no such overload"),
        ("size(evidence.days_left > 2 ? evidence.raw : evidence.raw.left) == 1", "no such overload"),
        ("evidence.raw.startsWith('期')", "no such overload"),
        ("evidence.raw.matches('期')", "no such overload"),
        ("(-9223372036854775808) % (1 - evidence.days_left) == 0", "integer overflow"),
    ],
)
def test_an_operation_without_a_result_is_unknown_and_says_why(source: str, detail: str) -> None:
    values = {"evidence.days_left": 2, "evidence.numbers": [1, 2], "now": datetime(2026, 1, 1, tzinfo=UTC)}
    values |= {"evidence.left": timedelta(1), "answers.note": "期限", "evidence.raw": {"left": 1}}
    value = compile_expression(source, NAMES).evaluate(values)
    assert isinstance(value, Unknown)
    assert {(gap.reason, gap.detail) for gap in value.gaps} == {(Reason.MALFORMED, detail)}
    assert all(gap.name in source for gap in value.gaps)


ROOT = Path(__file__).parents[2]


class Scope(StrEnum):
    BLOCKED = "blocked"


class ClockPutBack(tzinfo):
    """A zone where the time between one and two comes twice."""

    def utcoffset(self, dt: datetime | None, /) -> timedelta:
        return timedelta(hours=1 if dt and dt.fold else 2)

    def dst(self, dt: datetime | None, /) -> timedelta:
        return timedelta(0)

    def tzname(self, dt: datetime | None, /) -> str:
        return ""


class Days(IntEnum):
    THREE = 3


def test_values_are_taken_as_what_they_are_underneath() -> None:
    assert result('evidence.state == "blocked"', evidence__state=Scope.BLOCKED) is True
    assert result("evidence.days_left == 3", evidence__days_left=Days.THREE) is True
    assert result("evidence.share == 3", evidence__share=3) is True
    first_half_past_one = datetime(2026, 10, 25, 1, 30, tzinfo=ClockPutBack())
    assert result('now == timestamp("2026-10-24T23:30:00Z")', now=first_half_past_one) is True


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("evidence.days_left", True, Reason.MALFORMED),
        ("evidence.days_left", "3", Reason.MALFORMED),
        ("evidence.days_left", 2**63, Reason.MALFORMED),
        ("evidence.days_left", None, Reason.NO_SOURCE),
        ("evidence.state", "期限", Reason.MALFORMED),
        ("evidence.left", timedelta.max, Reason.MALFORMED),
        ("evidence.log", ["a", 1], Reason.MALFORMED),
        ("evidence.numbers", [1, 2**63], Reason.MALFORMED),
        ("evidence.log", ["a", unknown("evidence.log", Reason.DENIED)], Reason.DENIED),
        ("evidence.log", "abc", Reason.MALFORMED),
        ("evidence.raw", object(), Reason.MALFORMED),
        ("evidence.share", 10**400, Reason.MALFORMED),
        ("facts.agent.version", 7.2, Reason.MALFORMED),
        ("now", datetime(2026, 1, 1), Reason.MALFORMED),
        ("now", datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))), Reason.MALFORMED),
        ("ready", 1, Reason.MALFORMED),
    ],
)
def test_a_value_of_another_type_than_declared_is_unknown(name: str, value: object, reason: Reason) -> None:
    assert gaps(compile_expression(name, NAMES, want=None).evaluate({name: value})) == {(name, reason)}


def test_values_that_are_nested_without_end_are_unknown() -> None:
    deep_list: object = []
    deep_map: object = {}
    for _ in range(10_000):
        deep_list, deep_map = [deep_list], {"left": deep_map}
    assert gaps(result("evidence.raw == evidence.raw", evidence__raw=deep_list)) == {("evidence.raw", Reason.MALFORMED)}
    assert gaps(result("evidence.raw == evidence.raw", evidence__raw=deep_map)) == {
        ("evidence.raw == evidence.raw", Reason.MALFORMED)
    }


def test_the_longest_declared_name_wins_and_fields_follow_where_the_type_is_open() -> None:
    values = {"evidence.raw": {"size": 1, "left": {"size": 2}}, "evidence.raw.size": 3}
    assert compile_expression("[evidence.raw.size, evidence.raw.left.size]", NAMES, None).evaluate(values) == (3, 2)


def test_a_chain_of_hundreds_of_terms_is_no_depth() -> None:
    assert result("&&".join(["ready"] * 580), ready=True) is True
    assert result("||".join(["ready"] * 580), ready=False) is False


def test_loops_share_one_budget_and_long_texts_use_it_up() -> None:
    nested = "evidence.numbers.all(a, evidence.numbers.all(b, a >= 0 || b >= 0))"
    assert result(nested, evidence__numbers=[1] * 99) is True
    assert gaps(result("size(evidence.numbers) > 1", evidence__numbers=[1] * 1_100_000)) == {
        ("evidence.numbers", Reason.MALFORMED)
    }
    value = result(nested, evidence__numbers=[1] * 100)
    assert isinstance(value, Unknown)
    assert {gap.detail for gap in value.gaps} == {"iteration budget exceeded"}
    long_lines = result("evidence.log.all(line, line.contains('期'))", evidence__log=["期" * 1_000_000] * 11)
    assert isinstance(long_lines, Unknown)


def test_a_text_does_not_grow_without_end() -> None:
    assert result("answers.note + answers.note == ''", answers__note="あ" * 50_000) is False
    assert isinstance(result("answers.note + answers.note == ''", answers__note="あ" * 50_001), Unknown)


def test_patterns_take_linear_time_and_complain_to_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    assert result("answers.note.matches('^(a|a)*$')", answers__note="a" * 900 + "期") is False
    assert result(r"answers.note.matches(r'^期限：\d+日$')", answers__note="期限：30日") is True
    assert gaps(result("answers.note.matches('a')", answers__note="\ud800")) == {
        ("answers.note.matches('a')", Reason.MALFORMED)
    }
    assert capfd.readouterr() == ("", "")


def test_the_pattern_library_is_loaded_only_for_a_pattern() -> None:
    program = (
        "import sys; from diagnose.expressions import compile_expression as c; c('1 == 1', {});"
        "before = 're2' in sys.modules; c(\"'a'.matches('a')\", {}); print(before, 're2' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.split() == ["False", "True"]


def test_the_wanted_type_is_held_when_only_the_run_can_tell() -> None:
    assert result("evidence.raw", BOOL, evidence__raw=True) is True
    assert gaps(result("evidence.raw", BOOL, evidence__raw="はい")) == {("evidence.raw", Reason.MALFORMED)}
