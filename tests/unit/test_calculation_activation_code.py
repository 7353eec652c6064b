"""A typed code is judged in any disguise; what comes out are words, counts and places, and never the code."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculations.activation_code import CALCULATION, KINDS, PROBLEMS
from diagnose.check import Value
from diagnose.text import Text
from tests.unit.typed_codes import CODE, CODE_GROUPS, KEY, KEY_GROUPS, codes, disguised, keys


def judged(code: str) -> dict[str, Value]:
    given_ = {"code": code, "code_groups": list(CODE_GROUPS), "key_groups": list(KEY_GROUPS)}
    return dict(CALCULATION.calculate(given_).evidence)


def told(found: dict[str, Value]) -> tuple[Value, Value, str]:
    places = found.get("code_places")
    return found["code_kind"], found["code_problem"], places.en if isinstance(places, Text) else ""


@pytest.mark.parametrize(
    ("code", "problem", "places"),
    [
        (CODE.replace("4R2MX", "4R2M"), "length", "group 3 (4 characters instead of 5)"),
        (CODE.replace("4R2MX", "4R2MXX"), "length", "group 3 (6 characters instead of 5)"),
        (CODE.replace("-", "")[:-1], "length", "the whole code"),
        (CODE.replace("-", " ").replace("4R2MX", "4R2M"), "length", "group 3 (4 characters instead of 5)"),
        (CODE[:-6], "length", "the number of groups (6 instead of 7)"),
        (CODE + "-AAAAA", "length", "the number of groups (8 instead of 7)"),
        (KEY + "X", "length", "group 5 (5 characters instead of 4)"),
        (
            CODE.replace("7BKD-4R2MX", "7BKD4-R2MX"),
            "group",
            "group 2 (5 characters instead of 4); group 3 (4 characters instead of 5)",
        ),
        (CODE.replace("7BKD-4R2MX", "7-BKD4R2MX"), "group", "group 2 (1 characters instead of 4)"),
        (CODE.replace("7BKD", "7BКD"), "character", "group 2, character 3 (a letter of another alphabet)"),
        (CODE.replace("7BKD", "7BロD"), "character", "group 2, character 3 (a Japanese character)"),
        (CODE.replace("7BKD", "7BÓD"), "character", "group 2, character 3 (a letter with an accent or the like)"),
        (CODE.replace("7BKD", "7B②D"), "character", "group 2, character 3 (a special digit)"),
        (CODE.replace("7BKD", "7B|D"), "character", "group 2, character 3 (a sign)"),
        (CODE.replace("7BKD", "7B\ud800D"), "character", "group 2, character 3 (a character that cannot be used)"),
        (CODE.replace("-", "").replace("R", "ı", 1), "character", "group 3, character 2"),
        ("わかりません", "character", "character 1 (a Japanese character)"),
        ("", "empty", ""),
        ("  ---  ", "empty", ""),
        ("\u202e\u200b\x00", "empty", ""),
        ("（）", "empty", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_place(code: str, problem: str, places: str) -> None:
    kind, found, where = told(judged(code))
    assert (kind, found) == ("malformed", problem)
    assert where.startswith(places)


def test_of_many_wrong_places_a_few_are_told() -> None:
    places = judged("漢" * 2000)["code_places"]
    assert isinstance(places, Text)
    assert places.en.endswith("; 1995 more")
    assert len(places.en) < 400


@pytest.mark.parametrize(
    ("code", "kind", "resembles"),
    [
        (CODE, "activation_code", "activation_code"),
        (KEY, "registration_key", "registration_key"),
        (KEY.replace("-", "").lower(), "registration_key", "registration_key"),
        ("コード：" + CODE, "activation_code", "activation_code"),
        ("「" + CODE + "」。", "activation_code", "activation_code"),
        ("AC: " + KEY, "registration_key", "registration_key"),
        (CODE.replace("-", "", 1), "activation_code", "activation_code"),
        (KEY[:-1], "malformed", "registration_key"),
        (CODE[:-1], "malformed", "activation_code"),
    ],
)
def test_the_kind_is_told(code: str, kind: str, resembles: str) -> None:
    found = judged(code)
    assert (found["code_kind"], found["code_resembles"]) == (kind, resembles)


def test_groups_with_characters_that_look_alike_are_named_by_number() -> None:
    found = judged(CODE.replace("4R2MX", "4O2MX").replace("8FJKR", "8FJ1R"))
    assert found["lookalike_groups"] == ("3", "7")
    assert judged(CODE)["lookalike_groups"] == ()


def test_what_else_the_entry_held_is_told() -> None:
    entry = judged("ＡＱ" + CODE[2:].replace("-", "–", 1) + "\u200b")
    assert entry["code_kind"] == "activation_code"
    assert entry["code_plain"] is False
    assert entry["code_entry"] == Text(
        ja="全角の文字、通常と異なるハイフン、目に見えない文字",
        en="full-width characters; unusual hyphens; invisible characters",
    )
    assert judged(f" {CODE}\n")["code_plain"] is True


@given(codes, st.data())
def test_a_well_formed_code_is_recognised_in_every_disguise(code: str, data: st.DataObject) -> None:
    found = judged(data.draw(disguised(code)))
    assert (found["code_kind"], found["code_problem"], found["code_length"]) == ("activation_code", "none", 31)


@given(keys, st.data())
def test_a_registration_key_is_recognised_in_every_disguise(key: str, data: st.DataObject) -> None:
    found = judged(data.draw(disguised(key)))
    assert (found["code_kind"], found["code_length"]) == ("registration_key", 18)


def holds_declared(found: dict[str, Value]) -> None:
    types: dict[str, type] = {
        "code_kind": str,
        "code_problem": str,
        "code_places": Text,
        "code_resembles": str,
        "code_length": int,
        "expected_length": int,
        "code_plain": bool,
        "code_entry": Text,
        "lookalike_groups": tuple,
    }
    assert types.keys() == CALCULATION.evidence.keys()
    assert all(type(value) is types[name] for name, value in found.items())
    assert found["code_kind"] in KINDS
    assert found["code_problem"] in PROBLEMS
    assert found.keys() >= {"code_kind", "code_problem", "code_resembles", "code_length", "expected_length"}
    assert (found["code_problem"] == "none") == (found["code_kind"] != "malformed")
    assert ("code_places" in found) == (found["code_problem"] not in {"none", "empty"})


hostile = st.one_of(
    st.text(max_size=200),
    st.text(st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Zs", "Pd"]), max_size=60),
    st.text("AB1-ー– 　:：\u202e\x00🙂ﷺıſß", max_size=80),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=4), st.integers(400, 2000)),
)


@settings(max_examples=300)
@given(hostile)
def test_any_text_at_all_gives_a_typed_result(text: str) -> None:
    holds_declared(judged(text))


@given(st.one_of(codes, keys), st.data())
def test_damaged_codes_give_a_typed_result_too(code: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(code)))
    cut = data.draw(st.integers(0, 3))
    holds_declared(judged(code[:at] + data.draw(st.text(max_size=3)) + code[at + cut :]))


_OTHERS = str.maketrans("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", "QRSTUVWXYZABCDEFGHJKLMNP98765432")
"""Every letter and digit another one, but for those that look alike."""


@given(st.one_of(codes, keys), st.data())
def test_the_evidence_would_be_the_same_with_other_characters_in_the_code(code: str, data: st.DataObject) -> None:
    """So it holds none of them."""
    damage = data.draw(st.sampled_from(["", "?", "К", "X", "漢"]))
    at = data.draw(st.integers(0, len(code)))
    entered = data.draw(disguised(code[:at] + damage + code[at:])).upper()
    assert judged(entered.translate(_OTHERS)) == judged(entered)


@pytest.mark.parametrize("groups", [[], [0], [-3, 5], [10**9]])
def test_odd_layouts_of_a_flow_break_nothing(groups: list[int]) -> None:
    found = CALCULATION.calculate({"code": CODE, "code_groups": groups, "key_groups": groups}).evidence
    assert found["code_kind"] == "malformed"
