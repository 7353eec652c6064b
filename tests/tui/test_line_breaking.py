from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich._wrap import divide_line as divided_by_rich
from rich.cells import cell_len, split_graphemes

from diagnose.tui.line_breaking import divide_line

NEVER_FIRST = "、。，．・：；？！）」』】〕］｝〉》”’…‥ーゝヽ々ぁぃぅぇぉっゃゅょァィゥェォッャュョヶｰｧｯ｣､｡％℃"
NEVER_LAST = "「『（【〔［｛〈《“‘￥"
CLINGING = "\",.'()-/:・"
EVIDENCE = (
    "ネットワークアダプター「Wi-Fi 2」に DHCP サーバーからアドレスが割り当てられていません。"
    "169.254.x.x（APIPA）のアドレスが使用されているため、社内システムにもインターネットにも接続できません。"
    "ケーブルの抜き差し、ルーターの再起動、または「ipconfig /renew」の実行を試してください。"
)
PARTS = st.sampled_from([*NEVER_FIRST, *NEVER_LAST, *"診断の結果アイｱﾎ　①→é한😀", " ", "  ", "\u00a0"])
JOINED = st.sampled_from(["か\u3099", "e\u0301", "👩\u200d💻", "⌨\ufe0f", "\u200b", "\u2060"])
WORDS = st.sampled_from(["DHCP", "169.254.0.1", "C:\\ProgramData\\Trend", "(x86)", "-1", ".exe", "don't", "a,b", "é"])
TEXTS = st.lists(PARTS | WORDS | JOINED, max_size=60).map("".join)
ANY_TEXTS = st.text(max_size=80)
WIDTHS = st.integers(1, 100)
unhurried = settings(deadline=None)


def lines_of(text: str, width: int, fold: bool = True) -> list[str]:
    """Fails where the positions do not rise, or where a line is empty: then characters would be lost or doubled."""
    ends = divide_line(text, width, fold)
    bounds = [0, *ends, len(text)]
    assert all(a < b for a, b in pairwise(bounds)) or not text
    return [text[a:b] for a, b in pairwise(bounds)]


def violates(before: str, after: str) -> bool:
    """Between two lines; a middle dot behind a blank is a bullet."""
    bullet = after[:1] == "・" and before != before.rstrip()
    return (after[:1] in NEVER_FIRST and not bullet) or first_of_last_character(before.rstrip(" 　")) in NEVER_LAST


def first_of_last_character(line: str) -> str:
    spans = split_graphemes(line)[0]
    return line[spans[-1][0]] if spans else "no line"


@unhurried
@given(TEXTS | ANY_TEXTS, WIDTHS)
def test_no_line_is_wider_than_the_width(text: str, width: int) -> None:
    lines = lines_of(text, width)
    assert "".join(lines) == text
    for line in lines:
        assert cell_len(line.rstrip()) <= width or len(split_graphemes(line.rstrip())[0]) == 1


@unhurried
@given(TEXTS, WIDTHS)
def test_the_rules_are_broken_only_where_nothing_else_is_possible(text: str, width: int) -> None:
    lines = lines_of(text, width)
    for before, after in pairwise(lines):
        if violates(before, after):
            assert not any(could_end(before, start) for start, _, _ in split_graphemes(before)[0]), lines


def could_end(line: str, at: int) -> bool:
    before, after = line[:at], line[at:]
    holds_together = before[-1:] in CLINGING or after[0] in CLINGING or after[0].isspace()
    return bool(before.strip()) and not holds_together and not violates(before, after)


@unhurried
@given(TEXTS, WIDTHS)
def test_words_are_divided_only_if_longer_than_a_line(text: str, width: int) -> None:
    word = "w" * width
    ends = divide_line(f"{text}診 {word} 診{text}", width)
    start = len(text) + 2
    assert start in ends
    assert not set(ends) & set(range(start + 1, start + width))


@unhurried
@given(TEXTS | ANY_TEXTS)
def test_what_fits_is_not_divided(text: str) -> None:
    assert divide_line(text, max(cell_len(text), 1)) == []


@unhurried
@given(st.text("診断の結果アイウ漢字", min_size=1), st.integers(2, 100))
def test_lines_are_filled(text: str, width: int) -> None:
    assert all(cell_len(line) > width - 2 for line in lines_of(text, width)[:-1])


@unhurried
@given(st.text(st.characters(max_codepoint=127), max_size=80), WIDTHS, st.booleans())
def test_latin_text_is_divided_as_by_textual(text: str, width: int, fold: bool) -> None:
    assert divide_line(text, width, fold) == divided_by_rich(text, width, fold)


@unhurried
@given(TEXTS, WIDTHS)
def test_without_folding_every_rule_is_kept(text: str, width: int) -> None:
    lines = lines_of(text, width, fold=False)
    assert not any(violates(before, after) for before, after in pairwise(lines))


@pytest.mark.parametrize("width", range(20, 81))
def test_evidence_breaks_no_rule(width: int) -> None:
    lines = lines_of(EVIDENCE, width)
    assert not any(violates(before, after) for before, after in pairwise(lines))
    assert all(cell_len(line) > width - 16 for line in lines[:-1]), "no gap is wider than the longest word"


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("確認します。「設定」を開く", 10, ["確認しま", "す。「設", "定」を開く"]),
        ("値は「-1」です", 6, ["値は", "「-1」", "です"]),
        ("サーバーへ", 6, ["サー", "バーへ"]),
        ("フォルダー C:\\ProgramData を開く", 14, ["フォルダー ", "C:\\ProgramData ", "を開く"]),
        ("長い語abcdefghijkl。", 6, ["長い語", "abcdef", "ghijk", "l。"]),
        ("約 10\u00a0GB 必要", 6, ["約 ", "10\u00a0GB ", "必要"]),
        ("検証 ・電源", 6, ["検証 ", "・電源"]),
        ("検証 。電源", 6, ["検", "証 。", "電源"]),
        ("。。。。", 4, ["。。", "。。"]),
        ("　段落の初め", 6, ["　段落", "の初め"]),
        ("か\u3099か\u3099", 2, ["か\u3099", "か\u3099"]),
        ("日本", 1, ["日", "本"]),
    ],
)
def test_examples(text: str, width: int, lines: list[str]) -> None:
    assert lines_of(text, width) == lines


@pytest.mark.parametrize("width", [0, -3])
def test_no_room_is_no_line(width: int) -> None:
    assert divide_line("診断 a", width) == []


@pytest.mark.parametrize("width", [1, 2, 80, 100_000])
@pytest.mark.parametrize(
    ("start", "repeated", "times"),
    [
        *[("", character, 1) for character in ("診", "。", "「", "é", "か\u3099", "山\u200d", "\u200b")],
        *[("日", "é", 999), ("a", "。", 999), ("日", " ", 999), ("日", "\u0301", 999)],
    ],
)
def test_hostile_texts_take_no_longer_than_others(start: str, repeated: str, times: int, width: int) -> None:
    """A fraction of a second; looking back from every line would take minutes."""
    piece = start + repeated * times
    text = piece * (100_000 // len(piece))
    began = time.process_time()
    lines_of(text, width)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("repeated", ["診", "a", "a\u0301", "診\u200d"])
def test_a_megabyte_without_blanks(repeated: str) -> None:
    text = repeated * (1_000_000 // len(repeated))
    began = time.process_time()
    lines_of(text, 80)
    assert time.process_time() - began < 30
