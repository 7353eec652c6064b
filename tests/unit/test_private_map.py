from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.bundle.private_map import PrivateMap, key_of, open_map, reveal, save_map
from diagnose.errors import InputError
from diagnose.text import Language

MAP = PrivateMap(bundle="b.zip", key="ab" * 32, originals={"user-aaaaaaaaaa": "山田", "10.9.8.7": "10.1.2.3"})


def test_a_map_is_kept_for_its_owner_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "対応表.json"
    save_map(path, MAP)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_map(path) == MAP
    assert key_of(MAP) == b"\xab" * 32


@pytest.mark.parametrize(
    "content", ["", "{}", '{"schema": "x"}', '{"bundle": "b", "key": "山田", "originals": {}}', "[1"]
)
def test_what_is_no_map_is_refused_without_quoting_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "map.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        open_map(path)
    assert "山田" not in caught.value.problems[0].message.in_language(Language.JA)


def test_a_map_does_not_show_its_secrets() -> None:
    assert "山田" not in repr(MAP)
    assert "abab" not in f"{MAP}"


def test_pseudonyms_are_turned_back_and_nothing_else() -> None:
    text = "user-aaaaaaaaaa and USER-AAAAAAAAAA at 10.9.8.7, not 10.9.8.77 nor user-aaaaaaaaaab"
    assert reveal(text, MAP.originals) == "山田 and 山田 at 10.1.2.3, not 10.9.8.77 nor user-aaaaaaaaaab"
    assert reveal("x", {}) == "x"


def test_the_longer_of_two_pseudonyms_wins() -> None:
    originals = {"host-a": "pc", "host-a.dom-b.invalid": "pc.example.co.jp"}
    assert reveal("host-a.dom-b.invalid host-a", originals) == "pc.example.co.jp pc"


@given(st.text(), st.dictionaries(st.text(min_size=1), st.text()))
def test_no_text_and_no_map_breaks_it(text: str, originals: dict[str, str]) -> None:
    reveal(text, originals)
