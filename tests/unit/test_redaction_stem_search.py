"""Every place of every literal, however they overlap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.redaction.engine import Redactor
from diagnose.redaction.names import Names
from diagnose.redaction.stem_search import StemSearch
from diagnose.redaction.tokens import Pseudonyms

Found = list[tuple[int, int, int]]


def one_by_one(literals: list[bytes], text: bytes) -> Found:
    return sorted(
        (number, at, at + len(literal))
        for number, literal in enumerate(literals)
        for at in range(len(text))
        if text.startswith(literal, at)
    )


words = st.lists(st.sampled_from(b"ab@\xe3"), max_size=9).map(bytes)


@given(st.lists(words.filter(bool), min_size=1, max_size=12), st.lists(words, max_size=20).map(b"".join))
def test_it_finds_what_looking_for_each_finds(literals: list[bytes], text: bytes) -> None:
    assert sorted(StemSearch(literals).find(text)) == one_by_one(literals, text)


@pytest.mark.parametrize(
    ("literals", "text"),
    [
        ([b"@"], b"@@a@"),
        ([b"abcd", b"b", b"cdef", b"d"], b"abcdef"),
        ([b"user", b"users", b"ser", b"@"], b"users@user"),
        ([b"aaaa", b"aaaaa", b"aa"], b"a" * 9),
        ([b"a", b"a"], b"ba"),
        ([b".*", b"\\", b"[a"], b"a.*\\[a"),
        ([b"a\nb", b"\0", b"\xff"], b"a\nb\0\xff"),
    ],
)
def test_literals_that_begin_in_one_another(literals: list[bytes], text: bytes) -> None:
    assert sorted(StemSearch(literals).find(text)) == one_by_one(literals, text)


def test_many_names_are_found_in_little_memory() -> None:
    literals = [f"{number * 7919:x}-pc{number}".encode() for number in range(20_000)]
    text = b" ".join(literals[::500]) + b"\n"
    # One may stand in another: c-pc1 is in 2c-pc15.
    assert {number for number, _, _ in StemSearch(literals).find(text)} >= set(range(0, 20_000, 500))


def test_the_wheel_makes_the_same_of_it() -> None:
    pytest.importorskip("ahocorasick_rs")
    names = Names(users=frozenset({"sato", "satou", "tousa", "山田"}), hosts=frozenset({"pc-1", "pc-10", "c-1"}))
    text = "satousato C:\\Users\\satousa pc-10 pc-1 xc-1 山田@pc-1.corp.local 192.168.1.1 %E5%B1%B1%E7%94%B0\n"
    made = {Redactor(names, Pseudonyms(b"k" * 32), accelerator=wheel).redact_text(text) for wheel in (True, False)}
    assert len(made) == 1
