"""What the screens say: in both languages, with the same values, in the words of a support page, and nothing unused."""

from __future__ import annotations

import re
import string
import unicodedata
from pathlib import Path

import pytest

from diagnose.text import Text
from diagnose.tui.words import HELP, WORDS

SOURCES = Path(__file__).parents[2] / "diagnose" / "tui"
ALL = [*WORDS.items(), *((f"help of {name}", text) for name, text in HELP.items())]
SAME_IN_BOTH = {"key-language"}
"""It names the other language."""


def values(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


def has_japanese(words: str) -> bool:
    return any(
        "HIRAGANA" in unicodedata.name(c, "") or "KATAKANA" in unicodedata.name(c, "") or c >= "一" for c in words
    )


@pytest.mark.parametrize(("name", "text"), ALL, ids=[name for name, _ in ALL])
def test_a_text_is_there_in_both_languages_with_the_same_values(name: str, text: Text) -> None:
    assert text.ja.strip(), name
    assert text.en.strip(), name
    assert values(text.ja) == values(text.en), name
    if name not in SAME_IN_BOTH:
        assert not has_japanese(text.en.format(**dict.fromkeys(values(text.en), ""))), name


@pytest.mark.parametrize(("name", "text"), ALL, ids=[name for name, _ in ALL])
def test_the_japanese_is_that_of_a_support_page(name: str, text: Text) -> None:
    assert "コンピューター" not in text.ja, name
    # 敬体: a sentence ends politely or is a noun; none ends as notes to oneself do.
    for sentence in re.findall(r"[^。]*。", text.ja):
        assert not re.search(r"(である|だ|する|(?<!ま)した|ない|れる)。$", sentence), (name, sentence)


def test_every_word_is_said_somewhere() -> None:
    code = "".join(
        path.read_text(encoding="utf-8") for path in sorted(SOURCES.rglob("*.py")) if path.name != "words.py"
    )
    quoted = set(re.findall(r"""["'][a-z-]+["']""", code))
    beginnings = set(re.findall(r'f"([a-z-]+-)\{', code))
    unused = [
        name
        for name in WORDS
        if not {f'"{name}"', f"'{name}'"} & quoted and not any(name.startswith(beginning) for beginning in beginnings)
    ]
    assert unused == []


def test_every_word_that_is_said_is_there() -> None:
    said = set()
    for path in sorted(SOURCES.rglob("*.py")):
        said |= set(re.findall(r"""\bsay\(\s*["']([a-z-]+)["']""", path.read_text(encoding="utf-8")))
    assert said
    assert said - WORDS.keys() == set()
