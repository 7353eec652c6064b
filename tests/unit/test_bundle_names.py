from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.bundle.names import MAX_NAME, MAX_PART_BYTES, TakenNames, name_fault, safe_name
from diagnose.bundle.problems import Fault

NAMES = st.text(st.sampled_from('ab/\\:*?"<>|. ~CONnul1\u202e\0\nÄä表示\ud800が'), max_size=300) | st.text(max_size=400)


@given(NAMES)
def test_every_name_becomes_one_that_every_system_takes(name: str) -> None:
    safe = safe_name(name)
    assert safe_name(safe) == safe
    assert name_fault(safe) is None
    assert 1 <= len(safe) <= MAX_NAME
    assert unicodedata.is_normalized("NFC", safe)
    for part in safe.split("/"):
        assert part not in ("", ".", "..")
        assert not re.search(r'[\x00-\x1f\\:*?"<>|]|[ .]\Z', part)
        assert len(part.encode()) <= MAX_PART_BYTES


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("logs/更新.log", "logs/更新.log"),
        ("logs/a:b.log", "logs/a_b.log"),
        ("C:\\x", "C__x"),
        ("/etc/passwd", "_/etc/passwd"),
        ("a/../b", "a/__/b"),
        ("CON.log", "_CON.log"),
        ("a/nul", "a/_nul"),
        ("console.log", "console.log"),
        ("a. ", "a__"),
        ("", "_"),
        ("か\u3099.log", "が.log"),
        ("a\u202egpj.exe", "a_gpj.exe"),
    ],
)
def test_what_is_not_allowed_becomes_an_underscore(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_long_names_keep_their_suffix_and_stay_apart() -> None:
    long = [safe_name("logs/" + "長" * 300 + end + ".log") for end in ("a", "b")]
    assert long[0] != long[1]
    assert all(name.startswith("logs/長") and name.endswith(".log") for name in long)
    deep = safe_name("/".join(["folder"] * 60) + "/agent.log")
    assert deep.endswith("/agent.log")
    assert len(deep) <= MAX_NAME


@given(st.lists(NAMES, max_size=8))
def test_no_two_names_are_alike_without_case_and_none_is_a_folder_of_another(names: list[str]) -> None:
    taken = TakenNames()
    given_: list[str] = []
    for name in names * 2:
        free = taken.free_name(name)
        assert name_fault(free) is None
        taken.take(free)
        given_.append(free)
    folded = [name.casefold() for name in given_]
    assert len(set(folded)) == len(folded)
    assert not any(other.startswith(name + "/") for name in folded for other in folded)


def test_a_name_that_is_taken_gets_a_number_before_its_suffix() -> None:
    taken = TakenNames()
    for expected, name in (("a/B.log", "a/B.log"), ("a/b~2.log", "a/b.log"), ("a/b~3.log", "a/b.log"), ("a~2", "A")):
        free = taken.free_name(name)
        assert free.casefold() == expected.casefold()
        taken.take(free)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("/a", Fault.NAME_ABSOLUTE),
        ("c:a", Fault.NAME_ABSOLUTE),
        ("a/../b", Fault.NAME_PARENT),
        ("..\\b", Fault.NAME_PARENT),
        ("a\\b", Fault.NAME_BACKSLASH),
        ("\\\\server\\b", Fault.NAME_BACKSLASH),
        ("a\nb", Fault.NAME_INVISIBLE),
        ("a\u202eb", Fault.NAME_INVISIBLE),
        ("a/COM1.txt", Fault.NAME_DEVICE),
        ("lpt¹", Fault.NAME_DEVICE),
        ("a" * 201, Fault.NAME_TOO_LONG),
        ("長" * 70, Fault.NAME_TOO_LONG),
        ("a*", Fault.NAME_UNSAFE),
        ("a.", Fault.NAME_UNSAFE),
        ("a//b", Fault.NAME_UNSAFE),
        ("", Fault.NAME_UNSAFE),
        ("か\u3099", Fault.NAME_UNSAFE),
        ("logs/更新 (1).log", None),
    ],
)
def test_each_hostile_name_has_its_fault(name: str, fault: Fault | None) -> None:
    assert name_fault(name) is fault
