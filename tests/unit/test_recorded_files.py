from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

import pytest

from diagnose.machine.file_patterns import Glob, fold_path, join_path, split_path
from diagnose.machine.file_reader import FileReader
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.recorder import Recorder
from diagnose.machine.values import (
    Absent,
    Certificate,
    FileContent,
    FileInfo,
    Platform,
    Reason,
    Store,
    Unseen,
)
from tests.unit.fake_machine import FakeMachine
from tests.unit.recordings import FULL, JST, LOG, Make, der, maker, not_recorded, pem, write


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return maker(tmp_path)


def files_machine(make: Make, machine: str = FULL) -> RecordedMachine:
    folder = "files/C/Program Files (x86)/Trend Micro/Security Agent"
    return make(
        machine,
        **{
            f"{folder}/Temp/upgrade_20261121080000.log": "アップグレード".encode("cp932"),
            f"{folder}/Temp/upgrade_20261120080000.LOG": b"0123456789",
            f"{folder}/ofcscan.ini": b"[a]",
            "files/UNC/server/ofcscan/ofcscan.ini": b"share",
            "files/readme.txt": "right under files/ lies nothing of the computer's",
        },
    )


def test_files_are_found_without_case_and_with_either_slash(make: Make) -> None:
    machine = files_machine(make)
    for path in (LOG, LOG.upper(), LOG.replace("\\", "/"), "\\\\?\\" + LOG):
        content = machine.read_file(path)
        assert content == FileContent(path, "アップグレード".encode("cp932"), 14, 0, None)
        assert machine.file_info(path) == FileInfo(path, 14, None)
    share = machine.read_file(r"\\SERVER\ofcscan\ofcscan.ini")
    assert isinstance(share, FileContent)
    assert share.data == b"share"


def test_folders_are_told_from_files(make: Make) -> None:
    machine = files_machine(make)
    assert machine.file_info(r"C:\Program Files (x86)") == FileInfo(r"C:\Program Files (x86)", None, None, True)
    assert machine.file_info("C:\\Temp") == FileInfo("C:\\Temp", None, None, True)
    answer = machine.read_file(r"C:\Program Files (x86)")
    assert isinstance(answer, Unseen)
    assert answer.reason is Reason.NOT_A_FILE


def test_of_a_large_file_the_tail_is_read(make: Make) -> None:
    path = LOG.replace("21080000", "20080000")
    assert files_machine(make).read_file(path, 4) == FileContent(path, b"6789", 10, 6, None)
    assert files_machine(make).read_file(path, 0) == FileContent(path, b"", 10, 10, None)


def test_a_file_that_only_has_a_time_exists_but_cannot_be_read(make: Make) -> None:
    machine = files_machine(make)
    setup = r"C:\temp\SETUP.log"
    assert machine.file_info(setup) == FileInfo(setup, None, datetime(2026, 11, 21, 8, tzinfo=JST))
    assert not_recorded(machine.read_file(setup))


def test_a_file_that_is_nowhere_is_absent_when_files_were_recorded(make: Make) -> None:
    machine = files_machine(make)
    assert machine.file_info(r"C:\nothing") == Absent(r"C:\nothing")
    assert machine.read_file(r"C:\nothing") == Absent(r"C:\nothing")
    assert make(FULL).read_file(r"D:\nothing") == Absent(r"D:\nothing")


def test_globs_match_each_component_and_find_files_that_only_have_a_time(make: Make) -> None:
    machine = files_machine(make)
    logs = machine.find_files(r"c:\program files*\Trend Micro\*\temp\upgrade_*.log")
    assert not isinstance(logs, Unseen)
    assert [(info.path, info.size) for info in logs] == [(LOG.replace("21080000.log", "20080000.LOG"), 10), (LOG, 14)]
    setup = machine.find_files(r"C:\Temp\*.log")
    assert setup == (FileInfo(r"C:\Temp\setup.log", None, datetime(2026, 11, 21, 8, tzinfo=JST)),)
    assert machine.find_files(r"C:\*") == ()
    assert machine.find_files(r"C:\Temp\setup.[a-l]og") == setup
    assert machine.find_files(r"C:\Temp\setup.[!l]og") == ()


@pytest.mark.parametrize(
    "path",
    [
        r"C:\..\..\..\secret",
        r"C:\Temp\..\secret",
        r"..\secret",
        "secret",
        "/etc/passwd",
        "C:secret",
        r"C:\a.txt:stream",
        r"\\.\PhysicalDrive0",
        r"\\?\GLOBALROOT\x",
        "C:\\a\0b",
        "",
    ],
)
def test_a_path_that_names_no_place_is_malformed(make: Make, tmp_path: Path, path: str) -> None:
    write(tmp_path, {"secret": "not part of the computer", "files/secret": "neither"})
    machine = files_machine(make)
    for answer in (machine.file_info(path), machine.read_file(path), machine.find_files(path)):
        assert isinstance(answer, Unseen)
        assert answer.reason is Reason.MALFORMED


@pytest.mark.skipif(os.name == "nt", reason="links and pipes need a POSIX file system")
def test_links_that_leave_the_recording_and_pipes_are_not_opened(make: Make, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    write(outside, {"secret.txt": "secret"})
    write(tmp_path, {"files/etc/real.conf": "real"})
    (tmp_path / "files/etc/link.conf").symlink_to(outside / "secret.txt")
    (tmp_path / "files/etc/good.conf").symlink_to("real.conf")
    (tmp_path / "files/var").symlink_to(outside)
    os.mkfifo(tmp_path / "files/etc/pipe.conf")
    machine = make("platform: linux\n")
    good = machine.read_file("/etc/good.conf")
    assert isinstance(good, FileContent)
    assert good.data == b"real"
    for path in ("/etc/link.conf", "/etc/pipe.conf", "/var/secret.txt", "/var"):
        for answer in (machine.read_file(path), machine.file_info(path)):
            assert isinstance(answer, Unseen), path
            assert answer.reason is Reason.NOT_A_FILE
    found = machine.find_files("/etc/*.conf")
    assert not isinstance(found, Unseen)
    assert [info.path for info in found] == ["/etc/good.conf", "/etc/real.conf"]


def test_linux_paths_compare_with_case(make: Make) -> None:
    machine = make("platform: linux\n", **{"files/etc/ds_agent.conf": "x", "files/var/opt/日誌.log": "y"})
    assert isinstance(machine.file_info("/etc/DS_agent.conf"), Absent)
    assert isinstance(machine.file_info("/etc/./ds_agent.conf"), FileInfo)
    found = machine.find_files("/var/*/日*.log")
    assert found == (FileInfo("/var/opt/日誌.log", 1, None),)


def test_certificates_are_read_as_der_and_pem(make: Make) -> None:
    machine = make(
        **{
            "certificates/ROOT/b.der": der(b"one"),
            "certificates/ROOT/a.PEM": "注釈\n".encode() + pem(der(b"two")) + pem(der(b"three")),
            "certificates/ROOT/.DS_Store": "no certificate",
        }
    )
    found = machine.certificates(Store.ROOT)
    expected = [("a.PEM", der(b"two")), ("a.PEM", der(b"three")), ("b.der", der(b"one"))]
    assert found == tuple(
        Certificate(hashlib.sha1(data).hexdigest().upper(), data, f"certificates/ROOT/{name}")
        for name, data in expected
    )
    assert machine.certificates(Store.DISALLOWED) == ()
    assert not_recorded(machine.certificates(Store.CA))


def test_each_store_stands_for_itself(make: Make) -> None:
    machine = make(**{"certificates/disallowed/x.crt": der(b"x")})
    assert not_recorded(machine.certificates(Store.ROOT))
    assert len(machine.certificates(Store.DISALLOWED)) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        (r"c:\A\b", ("C", "A", "b")),
        ("C:/A//b/", ("C", "A", "b")),
        ("C:\\", ("C",)),
        (r"\\server\share\x", ("UNC", "server", "share", "x")),
        (r"\\?\UNC\server\share\x", ("UNC", "server", "share", "x")),
        (r"\\?\C:\x", ("C", "x")),
    ],
)
def test_windows_paths_are_taken_apart(path: str, parts: tuple[str, ...]) -> None:
    assert split_path(path, Platform.WINDOWS) == parts
    assert fold_path(join_path(parts, Platform.WINDOWS), Platform.WINDOWS) == tuple(part.lower() for part in parts)


def test_a_hostile_name_does_not_slow_a_glob_down() -> None:
    glob = Glob("/" + "*a" * 40 + "b", Platform.LINUX)
    assert not glob.matches(("a" * 250,))
    assert not Glob("relative", Platform.LINUX).matches(())


def reader(answer: FileReader | Absent | Unseen) -> FileReader:
    assert not isinstance(answer, Absent | Unseen), answer
    return answer


def test_a_recorded_file_is_opened_without_case(make: Make) -> None:
    with reader(files_machine(make).open_file(LOG.upper())) as opened:
        assert (opened.size, opened.held, opened.modified) == (14, (0, 14), None)
        assert opened.read(0, 100) == "アップグレード".encode("cp932")
        assert (opened.read(4, 2), opened.read(14, 1)) == ("アップグレード".encode("cp932")[4:6], b"")
        assert not_recorded(opened.read(15, 1))


def test_what_a_recording_does_not_hold_is_not_opened(make: Make) -> None:
    machine = files_machine(make)
    assert not_recorded(machine.open_file(r"C:\temp\setup.log"))
    assert machine.open_file(r"C:\nothing") == Absent(r"C:\nothing")
    for path, why in ((r"C:\Program Files (x86)", Reason.NOT_A_FILE), (r"C:\..\x", Reason.MALFORMED)):
        answer = machine.open_file(path)
        assert isinstance(answer, Unseen)
        assert answer.reason is why


@pytest.mark.parametrize(("offset", "held"), [(90, (90, 100)), (0, (0, 10)), (40, (40, 50))])
def test_of_a_file_that_was_read_in_part_that_part_is_there(make: Make, offset: int, held: tuple[int, int]) -> None:
    machine = make(
        "platform: windows\nfile_times: {'C:\\a.log': 2026-11-21T08:00:00+09:00}\n"
        f"recording: {{partial_files: {{'C:\\a.log': {{size: 100, offset: {offset}}}}}}}\n",
        **{"files/C/a.log": b"0123456789"},
    )
    with reader(machine.open_file(r"C:\a.log")) as opened:
        assert (opened.size, opened.held) == (100, held)
        assert opened.modified == datetime(2026, 11, 21, 8, tzinfo=JST)
        assert opened.read(offset, 100) == b"0123456789"
        assert opened.read(offset + 3, 2) == b"34"
        for outside in {0, 50, 95} - set(range(*held)):
            assert not_recorded(opened.read(outside, 1))


@pytest.mark.skipif(os.name == "nt", reason="links and pipes need a POSIX file system")
def test_links_that_leave_the_recording_are_not_opened(make: Make, tmp_path: Path) -> None:
    write(tmp_path, {"files/etc/real.conf": "real", "outside": "secret"})
    (tmp_path / "files/etc/link.conf").symlink_to(tmp_path / "outside")
    machine = make("platform: linux\n")
    os.mkfifo(tmp_path / "pipe")
    assert isinstance(machine.open_file("/etc/link.conf"), Unseen)
    reader(machine.open_file("/etc/real.conf")).close()
    (tmp_path / "files/etc/real.conf").unlink()
    gone = machine.open_file("/etc/real.conf")
    assert isinstance(gone, Unseen)
    assert gone.reason is Reason.FAILED
    (tmp_path / "pipe").rename(tmp_path / "files/etc/real.conf")
    pipe = machine.open_file("/etc/real.conf")
    assert isinstance(pipe, Unseen)
    assert pipe.reason is Reason.NOT_A_FILE


def test_the_recorder_passes_an_open_file_through_and_keeps_nothing(tmp_path: Path) -> None:
    recorder = Recorder(FakeMachine(files={r"C:\a.log": b"data"}))
    with reader(recorder.open_file(r"C:\a.log")) as opened:
        assert opened.read(0, 10) == b"data"
    recorder.write(tmp_path)
    assert not (tmp_path / "files").exists()
