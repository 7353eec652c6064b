from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.bundle.log_pieces import Choice, Piece, Window, WindowFound, choose, layout_of
from diagnose.bundle.log_times import line_time
from diagnose.bundle.plan import (
    MEGABYTE,
    CollectionPlan,
    Limits,
    PlannedSource,
    SourceState,
    Take,
)
from diagnose.bundle.planning import make_plan
from diagnose.machine.file_reader import FileReader, LockedFile
from diagnose.machine.posix import PosixMachine
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.values import Absent, FileInfo, Platform, Reason, Unseen
from diagnose.specs import LogSpec
from diagnose.text import Text
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import NOON, BytesReader, FakeMachine

JST = timezone(timedelta(hours=9))
DAY = datetime(2026, 11, 21, tzinfo=JST)
Files = Mapping[str, bytes | Unseen | FileInfo]


def spec(id_: str, files: str, when: str | None = None) -> LogSpec:
    return LogSpec(id=id_, title=Text(id_, id_), files=files, when=when)


LOGS = (spec("upgrade", r"{agent.folder}\Temp\up_*.log"), spec("debug", r"C:\debug.log"))


def plan_of(
    files: Files,
    sources: tuple[LogSpec, ...] = LOGS,
    limits: Limits | None = None,
    window: Window | None = None,
    modified: Mapping[str, datetime] | None = None,
    machine: FakeMachine | None = None,
    **context: object,
) -> CollectionPlan:
    facts = {"agent.folder": r"C:\Agent"}
    made = FakeContext(machine or FakeMachine(files=files, modified=modified), facts, DAY, **context)  # type: ignore[arg-type]
    return make_plan(made, sources, limits, window)


def one(plan: CollectionPlan) -> PlannedSource:
    assert len(plan.sources) == 1
    return plan.sources[0]


def log(lines: int, start: datetime = DAY, encoding: str = "utf-8", step_s: int = 1) -> bytes:
    """Lines of 40 characters, one a second."""
    return "".join(
        f"{start + timedelta(seconds=number * step_s):%Y-%m-%d %H:%M:%S} line {number:014}\n" for number in range(lines)
    ).encode(encoding)


# The time of a line


@pytest.mark.parametrize(
    ("line", "time"),
    [
        ("2026-11-21 08:40:00,123 [12] INFO x", datetime(2026, 11, 21, 8, 40, 0, 123000, JST)),
        ("2026-11-21T08:40:00.1234567Z x", datetime(2026, 11, 21, 8, 40, 0, 123456, UTC)),
        ("2026-11-21T08:40:00+0200 x", datetime(2026, 11, 21, 8, 40, tzinfo=timezone(timedelta(hours=2)))),
        ("2026-11-21 08:40:00 -05:00", datetime(2026, 11, 21, 8, 40, tzinfo=timezone(timedelta(hours=-5)))),
        ("2026/11/21 8:40:00 - 開始", datetime(2026, 11, 21, 8, 40, tzinfo=JST)),
        ("2026 11/21 08:40:00 [0x1a] x", datetime(2026, 11, 21, 8, 40, tzinfo=JST)),
        ("[2026/11/21 08:40:00][ERROR] x", datetime(2026, 11, 21, 8, 40, tzinfo=JST)),
        ("[1234] [INFO ] 2026.11.21, 08:40:00 x", datetime(2026, 11, 21, 8, 40, tzinfo=JST)),
        ("INFO 2026-11-21 08:40:00", datetime(2026, 11, 21, 8, 40, tzinfo=JST)),
        ("20261121 08:40:00 x", datetime(2026, 11, 21, 8, 40, tzinfo=JST)),
        ("20261121084000 x", datetime(2026, 11, 21, 8, 40, tzinfo=JST)),
        ("21/Nov/2026:08:40:00 +0000", datetime(2026, 11, 21, 8, 40, tzinfo=UTC)),
        ("Nov 21 08:40:00 host x[1]: y", datetime(2026, 11, 21, 8, 40, tzinfo=JST)),
        ("Dec 31 08:40:00 host x[1]: y", datetime(2025, 12, 31, 8, 40, tzinfo=JST)),
        ("Sat Nov 21 08:40:00 2020", datetime(2020, 11, 21, 8, 40, tzinfo=JST)),
        ("21.11.2026 08:40:00 x", datetime(2026, 11, 21, 8, 40, tzinfo=JST)),
        ("11/21/2026 08:40:00 PM x", datetime(2026, 11, 21, 20, 40, tzinfo=JST)),
        ("21/11/2026, 12:40:00 am x", datetime(2026, 11, 21, 0, 40, tzinfo=JST)),
        ("2026-11-21 08:40:60 leap", datetime(2026, 11, 21, 8, 40, 59, tzinfo=JST)),
        ("03/04/2026 08:40:00 either way round", None),
        ("2026-13-21 08:40:00", None),
        ("2026-11-21 25:40:00", None),
        ("0001-01-01 00:00:00", None),
        ("Copied the file of 2026-11-21 08:40:00", None),
        ("Build date: 2020-01-01 00:00:00", None),
        ("   at x.y(z.java:12)", None),
        ("Abc 21 08:40:00", None),
        ("192.168.100.200 08:40:00", None),
        ("", None),
    ],
)
def test_the_time_of_a_line_is_read_or_unknown(line: str, time: datetime | None) -> None:
    assert line_time(line, JST, DAY) == time


def test_a_time_without_a_year_is_unknown_without_the_time_of_the_file() -> None:
    assert line_time("Nov 21 08:40:00 x", JST) is None
    leap = datetime(2028, 2, 29, tzinfo=UTC)
    assert line_time("Feb 29 08:40:00 x", UTC, leap) == leap.replace(hour=8, minute=40)
    assert line_time("Feb 29 08:40:00 x", UTC, leap - timedelta(days=365)) is None


@given(st.text(max_size=300), st.text(alphabet="0123456789-/:T. +ZNov[]", max_size=200))
def test_no_line_is_too_strange(text: str, digits: str) -> None:
    for line in (text, digits, "2026-11-21 " + digits):
        time = line_time(line, JST, DAY)
        assert time is None or time.astimezone(UTC)


# Sources


def test_a_plan_tells_files_sizes_and_periods_newest_first() -> None:
    old, new = r"C:\Agent\Temp\up_1.log", r"C:\Agent\Temp\up_2.log"
    plan = plan_of(
        {old: log(10), new: b"no time\n2026-11-21 08:00:00 x\n", r"C:\debug.log": b"x"},
        modified={old: DAY + timedelta(hours=1), new: DAY + timedelta(hours=9)},
    )
    upgrade, debug = plan.sources
    assert (upgrade.state, upgrade.pattern) == (SourceState.FOUND, r"C:\Agent\Temp\up_*.log")
    assert [(file.path, file.size, file.take) for file in upgrade.files] == [
        (new, 30, Take.WHOLE),
        (old, 400, Take.WHOLE),
    ]
    assert upgrade.period == (DAY, DAY + timedelta(hours=9))
    assert debug.period == (None, None)
    assert [file.path for file in plan.files] == [new, r"C:\debug.log", old]
    assert (plan.found_bytes, plan.taken_bytes, plan.estimated_zip_bytes, plan.fits) == (431, 431, 144, True)


def test_what_is_absent_unseen_or_does_not_apply_is_told_apart() -> None:
    denied = Unseen(Reason.DENIED, r"C:\closed")
    sources = (
        spec("absent", r"C:\none.log"),
        spec("unknown fact", r"{nothing}\a.log"),
        spec("not here", r"C:\a.log", when="no"),
        spec("perhaps here", r"C:\none.log", when="unknown"),
        spec("here", r"C:\a.log", when="unknown"),
        spec("closed", r"C:\closed\*.log"),
    )

    class Closed(FakeMachine):
        def find_files(self, pattern: str) -> tuple[FileInfo, ...] | Unseen:
            return denied if "closed" in pattern else super().find_files(pattern)

    plan = plan_of({}, sources, machine=Closed(files={r"C:\a.log": b"x"}), conditions={"no": False})
    assert [(source.state, source.problem and source.problem.reason) for source in plan.sources] == [
        (SourceState.ABSENT, None),
        (SourceState.UNSEEN, Reason.MISSING),
        (SourceState.NOT_APPLICABLE, None),
        (SourceState.UNSEEN, Reason.MISSING),
        (SourceState.FOUND, None),
        (SourceState.UNSEEN, Reason.DENIED),
    ]
    assert plan.sources[1].pattern == r"{nothing}\a.log"


def test_a_file_that_cannot_be_opened_says_why_and_is_waited_for_only_when_locked() -> None:
    files: Files = {
        r"C:\a.log": Unseen(Reason.DENIED, r"C:\a.log"),
        r"C:\b.log": LockedFile(Reason.DENIED, r"C:\b.log"),
        r"C:\c.log": FileInfo(r"C:\c.log", 12, None),
    }
    a, b, c = one(plan_of(files, (spec("x", r"C:\*.log"),))).files[::-1]
    assert [(file.take, file.wanted) for file in (a, b, c)] == [
        (Take.NOTHING, False),
        (Take.NOTHING, True),
        (Take.NOTHING, False),
    ]
    assert isinstance(c.problem, Unseen)
    assert c.problem.reason is Reason.NOT_RECORDED


def test_a_file_of_two_sources_is_planned_once() -> None:
    sources = (spec("first", r"C:\a*.log"), spec("second", r"C:\*.log"), spec("third", r"c:\A1.LOG"))
    plan = plan_of({r"C:\a1.log": b"x", r"C:\b.log": b"y"}, sources)
    assert [[file.path for file in source.files] for source in plan.sources] == [[r"C:\a1.log"], [r"C:\b.log"], []]
    assert plan.sources[1].repeated == (r"C:\a1.log",)
    assert plan.sources[2].state is SourceState.FOUND


def test_a_source_that_is_left_out_is_listed_and_leaves_its_room_to_the_others() -> None:
    sources = (spec("first", r"C:\a*.log"), spec("second", r"C:\b.log"), spec("third", r"C:\*1.log"))
    files: Files = {
        r"C:\a1.log": log(20_000),
        r"C:\a2.log": LockedFile(Reason.DENIED, r"C:\a2.log"),
        r"C:\b.log": log(20_000),
    }
    context = FakeContext(FakeMachine(files=files), {}, DAY)
    limits = Limits(total=800_000)
    plan = make_plan(context, sources, limits, left_out={"first"})
    first, second, third = plan.sources
    assert [(file.take, file.taken, file.wanted) for file in first.files] == [(Take.LEFT_OUT, 0, False)] * 2
    assert (first.left_out, first.state, first.period) == (True, SourceState.FOUND, (None, None))
    assert first.files[-1].begins == DAY
    assert [(file.take, file.taken) for file in second.files] == [(Take.WHOLE, 800_000)]
    # What the operator has unticked does not come along under another title.
    assert (third.files, third.repeated) == ((), (r"C:\a1.log",))
    assert (plan.found_bytes, plan.taken_bytes, plan.wanted_bytes, plan.fits) == (1_600_000, 800_000, 800_000, True)
    assert plan.dropped == ()
    shared = make_plan(context, sources, limits)
    assert shared.sources[1].files[0].taken < 800_000
    assert not shared.fits


def test_older_files_of_a_source_left_out_are_not_missed() -> None:
    files = {rf"C:\{number}.log": b"x" for number in range(5)}
    context = FakeContext(FakeMachine(files=files), {}, DAY)
    sources = (spec("x", r"C:\*.log"),)
    assert not make_plan(context, sources, Limits(files=3)).fits
    plan = make_plan(context, sources, Limits(files=3), left_out={"x"})
    assert (plan.fits, one(plan).older) == (True, 2)


def test_of_thousands_of_files_the_newest_are_looked_at() -> None:
    files = {rf"C:\{number:05}.log": b"12345" for number in range(3000)}
    machine = FakeMachine(files=files)
    machine._held = lambda path: files.get(path, Absent(path))  # type: ignore[method-assign]  # not 3000 * 3000 names
    source = one(plan_of({}, (spec("x", r"C:\*.log"),), Limits(files=20), machine=machine))
    assert (len(source.files), source.older, source.older_bytes) == (20, 2980, 2980 * 5)
    assert source.files[0].path == r"C:\02999.log"
    assert len([call for call in machine.calls if call[0] == "open_file"]) == 20


# Limits


def test_a_file_over_its_limit_is_cut_at_line_ends() -> None:
    data = log(1000)
    file = one(plan_of({r"C:\a.log": data}, (spec("x", r"C:\a.log"),), Limits(per_file=10_010))).files[0]
    assert file.take is Take.PARTS
    assert file.pieces == (Piece(0, 2000), Piece(32_000, 40_000))
    assert (file.begins, file.window) == (DAY, None)


def test_a_large_file_without_line_ends_is_not_cut_in_half() -> None:
    file = one(plan_of({r"C:\a.bin": b"x" * 5000}, (spec("x", r"C:\a.bin"),), Limits(per_file=1000))).files[0]
    assert (file.take, file.pieces, file.wanted) == (Take.NOTHING, (), False)


def test_of_a_log_that_was_laid_out_in_advance_the_end_of_the_text_is_taken() -> None:
    chosen = choose(BytesReader("a", log(10_000) + bytes(3_000_000)), 10_000, None, JST)
    assert not isinstance(chosen, Unseen)
    assert chosen.pieces == (Piece(0, 2000), Piece(392_000, 400_000))
    assert choose(BytesReader("a", log(10) + bytes(300_000)), 10_000, None, JST) == Choice((Piece(0, 400),), DAY)


def test_the_newest_and_most_important_get_the_room_and_the_rest_is_named() -> None:
    files = {rf"C:\{source}_{day}.log": log(25_000, DAY + timedelta(days=day)) for source in "ab" for day in (1, 2, 3)}
    modified = {path: DAY + timedelta(days=int(path[-5]), hours=8) for path in files}
    sources = (spec("a", r"C:\a_*.log"), spec("b", r"C:\b_*.log"))
    plan = plan_of(files, sources, Limits(fit=900_000), modified=modified)
    assert [(file.path, file.take) for file in plan.files] == [
        (r"C:\a_3.log", Take.WHOLE),
        (r"C:\b_3.log", Take.WHOLE),
        (r"C:\a_2.log", Take.PARTS),
        (r"C:\b_2.log", Take.NO_ROOM),
        (r"C:\a_1.log", Take.NO_ROOM),
        (r"C:\b_1.log", Take.NO_ROOM),
    ]
    assert [file.path for file in plan.dropped] == [r"C:\b_2.log", r"C:\a_1.log", r"C:\b_1.log"]
    assert not plan.fits
    assert plan.taken_bytes <= 2_700_000
    assert plan.estimated_zip_bytes <= 900_000
    assert plan.wanted_bytes == 6 * MEGABYTE
    assert plan_of(files, sources, Limits(fit=2 * MEGABYTE), modified=modified).fits


def test_one_large_file_leaves_the_newest_of_the_other_sources_their_share() -> None:
    files = {r"C:\a.log": log(60_000), r"C:\b.log": log(60_000), r"C:\c.log": log(10)}
    sources = tuple(spec(name, rf"C:\{name}.log") for name in "abc")
    plan = plan_of(files, sources, Limits(total=3 * MEGABYTE))
    assert [file.take for file in plan.files] == [Take.PARTS, Take.PARTS, Take.WHOLE]
    assert plan.taken_bytes <= 3 * MEGABYTE
    assert min(file.taken for file in plan.files[:2]) > 900_000


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1000)), max_size=10),
    st.integers(1, 50_000),
    st.integers(1, 200_000),
)
def test_no_limit_is_passed_and_no_file_forgotten(files: list[tuple[str, int]], per_file: int, total: int) -> None:
    named = {rf"C:\{name}_{number}.log": log(lines) for number, (name, lines) in enumerate(files)}
    sources = tuple(spec(name, rf"C:\{name}_*.log") for name in "abc")
    plan = plan_of(named, sources, Limits(per_file, total))
    assert plan.taken_bytes <= total
    assert {file.path for file in plan.files} == set(named)
    for file in plan.files:
        assert file.taken <= per_file
        data = named[file.path]
        for piece in file.pieces:
            assert 0 <= piece.start < piece.end <= len(data)
            assert piece.start == 0 or data[piece.start - 1 : piece.start] == b"\n"
            assert data[piece.end - 1 : piece.end] == b"\n"


# The time of the incident


def window(start_s: int, end_s: int) -> Window:
    return Window(DAY + timedelta(seconds=start_s), DAY + timedelta(seconds=end_s))


def test_the_time_of_the_incident_is_found_in_a_large_file() -> None:
    reader = BytesReader("a", log(100_000))
    chosen = choose(reader, 400_000, window(50_000, 50_099), JST)
    assert not isinstance(chosen, Unseen)
    assert chosen.window is WindowFound.WHOLE
    assert Piece(50_000 * 40, 50_100 * 40) in chosen.pieces
    assert chosen.pieces[0] == Piece(0, 40_000)
    assert chosen.pieces[-1].end == reader.size
    assert 390_000 < chosen.length <= 400_000
    assert sum(count for _, count in reader.reads) < 2_000_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-16"])
def test_the_time_of_the_incident_is_found_in_every_encoding(encoding: str) -> None:
    text = log(20_000).decode().replace("line", "《行》\u0a0a\u0a00")
    data = text.encode(encoding)
    reader = BytesReader("a", data)
    chosen = choose(reader, 200_000, window(10_000, 10_009), JST)
    assert not isinstance(chosen, Unseen)
    assert (chosen.begins, chosen.window) == (DAY, WindowFound.WHOLE)
    for piece in chosen.pieces:
        lines = data[piece.start : piece.end].decode("utf-16-le" if encoding == "utf-16" else encoding).split("\n")
        assert lines[-1] == ""
        assert all(line.lstrip("\ufeff").startswith("2026-11-2") for line in lines[:-1])
    held = b"".join(data[piece.start : piece.end] for piece in chosen.pieces)
    assert all(f"{number:014}".encode(encoding)[-20:] in held for number in range(10_000, 10_010))


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (-100, -1, WindowFound.OUTSIDE),
        (100_000, 100_001, WindowFound.OUTSIDE),
        (-100, 5, WindowFound.WHOLE),
        (9_990, 99_999, WindowFound.WHOLE),
        (0, 9_999, WindowFound.PART),
        (3000, 3000, WindowFound.WHOLE),
    ],
)
def test_a_window_may_lie_anywhere(start: int, end: int, found: WindowFound) -> None:
    chosen = choose(BytesReader("a", log(10_000)), 100_000, window(start, end), JST)
    assert not isinstance(chosen, Unseen)
    assert chosen.window is found
    assert 0 < chosen.length <= 100_000


def test_a_window_between_two_lines_holds_nothing() -> None:
    chosen = choose(BytesReader("a", log(1000, step_s=100)), 10_000, window(5010, 5050), JST)
    assert not isinstance(chosen, Unseen)
    assert chosen.window is WindowFound.OUTSIDE


def test_lines_without_a_time_belong_to_the_one_before() -> None:
    data = b"".join(line + b"\n   at some.place\n" for line in log(10_000).splitlines())
    chosen = choose(BytesReader("a", data), 100_000, window(5000, 5000), JST)
    assert not isinstance(chosen, Unseen)
    assert Piece(5000 * 57, 5001 * 57) in chosen.pieces


@pytest.mark.parametrize(
    "data",
    [
        b"no times at all\n" * 10_000,
        log(5000, DAY + timedelta(days=1)) + log(5000),
        log(3000) + b"x" * 3_000_000 + b"\n" + log(3000, DAY + timedelta(seconds=3000)),
    ],
    ids=["no times", "wrapped around", "a line of 3 MB"],
)
def test_where_the_time_cannot_be_searched_the_ends_are_taken(data: bytes) -> None:
    chosen = choose(BytesReader("a", data), 50_000, window(3000, 3010), JST)
    assert not isinstance(chosen, Unseen)
    assert chosen.window is WindowFound.NOT_FOUND
    assert chosen.pieces[0].start == 0
    assert chosen.pieces[-1].end == len(data)


def test_a_time_in_the_first_line_that_is_later_than_the_file_is_not_believed() -> None:
    reader = BytesReader("a", log(3), DAY - timedelta(days=3))
    chosen = choose(reader, 1000, None, JST)
    assert not isinstance(chosen, Unseen)
    assert chosen.begins is None


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=200),
    st.integers(0, 20_000),
    st.integers(0, 5000),
    st.integers(100, 3000),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
)
def test_every_choice_holds_whole_lines_and_the_window_if_it_says_so(
    gaps: list[int], start: int, length: int, budget: int, encoding: str
) -> None:
    seconds, lines = 0, []
    for gap in gaps:
        seconds += gap
        lines.append((seconds, f"{DAY + timedelta(seconds=seconds):%Y/%m/%d %H:%M:%S} {'x' * (gap % 50)}\n"))
    data = "".join(line for _, line in lines).encode(encoding)
    chosen = choose(BytesReader("a", data), budget, window(start, start + length), JST)
    assert not isinstance(chosen, Unseen)
    assert chosen.length <= max(budget, 0)
    held = [data[piece.start : piece.end].decode(encoding) for piece in chosen.pieces]
    known = [line for _, line in lines]
    taken = [line for text in held for line in text.splitlines(keepends=True)]
    assert [line for line in known if line in set(taken)] == taken or len(set(known)) < len(known)
    if chosen.window is WindowFound.WHOLE:
        assert {line for time, line in lines if start <= time <= start + length} <= set(taken)
    if chosen.window is WindowFound.OUTSIDE:
        assert not any(start <= time <= start + length for time, _ in lines)


@given(st.binary(max_size=6000), st.integers(1, 3000), st.booleans())
def test_no_content_is_too_strange(data: bytes, budget: int, with_window: bool) -> None:
    for content in (data, data.replace(b"a", b"\n"), data + log(10), "\ufeff".encode("utf-16-le") + data):
        reader = BytesReader("a", content, NOON)
        chosen = choose(reader, budget, window(3, 5) if with_window else None, JST)
        assert not isinstance(chosen, Unseen)
        assert chosen.length <= budget
        layout_of(reader)


# A recording and a real disk


def test_of_a_part_that_a_recording_holds_whole_lines_are_taken(tmp_path: Path) -> None:
    data = log(100)
    (tmp_path / "files" / "C").mkdir(parents=True)
    (tmp_path / "files" / "C" / "a.log").write_bytes(data[1010:])
    (tmp_path / "machine.yaml").write_text(
        "platform: windows\nnow: 2026-11-22T00:00:00+09:00\nrecording: {folders: ['C:\\a.log'],"
        " file_sizes: {'C:\\a.log': 4000}, partial_files: {'C:\\a.log': {size: 4000, offset: 1010}}}\n"
    )
    context = FakeContext(RecordedMachine.open(tmp_path), now=DAY)
    file = one(make_plan(context, (spec("x", r"C:\a.log"),))).files[0]
    assert (file.take, file.pieces, file.size) == (Take.PARTS, (Piece(1040, 4000),), 4000)
    assert file.begins == DAY + timedelta(seconds=26)


def real_plan(pattern: str, **limits: int) -> CollectionPlan:
    machine = PosixMachine(lambda: DAY, {})
    return make_plan(FakeContext(machine, now=DAY), (spec("x", pattern),), Limits(**limits))


@pytest.mark.skipif(os.name == "nt", reason="links and pipes need a POSIX file system")
def test_a_real_folder_with_links_pipes_rings_and_strange_names_is_planned(tmp_path: Path) -> None:
    for name in ("a.log", "行\n.log", "\udc83\udcff.log"):
        (tmp_path / name).write_bytes(b"x\n")
    (tmp_path / "link.log").symlink_to("/etc/passwd")
    (tmp_path / "self.log").symlink_to("self.log")
    os.link(tmp_path / "a.log", tmp_path / "z.log")
    os.mkfifo(tmp_path / "pipe.log")
    (tmp_path / "ring").symlink_to(tmp_path)
    source = one(real_plan(f"{tmp_path}/*.log"))
    taken = {os.path.basename(file.path): file.take for file in source.files}  # noqa: PTH119
    assert len(source.repeated) == 1
    assert taken.pop("link.log") is Take.NOTHING
    assert set(taken.values()) == {Take.WHOLE}
    assert {"行\n.log", "\udc83\udcff.log"} <= set(taken)
    tmp_path.chmod(0o777)
    assert {file.take for file in one(real_plan(f"{tmp_path}/*/*.log")).files} == {Take.NOTHING}


@pytest.mark.skipif(os.name == "nt", reason="needs a file system with holes")
def test_a_sparse_file_of_5_gb_is_planned_within_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "sparse.log"
    with path.open("wb") as writer:
        writer.write(log(10))
        writer.seek(5 << 30)
        writer.write(b"\n" + log(10))
    file = one(real_plan(str(path), per_file=100_000)).files[0]
    assert file.take is Take.PARTS
    assert file.pieces[-1] == Piece((5 << 30) + 1, (5 << 30) + 401)
    assert file.taken <= 100_000


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_an_endless_file_is_as_long_as_it_says() -> None:
    file = one(real_plan("/proc/self/maps")).files[0]
    assert (file.size, file.pieces, file.take) == (0, (), Take.WHOLE)


def test_a_file_that_is_locked_where_it_begins_is_still_planned() -> None:
    class Locked(FakeMachine):
        def open_file(self, path: str) -> FileReader | Absent | Unseen:
            opened = super().open_file(path)
            assert isinstance(opened, BytesReader)
            opened.failing = lambda offset, count: LockedFile(Reason.DENIED, path) if offset < 100 else None
            return opened

    machine = Locked(files={"/a.log": log(100)}, platform=Platform.LINUX)
    file = one(plan_of({}, (spec("x", "/a.log"),), machine=machine)).files[0]
    assert (file.take, file.begins) == (Take.WHOLE, None)
