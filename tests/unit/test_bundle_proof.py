from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.bundle.proof import Search, Value
from diagnose.bundle.spellings import spellings_of

NAMES = ["山田太郎", "ガラ 佐藤", "t.suzuki", "PC-SALES01", "corp\\tanaka", 'a"b<c>', "ＡＢＣ株式会社", "𠮷野家の人"]
CARRIERS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "cp932": lambda text: text.encode("cp932", "ignore"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "url": lambda text: quote(text).encode(),
    "url upper": lambda text: quote(text, safe="").lower().encode(),
    "json": lambda text: json.dumps(text).encode(),
    "json utf-8": lambda text: json.dumps(text, ensure_ascii=False).encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 shifted": lambda text: base64.b64encode(b"x" + text.encode() + b"yz"),
    "base64 utf-16": lambda text: base64.b64encode(f"ab{text}c".encode("utf-16-le")),
    "xml": lambda text: "".join(f"&#{ord(c)};" if not c.isascii() else c for c in text).encode(),
    "reg": lambda text: ",".join(f"{byte:02X}" for byte in text.encode("utf-16-le")).encode(),
    "mojibake": lambda text: text.encode().decode("latin-1").encode(),
    "upper": lambda text: "".join(c.upper() if c.isascii() else c for c in text).encode(),
}


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("name", NAMES)
def test_every_spelling_of_a_value_is_found(name: str, carrier: str) -> None:
    carried = CARRIERS[carrier](name)
    if carrier == "cp932" and carried.decode("cp932") != name:
        pytest.skip("not in CP932")
    search = Search.of_values([Value("user", name), Value("host", "somewhere else")])
    for content in (carried, b"xx" + carried + b"\n" * 10, b"\0" * 3_000_000 + carried):
        assert search.kind_in_content([content]) == "user"
    assert search.kind_in_content([carried[: len(carried) // 2] + b"..."]) is None


@given(st.data())
def test_it_is_found_at_whatever_borders_the_content_comes(data: st.DataObject) -> None:
    value = data.draw(st.sampled_from(NAMES))
    carried = b"=" * data.draw(st.integers(0, 40)) + value.encode() + b"=" * data.draw(st.integers(0, 40))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(carried)), max_size=12)))
    chunks = [carried[start:end] for start, end in zip([0, *cuts], [*cuts, len(carried)], strict=True)]
    for whole_word in (False, True):
        assert Search.of_values([Value("k", value, whole_word)]).kind_in_content(chunks) == "k"


@given(st.lists(st.sampled_from(["tan", "TAN", "s", "9", ".", "-", " ", "田", "tanaka"]), max_size=12), st.data())
def test_whole_words_are_found_as_a_plain_search_would_at_any_border(pieces: list[str], data: st.DataObject) -> None:
    import re

    text = "".join(pieces)
    found = re.search(r"(?<![A-Za-z0-9])tan(?![A-Za-z0-9])", text, re.IGNORECASE) is not None
    search = Search.of_values([Value("user", "tan", whole_word=True)])
    for encoded in (text.encode(), text.encode("utf-16-le")):
        cuts = sorted(data.draw(st.lists(st.integers(0, len(encoded)), max_size=5)))
        chunks = [encoded[start:end] for start, end in zip([0, *cuts], [*cuts, len(encoded)], strict=True)]
        assert (search.kind_in_content(chunks) is not None) == found


def test_a_short_value_inside_of_words_is_not_found_but_its_longer_neighbour_is() -> None:
    search = Search.of_values([Value("short", "tan", whole_word=True), Value("long", "tanaka", whole_word=True)])
    assert search.kind_in("standard tan1 xtanaka") is None
    assert search.kind_in("the tanaka") == "long"
    assert search.kind_in("tanaka tan") in {"short", "long"}


@given(st.lists(st.text(min_size=2, max_size=20), min_size=1, max_size=30, unique=True), st.binary(max_size=200))
def test_many_values_at_once_find_what_a_plain_search_finds(texts: list[str], noise: bytes) -> None:
    patterns = {f"kind{number}": [text.encode("utf-8", "replace")] for number, text in enumerate(texts)}
    search = Search.of_patterns(patterns, len(texts), ["utf-8"])
    content = noise + texts[-1].encode("utf-8", "replace").upper() + noise
    plain = [kind for kind, [data] in patterns.items() if data.lower() in content.lower()]
    found = search.kind_in_content([content])
    assert (found in plain) if plain else found is None


def test_ten_thousand_values_fall_into_several_automata_and_are_all_found() -> None:
    rng = random.Random(1)
    values = [Value("name", f"{rng.getrandbits(64):016x}") for _ in range(5000)]
    search = Search.of_values(values)
    for value in rng.sample(values, 20):
        assert search.kind_in(f"user={value.text};") == "name"
    assert search.kind_in("0123456789abcdef" * 4) is None
    record = search.record(3, 100)
    assert (record.values, record.members, record.bytes_searched, record.hits) == (5000, 3, 100, 0)
    assert record.patterns >= 5000
    assert "utf-16" in record.encodings


def test_what_is_not_ascii_is_not_mixed_up_by_folding_case() -> None:
    # In CP932 these differ in a byte that is an ASCII letter of another case.
    search = Search.of_values([Value("user", "アイアイ")])
    other = "アイアイ".encode("cp932").lower()
    assert other != "アイアイ".encode("cp932")
    assert search.kind_in_content([other]) is None


def test_nothing_to_look_for_finds_nothing() -> None:
    assert Search((), 0, ()).kind_in("anything") is None
    assert Search.of_patterns({"a": [b""]}, 0, ()).kind_in("anything") is None


@pytest.mark.parametrize("text", ["", "a", "林", "\ud800x"])
def test_spellings_of_short_and_broken_texts_are_long_enough_to_mean_something(text: str) -> None:
    for name, found in spellings_of(text).items():
        assert all(len(data) >= (1 if name == "utf-8" else 4) for data in found)
