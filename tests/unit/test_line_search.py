"""Searches of large logs: the same hits as line by line, and bounded by time and memory whatever the file is."""

from __future__ import annotations

import tracemalloc
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.machine.line_search import MAX_LINE, MOST_LINES, FoundLine, FoundLines, search_lines
from diagnose.machine.posix import PosixMachine
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.recorder import Recorder
from diagnose.machine.values import Reason, Unseen
from diagnose.patterns import compile_pattern
from tests.unit.fake_machine import NOON, BytesReader, FakeMachine

PATTERNS = (
    r"Try=(?P<n>\d+)",
    r"^開始$",
    r"(?i)ABORT",
    r"失敗[^x]*終了",
    r"\Aend\z",
    "a.b",
    r"^\s*$",
    "終わり$",
    r"\bx\b",
)
WORDS = [
    "Try=5",
    "開始",
    "will abort",
    "失敗",
    "終了",
    "end",
    "a\u2028b",
    "aあb",
    "終わり",
    " x ",
    "ー" * 3,
    "\t",
    "Ａ",
]
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932")


def naive(text: str, patterns: tuple[str, ...]) -> set[tuple[int, str]]:
    """Line by line: the last MOST_LINES of each pattern."""
    lines = [line[:MAX_LINE] for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    found: set[tuple[int, str]] = set()
    for pattern in patterns:
        compiled = compile_pattern(pattern)
        hits = [(number, line) for number, line in enumerate(lines, 1) if compiled.search(line)]
        found |= set(hits[-MOST_LINES:])
    return found


def find(data: bytes, patterns: tuple[str, ...] = PATTERNS, block: int = 2 << 20) -> FoundLines:
    return search_lines("x.log", BytesReader("x.log", data), patterns, 60, block=block)


def numbered(found: FoundLines) -> set[tuple[int, str]]:
    return {(line.number or 0, line.text) for line in found.lines}


SOME = st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=4, unique=True).map(tuple)
LINES = st.lists(st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join), max_size=40)


@given(
    LINES, SOME, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.integers(1, 200)
)
def test_blocks_find_what_line_by_line_finds(
    lines: list[str], patterns: tuple[str, ...], end: str, encoding: str, block: int
) -> None:
    text = end.join(lines)
    found = find(text.encode(encoding), patterns, block * 2)
    assert found.complete
    assert numbered(found) == naive(text, patterns)
    numbers = [line.number or 0 for line in found.lines]
    assert numbers == sorted(numbers, reverse=True)


TEXTS = st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"]), max_size=200)


@given(TEXTS | st.text("aあb\r\n xTry=5", max_size=60), SOME, st.integers(1, 60))
def test_any_text_is_searched_like_line_by_line(text: str, patterns: tuple[str, ...], block: int) -> None:
    assert numbered(find(text.encode(), patterns, block)) == naive(text, patterns)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_of_a_log_with_hits_far_apart(encoding: str) -> None:
    filler = ["2026/11/21 08:00:00 更新を確認しています。モジュールは最新です"] * 3000
    text = "\r\n".join(["Try=1 最初", *filler, "アップグレードは失敗して終了", *filler, "終わり"])
    found = find(text.encode(encoding), tuple(p for p in PATTERNS if p[0] != "^"), block=50_000)
    assert numbered(found) == {(1, "Try=1 最初"), (3002, "アップグレードは失敗して終了"), (6003, "終わり")}


@given(st.binary(max_size=300), st.integers(1, 50))
def test_no_bytes_break_a_search(data: bytes, block: int) -> None:
    found = find(data, block=block * 2)
    assert all(len(line.text) <= MAX_LINE for line in found.lines)


def test_a_retry_loop_is_left_after_its_last_lines() -> None:
    data = b"will abort\n" + b"Try=1\n" * 300_000
    found = find(data, (r"Try=\d", "abort"))
    assert [line.number for line in found.lines] == [300_001, 300_000, 299_999, 299_998, 299_997, 1]


def test_matches_across_lines_do_not_cost_a_pass_each() -> None:
    tried = count()

    def clock() -> float:
        next(tried)
        return 0.0

    data = "失敗\n".encode() * 50_000 + "終了".encode()
    found = search_lines("x", BytesReader("x", data), (r"失敗[^x]*終了",), 60, clock=clock)
    assert (found.lines, found.complete) == ((), True)
    assert next(tried) < 250_000


def test_a_log_without_line_ends_stays_within_memory_and_time(tmp_path: Path) -> None:
    path = tmp_path / "endless.log"
    with path.open("wb") as stream:
        stream.write(b"Try=1 ")
        stream.truncate(4 << 30)
        stream.seek(0, 2)
        stream.write(b"x" * 10_000_000 + b"\nTry=2\n")
    ticks = count()
    machine = PosixMachine(lambda: NOON, {})
    opened = machine.open_file(str(path))
    assert not isinstance(opened, Unseen)
    tracemalloc.start()
    with opened:  # type: ignore[union-attr]
        found = search_lines(str(path), opened, (r"Try=\d",), 100, clock=lambda: float(next(ticks)))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.lines == (FoundLine("Try=2", None),)
    assert not found.complete
    assert peak < 32 << 20


def test_a_line_counts_with_its_beginning_only_however_long_it_is() -> None:
    data = b"Try=1 " + b"y" * 70_000 + b" Try=2\nTry=3" + b"z" * 70_000
    found = find(data, (r"Try=\d", r"Try=2"), block=1000)
    assert [(line.number, line.text[:6], len(line.text)) for line in found.lines] == [
        (2, "Try=3z", MAX_LINE),
        (1, "Try=1 ", MAX_LINE),
    ]


def test_what_cannot_be_read_ends_the_search() -> None:
    reader = BytesReader("x", b"Try=1\n" * 1000)
    reader.failing = lambda offset, count: Unseen(Reason.DENIED, "x") if 2 < offset < 2000 else None
    found = search_lines("x", reader, (r"Try=\d",), 60, block=600)
    assert not found.complete
    assert [line.number for line in found.lines] == [None] * MOST_LINES


def test_without_time_nothing_is_said_to_be_complete() -> None:
    ticks = count()
    found = search_lines("x", BytesReader("x", b"Try=1\n" * 9), (r"Try=\d",), 0.5, clock=lambda: float(next(ticks)))
    assert (found.lines, found.complete) == ((), False)


def test_an_empty_log_and_no_patterns() -> None:
    assert find(b"").complete
    assert find(b"a\nb\n", ()).lines == ()


PATH = r"C:\Logs\large.log"


def test_a_recording_keeps_the_lines_and_what_was_looked_for(tmp_path: Path) -> None:
    recorder = Recorder(FakeMachine(files={PATH: "Try=1 最初\nx\nabort\n".encode("cp932")}))
    live = recorder.find_lines(PATH, (r"Try=\d", "nothing"))
    recorder.write(tmp_path)
    replayed = RecordedMachine.open(tmp_path)
    assert replayed.find_lines(PATH, (r"Try=\d", "nothing")) == live
    # A pattern of later rules was not looked for then.
    later = replayed.find_lines(PATH, (r"Try=\d", "abort"))
    assert isinstance(later, FoundLines)
    assert later.patterns == (r"Try=\d",)
    assert replayed.find_lines(PATH, ("abort",)) == Unseen(Reason.NOT_RECORDED, PATH)
    assert isinstance(replayed.find_lines(r"..\x", ("abort",)), Unseen)


def test_a_recording_that_holds_the_whole_log_is_searched(tmp_path: Path) -> None:
    (tmp_path / "files" / "C" / "Logs").mkdir(parents=True)
    (tmp_path / "files" / "C" / "Logs" / "large.log").write_bytes(b"a\nabort\n")
    (tmp_path / "machine.yaml").write_text("platform: windows\n", encoding="utf-8")
    found = RecordedMachine.open(tmp_path).find_lines(PATH, ("abort",))
    assert found == FoundLines(PATH, ("abort",), (FoundLine("abort", 2),), complete=True)
