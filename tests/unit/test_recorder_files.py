from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from diagnose.machine.recorder import Recorder
from diagnose.machine.values import (
    Absent,
    FileContent,
    FileInfo,
    Platform,
    Unseen,
)
from tests.unit.fake_machine import FakeMachine
from tests.unit.full_machine import NOW, full_machine, replay


def test_names_that_some_file_system_cannot_hold_are_stored_under_others(tmp_path: Path) -> None:
    recorder = Recorder(full_machine())
    recorder.read_file(r"C:\Temp\con.log")
    recorder.read_file("C:\\Temp\\trailing. ")
    recorder.write(tmp_path)
    names = [path.name for path in (tmp_path / "files-renamed").iterdir()]
    assert len(names) == 2
    assert not (tmp_path / "files").exists()


def test_files_that_differ_in_case_alone_are_both_kept(tmp_path: Path) -> None:
    files: dict[str, bytes | Unseen | FileInfo] = {"/etc/App.conf": b"upper", "/etc/app.conf": b"lower"}
    recorder = Recorder(FakeMachine(platform=Platform.LINUX, files=files))
    paths = ["/etc/App.conf", "/etc/app.conf"]
    for path in paths:
        recorder.read_file(path)
    machine = replay(recorder, tmp_path)
    assert [machine.read_file(path) for path in paths] == [recorder.read_file(path) for path in paths]
    assert len({path.name.lower() for path in tmp_path.rglob("*") if path.is_file()}) == 5


class GrowingLog(FakeMachine):
    data = b"line 1\nline 2\n"

    def read_file(self, path: str, limit: int = 1000) -> FileContent | Absent | Unseen:
        start = max(0, len(self.data) - limit)
        return FileContent(path, self.data[start:], len(self.data), start)


def test_a_log_that_grows_is_seen_as_it_was_first(tmp_path: Path) -> None:
    machine = GrowingLog()
    recorder = Recorder(machine)
    small = recorder.read_file("C:\\a.log", 7)
    machine.data += b"line 3\n"
    large = recorder.read_file("C:\\a.log", 1000)
    assert isinstance(large, FileContent)
    assert large.data == b"line 1\nline 2\n"
    replayed = replay(recorder, tmp_path)
    assert replayed.read_file("C:\\a.log", 7) == small
    assert replayed.read_file("C:\\a.log", 1000) == large


def test_a_log_that_was_replaced_stays_what_it_was() -> None:
    machine = GrowingLog()
    recorder = Recorder(machine)
    small = recorder.read_file("C:\\a.log", 7)
    machine.data = b"something else"
    assert recorder.read_file("C:\\a.log", 1000) == small


class EndlessFile(FakeMachine):
    def read_file(self, path: str, limit: int = 1000) -> FileContent | Absent | Unseen:
        return FileContent(path, b"0123456789abcdef"[:limit], 4096)


def test_of_a_file_that_was_read_from_its_start_the_start_is_replayed(tmp_path: Path) -> None:
    recorder = Recorder(EndlessFile(platform=Platform.LINUX))
    start = recorder.read_file("/proc/cpuinfo", 10)
    shorter = recorder.read_file("/proc/cpuinfo", 4)
    assert shorter == FileContent("/proc/cpuinfo", b"0123", 4096)
    machine = replay(recorder, tmp_path)
    assert machine.read_file("/proc/cpuinfo", 10) == start
    assert machine.read_file("/proc/cpuinfo", 4) == shorter


def test_a_file_keeps_the_time_that_was_told_first(tmp_path: Path) -> None:
    modified = {"C:\\a.log": NOW}
    fake = FakeMachine(files={"C:\\a.log": b"1"}, modified=modified)
    recorder = Recorder(fake)
    info = recorder.file_info("C:\\a.log")
    fake._modified["c:/a.log"] = NOW + timedelta(seconds=5)
    content = recorder.read_file("C:\\a.log")
    assert isinstance(content, FileContent)
    assert content.modified == NOW
    machine = replay(recorder, tmp_path)
    assert (machine.file_info("C:\\a.log"), machine.read_file("C:\\a.log")) == (info, content)


class Shouting(FakeMachine):
    def find_files(self, pattern: str) -> tuple[FileInfo, ...] | Unseen:
        found = super().find_files(pattern)
        loud = "*" in pattern
        assert not isinstance(found, Unseen)
        return tuple(replace(info, path=info.path.upper() if loud else info.path) for info in found)


def test_a_file_keeps_the_spelling_of_its_first_listing(tmp_path: Path) -> None:
    recorder = Recorder(Shouting(files={r"C:\Temp\a.log": b"1"}))
    recorder.file_info(r"c:\TEMP\A.log")
    first = recorder.find_files(r"C:\Temp\a.log")
    second = recorder.find_files(r"C:\Temp\*.log")
    assert first == second == (FileInfo(r"C:\Temp\a.log", 1, None),)
    machine = replay(recorder, tmp_path)
    assert (machine.find_files(r"C:\Temp\a.log"), machine.find_files(r"C:\Temp\*.log")) == (first, second)


def test_a_file_that_appears_after_its_folder_was_listed_is_not_there(tmp_path: Path) -> None:
    files: dict[str, bytes | Unseen | FileInfo] = {r"C:\Temp\old.log": b"old"}
    recorder = Recorder(FakeMachine(files=files))
    listing = recorder.find_files(r"C:\Temp\*.log")
    files[r"C:\Temp\new.log"] = b"new"
    assert isinstance(recorder.file_info(r"C:\Temp\new.log"), Absent)
    assert isinstance(recorder.read_file(r"C:\Temp\new.log"), Absent)
    assert recorder.find_files(r"C:\Temp\*") == listing
    machine = replay(recorder, tmp_path)
    assert machine.find_files(r"C:\Temp\*.log") == listing
    assert isinstance(machine.file_info(r"C:\Temp\new.log"), Absent)


def test_a_file_that_goes_away_after_it_was_seen_is_unseen_and_not_absent(tmp_path: Path) -> None:
    files: dict[str, bytes | Unseen | FileInfo] = {r"C:\a.log": b"12345"}
    recorder = Recorder(FakeMachine(files=files))
    info = recorder.file_info(r"C:\a.log")
    del files[r"C:\a.log"]
    content = recorder.read_file(r"C:\a.log")
    assert isinstance(content, Unseen)
    machine = replay(recorder, tmp_path)
    assert machine.file_info(r"C:\a.log") == info
    assert machine.read_file(r"C:\a.log") == content


def test_more_content_than_may_be_kept_is_answered_but_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diagnose.machine.recorder_files.MAX_KEPT", 5)
    recorder = Recorder(FakeMachine(files={r"C:\a.log": b"12345", r"C:\b.log": b"6"}))
    assert isinstance(recorder.read_file(r"C:\a.log"), FileContent)
    late = recorder.read_file(r"C:\b.log")
    assert isinstance(late, FileContent)
    assert late.data == b"6"
    machine = replay(recorder, tmp_path)
    assert isinstance(machine.read_file(r"C:\a.log"), FileContent)
    assert machine.file_info(r"C:\b.log") == recorder.file_info(r"C:\b.log")
    assert isinstance(machine.read_file(r"C:\b.log"), Unseen)


def test_a_file_whose_name_is_a_folder_already_is_stored_under_another(tmp_path: Path) -> None:
    (tmp_path / "files" / "C" / "a.log").mkdir(parents=True)
    recorder = Recorder(FakeMachine(files={r"C:\a.log": b"12345"}))
    content = recorder.read_file(r"C:\a.log")
    assert replay(recorder, tmp_path).read_file(r"C:\a.log") == content


def test_a_file_that_was_not_there_stays_away_from_later_listings(tmp_path: Path) -> None:
    files: dict[str, bytes | Unseen | FileInfo] = {r"C:\a.log": b"1"}
    recorder = Recorder(FakeMachine(files=files))
    assert recorder.file_info(r"C:\b.log") == Absent(r"C:\b.log")
    files[r"C:\b.log"] = b"2"
    listing = recorder.find_files(r"C:\*.log")
    assert listing == (FileInfo(r"C:\a.log", 1, None),)
    machine = replay(recorder, tmp_path)
    assert (machine.find_files(r"C:\*.log"), machine.file_info(r"C:\b.log")) == (listing, Absent(r"C:\b.log"))
