from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.bundle.collect import CHUNK, PAUSES_S, CollectedFile, Flag, collect
from diagnose.bundle.log_pieces import Window
from diagnose.bundle.plan import CollectionPlan, Limits
from diagnose.bundle.planning import make_plan
from diagnose.machine.file_reader import FileReader, LockedFile
from diagnose.machine.interface import Machine
from diagnose.machine.posix import PosixMachine
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.values import Absent, Platform, Reason, Unseen
from diagnose.specs import LogSpec
from diagnose.text import Text
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import BytesReader, FakeMachine

JST = timezone(timedelta(hours=9))
DAY = datetime(2026, 11, 21, tzinfo=JST)
LOCKED = LockedFile(Reason.DENIED, "/a.log", "used by another process (32)")
BROKEN = Unseen(Reason.FAILED, "/a.log", "the network name is gone")


def plan_of(
    machine: Machine, *patterns: str, limits: Limits | None = None, window: Window | None = None
) -> CollectionPlan:
    specs = [LogSpec(id=str(number), title=Text("x", "x"), files=files) for number, files in enumerate(patterns)]
    return make_plan(FakeContext(machine, now=DAY), specs, limits, window)


def waits() -> tuple[list[float], Callable[[float], None]]:
    waited: list[float] = []
    return waited, waited.append


def read(files: Iterator[CollectedFile]) -> list[tuple[CollectedFile, bytes]]:
    return [(file, b"".join(file.chunks)) for file in files]


def only(machine: Machine, plan: CollectionPlan) -> tuple[CollectedFile, bytes]:
    ((file, data),) = read(collect(plan, machine, pause=lambda seconds: None))
    return file, data


class Changing(FakeMachine):
    """A FakeMachine of Linux whose open files a test can tamper with, and that is told when one is opened."""

    def __init__(self, files: Mapping[str, bytes | Unseen]) -> None:
        self.held: dict[str, bytes | Unseen] = dict(files)
        super().__init__(files=self.held, platform=Platform.LINUX, now=DAY)
        self.tamper: Callable[[BytesReader], None] = lambda reader: None
        self.open_answers: list[Unseen] = []
        self.opened: list[BytesReader] = []

    def open_file(self, path: str) -> FileReader | Absent | Unseen:
        if self.open_answers:
            return self.open_answers.pop(0)
        opened = super().open_file(path)
        if isinstance(opened, BytesReader):
            self.tamper(opened)
            self.opened.append(opened)
        return opened


def lines(count: int, length: int = 100) -> bytes:
    return b"".join(b"%0*d\n" % (length - 1, number) for number in range(count))


def marker(count: int) -> bytes:
    return b"--- diagnose: %d bytes left out ---\n" % count


# What comes out


def test_whole_files_come_in_the_order_of_the_plan() -> None:
    machine = Changing({"/a.log": lines(30_000), "/b.log": b"", "/c.log": b"no end"})
    told: list[tuple[int, int]] = []
    plan = plan_of(machine, "/a.log", "/b.log", "/c.log")
    files = list(collect(plan, machine, progress=lambda done, total: told.append((done, total))))
    assert [file.entry.path for file in files] == ["/a.log", "/b.log", "/c.log"]
    found = read(collect(plan, machine, progress=lambda done, total: told.append((done, total))))
    assert [data for _, data in found] == [lines(30_000), b"", b"no end"]
    assert all(file.flags == set() and file.problem is None and file.left_out == 0 for file, _ in found)
    assert told[-1] == (3_000_006, 3_000_006)
    assert told[-5:] == sorted(told[-5:])
    assert all(reader.closed for reader in machine.opened)


def test_chunks_end_with_lines_and_are_never_longer_than_promised() -> None:
    data = lines(40_000, 73) + b"x" * (2 * CHUNK + 5) + b"\n" + lines(10)
    machine = Changing({"/a.log": data})
    ((_, chunks),) = [(file, list(file.chunks)) for file in collect(plan_of(machine, "/a.log"), machine)]
    assert b"".join(chunks) == data
    assert max(map(len, chunks)) <= CHUNK
    assert sum(not chunk.endswith(b"\n") for chunk in chunks) == 2


def test_a_line_of_ours_stands_for_what_is_left_out() -> None:
    data = lines(1000)
    machine = Changing({"/a.log": data})
    file, got = only(machine, plan_of(machine, "/a.log", limits=Limits(per_file=10_000)))
    assert got == data[:2000] + marker(90_000) + data[-8000:]
    assert (file.left_out, file.size) == (90_000, 100_000)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_the_line_of_ours_is_in_the_encoding_of_the_file(encoding: str) -> None:
    machine = Changing({"/a.log": "".join(f"{number} 失敗《x》\n" for number in range(1000)).encode(encoding)})
    _, got = only(machine, plan_of(machine, "/a.log", limits=Limits(per_file=1000)))
    text = got.decode(encoding).splitlines()
    assert text[0] == "0 失敗《x》"
    assert text[-1] == "999 失敗《x》"
    assert sum(line.startswith("--- diagnose: ") for line in text) == 1
    assert all(line.endswith(("》", " ---")) for line in text)


def test_the_incident_stands_between_two_gaps() -> None:
    data = b"".join(
        f"{DAY + timedelta(seconds=number):%Y-%m-%d %H:%M:%S} {number}\n".encode() for number in range(5000)
    )
    machine = Changing({"/a.log": data})
    window = Window(DAY + timedelta(seconds=2000), DAY + timedelta(seconds=2001))
    _, got = only(machine, plan_of(machine, "/a.log", limits=Limits(per_file=2000), window=window))
    text = got.splitlines()
    gaps = [number for number, line in enumerate(text) if line.startswith(b"---")]
    assert text[gaps[0] + 1 : gaps[1]] == data.splitlines()[2000:2002]


def test_of_a_recorded_part_the_rest_is_marked(tmp_path: Path) -> None:
    (tmp_path / "files" / "C").mkdir(parents=True)
    (tmp_path / "files" / "C" / "a.log").write_bytes(lines(10)[-950:])
    (tmp_path / "machine.yaml").write_text(
        "platform: windows\nrecording: {folders: ['C:\\a.log'],"
        " file_sizes: {'C:\\a.log': 5000}, partial_files: {'C:\\a.log': {size: 5000, offset: 4050}}}\n"
    )
    machine = RecordedMachine.open(tmp_path)
    _, got = only(machine, plan_of(machine, r"C:\a.log"))
    assert got == marker(4100) + lines(10)[-900:]


# What a computer does meanwhile


def test_a_file_that_grows_is_read_to_where_it_was_and_without_the_line_that_is_being_written() -> None:
    machine = Changing({"/a.log": b"one\ntwo\nthr"})
    plan = plan_of(machine, "/a.log")

    def grow(reader: BytesReader) -> None:
        reader.data += b"ee\nfour\n"

    machine.tamper = grow
    file, got = only(machine, plan)
    assert (got, file.flags) == (b"one\ntwo\n" + marker(3), {Flag.GROWING})


def test_a_file_that_has_grown_since_the_plan_is_cut_anew() -> None:
    machine = Changing({"/a.log": lines(100)})
    plan = plan_of(machine, "/a.log", limits=Limits(per_file=10_000))
    machine.held["/a.log"] = lines(200)
    file, got = only(machine, plan)
    assert got == lines(20) + marker(10_000) + lines(200)[-8000:]
    assert file.flags == {Flag.GROWING}


def test_a_file_that_shrinks_while_it_is_read_ends_with_a_whole_line() -> None:
    machine = Changing({"/a.log": lines(30_000)})
    plan = plan_of(machine, "/a.log")

    def shrink(reader: BytesReader) -> None:
        def cut(offset: int, count: int) -> None:
            if offset >= CHUNK - 100:
                reader.data = reader.data[:0]

        reader.failing = cut

    machine.tamper = shrink
    file, got = only(machine, plan)
    end = CHUNK // 100 * 100
    assert got == lines(30_000)[:end] + marker(CHUNK - end)
    assert file.flags == {Flag.SHORT_READ}


def test_a_file_that_was_emptied_or_replaced_since_the_plan_is_taken_as_it_is() -> None:
    machine = Changing({"/a.log": lines(10)})
    plan = plan_of(machine, "/a.log")
    machine.held["/a.log"] = b"new\n"
    file, got = only(machine, plan)
    assert (got, file.flags) == (b"new\n", {Flag.SHORT_READ})

    def other(reader: BytesReader) -> None:
        reader.identity = (1, 2)

    machine.tamper = other
    file, got = only(machine, plan)
    assert (got, file.flags) == (b"new\n", {Flag.REPLACED})


def test_a_file_that_vanished_or_is_denied_by_now_says_so() -> None:
    machine = Changing({"/a.log": b"x", "/b.log": b"y", "/c.log": b"z"})
    plan = plan_of(machine, "/*.log")
    del machine.held["/c.log"]
    machine.held["/b.log"] = Unseen(Reason.DENIED, "/b.log")
    told: list[int] = []
    found = read(collect(plan, machine, progress=lambda done, total: told.append(done)))
    assert [(file.flags, data) for file, data in found] == [
        ({Flag.VANISHED}, b""),
        ({Flag.UNREADABLE}, b""),
        (set(), b"x"),
    ]
    assert told == [1, 2, 3, 3]


@pytest.mark.parametrize(("times", "data", "flags"), [(3, b"x", set()), (4, b"", {Flag.LOCKED})])
def test_a_locked_file_is_waited_for_three_times(times: int, data: bytes, flags: set[Flag]) -> None:
    machine = Changing({"/a.log": b"x"})
    plan = plan_of(machine, "/a.log")
    machine.open_answers = [LOCKED] * times
    waited, pause = waits()
    ((file, got),) = read(collect(plan, machine, pause=pause))
    assert (got, file.flags) == (data, flags)
    assert tuple(waited) == PAUSES_S
    assert sum(waited) <= 0.3 + 1e-9


def test_a_file_that_was_locked_when_the_plan_was_made_is_taken_when_it_is_free() -> None:
    machine = Changing({"/a.log": b"x"})
    machine.open_answers = [LOCKED]
    file, got = only(machine, plan_of(machine, "/a.log"))
    assert (got, file.flags, file.problem) == (b"x", set(), None)


def test_a_locked_range_is_left_out_with_the_lines_that_it_cuts() -> None:
    data = lines(30_000)
    machine = Changing({"/a.log": data})
    plan = plan_of(machine, "/a.log")
    start, end = 1_500_050, 1_500_150

    def lock(reader: BytesReader) -> None:
        reader.failing = lambda offset, count: LOCKED if offset < end and start < offset + count else None

    machine.tamper = lock
    file, got = only(machine, plan)
    assert (file.flags, file.problem) == ({Flag.LOCKED}, LOCKED)
    before, _, after = got.partition(marker(file.left_out))
    assert data.startswith(before)
    assert data.endswith(after)
    assert before.endswith(b"\n")
    assert len(before) + len(after) + file.left_out == len(data)
    assert 100 <= file.left_out <= 2 * 65_536


def test_a_gap_within_a_line_longer_than_a_chunk_starts_a_line_of_its_own() -> None:
    machine = Changing({"/a.log": b"x" * (3 * CHUNK) + b"\n"})
    plan = plan_of(machine, "/a.log")

    def tear(reader: BytesReader) -> None:
        reader.failing = lambda offset, count: BROKEN if offset + count > 2 * CHUNK else None

    machine.tamper = tear
    _, got = only(machine, plan)
    assert got == b"x" * (2 * CHUNK) + b"\n" + marker(CHUNK + 1)


@pytest.mark.parametrize(("problem", "flag"), [(LOCKED, Flag.LOCKED), (BROKEN, Flag.UNREADABLE)])
def test_what_stays_unreadable_is_given_up(problem: Unseen, flag: Flag) -> None:
    data = lines(500_000)
    machine = Changing({"/a.log": data})
    plan = plan_of(machine, "/a.log")

    def tear(reader: BytesReader) -> None:
        reader.failing = lambda offset, count: problem if offset + count > 2 * CHUNK else None

    machine.tamper = tear
    file, got = only(machine, plan)
    assert (file.flags, file.problem) == ({flag}, problem)
    assert got.endswith(b"\n" + marker(file.left_out))
    assert len(data) == len(got) - len(marker(file.left_out)) + file.left_out
    assert len(machine.opened[-1].reads) < 300


@given(
    st.lists(st.integers(0, 3000), max_size=30),
    st.lists(st.tuples(st.integers(0, 40_000), st.integers(1, 9000)), max_size=3),
    st.integers(500, 60_000),
    st.booleans(),
)
def test_all_that_comes_out_are_lines_of_the_file_and_ours(
    lengths: list[int], locked: list[tuple[int, int]], per_file: int, ended: bool
) -> None:
    data = b"\n".join(b"%d:" % number + b"x" * length for number, length in enumerate(lengths)) + b"\n" * ended
    machine = Changing({"/a.log": data})
    plan = plan_of(machine, "/a.log", limits=Limits(per_file=per_file))

    def lock(reader: BytesReader) -> None:
        def failing(offset: int, count: int) -> Unseen | None:
            return LOCKED if any(offset < at + length and at < offset + count for at, length in locked) else None

        reader.failing = failing

    machine.tamper = lock
    for file, got in read(collect(plan, machine)):
        known = set(data.split(b"\n"))
        for line in got.split(b"\n"):
            assert line in known or line.startswith(b"--- diagnose: ") or line == b""
        ours = [line for line in got.split(b"\n") if line.startswith(b"--- diagnose: ")]
        assert len(got) - sum(len(line) + 1 for line in ours) + file.left_out == len(data)


# A real disk

posix = pytest.mark.skipif(os.name == "nt", reason="reads a Linux or macOS computer")


def real() -> PosixMachine:
    return PosixMachine(lambda: DAY, {})


@posix
def test_a_real_log_is_turned_over_emptied_and_removed_between_plan_and_reading(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / f"{name}.log").write_bytes(lines(10))
    plan = plan_of(real(), f"{tmp_path}/*.log")
    (tmp_path / "a.log").rename(tmp_path / "a.1")
    (tmp_path / "a.log").write_bytes(b"new\n")
    os.truncate(tmp_path / "b.log", 300)
    (tmp_path / "c.log").unlink()
    (tmp_path / "d.log").unlink()
    (tmp_path / "d.log").symlink_to("a.1")
    found = {Path(file.entry.path).name[0]: (got, file.flags) for file, got in read(collect(plan, real()))}
    assert found == {
        "a": (b"new\n", {Flag.REPLACED}),
        "b": (lines(3), {Flag.SHORT_READ}),
        "c": (b"", {Flag.VANISHED}),
        "d": (b"", {Flag.UNREADABLE}),
    }


@posix
def test_a_real_log_that_grows_and_one_that_is_emptied_while_they_are_read(tmp_path: Path) -> None:
    for name in ("grows", "shrinks"):
        (tmp_path / f"{name}.log").write_bytes(lines(30_000))
    plan = plan_of(real(), f"{tmp_path}/grows.log", f"{tmp_path}/shrinks.log")
    for file in collect(plan, real()):
        path = Path(file.entry.path)
        got = bytearray()
        for chunk in file.chunks:
            got += chunk
            if path.name == "grows.log":
                with path.open("ab") as writer:
                    writer.write(lines(30_000))
            else:
                os.truncate(path, 0)
        if path.name == "grows.log":
            assert (bytes(got), file.flags) == (lines(30_000), {Flag.GROWING})
        else:
            assert file.flags == {Flag.SHORT_READ}
            assert got.endswith(marker(file.left_out))


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_an_endless_file_is_empty_and_growing() -> None:
    ((file, got),) = read(collect(plan_of(real(), "/proc/self/maps"), real()))
    assert (got, file.flags) == (b"", {Flag.GROWING})


@posix
def test_names_with_line_breaks_and_half_characters_are_read(tmp_path: Path) -> None:
    for name in ("行\n.log", "\udc83\udcff.log", "-rf .log"):
        (tmp_path / name).write_bytes(b"x")
    plan = plan_of(real(), f"{tmp_path}/*.log")
    assert [got for _, got in read(collect(plan, real()))] == [b"x"] * 3


@posix
def test_little_memory_is_enough_for_a_sparse_file_of_5_gb(tmp_path: Path) -> None:
    path = tmp_path / "sparse.log"
    path.write_bytes(lines(100))
    with path.open("r+b") as writer:
        writer.seek(5 << 30)
        writer.write(b"\n" + lines(300_000))
    tracemalloc.start()
    plan = plan_of(real(), str(path), limits=Limits(per_file=40_000_000))
    total = last = 0
    for file in collect(plan, real()):
        for chunk in file.chunks:
            total += len(chunk)
            last = chunk[-1]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 30_000_000 < total < 41_000_000
    assert last == ord("\n")
    assert peak < 8_000_000


@posix
def test_the_file_is_closed_when_nobody_asks_for_more(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"x")
    files = collect(plan_of(real(), f"{tmp_path}/a.log"), real())
    reading = next(files)
    files.close()  # type: ignore[attr-defined]
    assert b"".join(reading.chunks) == marker(1)
    assert reading.flags == {Flag.UNREADABLE}
