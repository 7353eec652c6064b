from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from diagnose.machine import file_search, posix_files
from diagnose.machine.file_reader import FileReader, LinkRefused, LockedFile
from diagnose.machine.posix import PosixMachine
from diagnose.machine.values import Absent, FileContent, FileInfo, Reason, Unseen

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="reads a Linux or macOS computer")

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def machine() -> PosixMachine:
    return PosixMachine(lambda: NOON, {"PATH": os.environ["PATH"]})


def write(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def content(answer: FileContent | Absent | Unseen) -> FileContent:
    assert isinstance(answer, FileContent), answer
    return answer


def reason(answer: object) -> Reason:
    assert isinstance(answer, Unseen), answer
    return answer.reason


def test_a_file_is_read_whole_with_its_size_and_time(machine: PosixMachine, tmp_path: Path) -> None:
    path = write(tmp_path, "更新ログ.log", "失敗しました\n".encode())
    os.utime(path, (1_700_000_000, 1_700_000_000))
    read = content(machine.read_file(path))
    assert read.data.decode() == "失敗しました\n"
    assert read.whole
    assert read.modified == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert machine.file_info(path) == FileInfo(path, 19, read.modified)


def test_of_a_large_file_the_tail_is_read(machine: PosixMachine, tmp_path: Path) -> None:
    read = content(machine.read_file(write(tmp_path, "large.log", b"0123456789"), limit=4))
    assert (read.data, read.offset, read.size, read.whole) == (b"6789", 6, 10, False)


def test_an_empty_file_is_whole(machine: PosixMachine, tmp_path: Path) -> None:
    read = content(machine.read_file(write(tmp_path, "empty", b"")))
    assert (read.data, read.size, read.whole) == (b"", 0, True)


def test_a_file_that_grows_while_it_is_read_gives_what_it_held_when_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "growing.log", b"a" * 1000)
    read_piece = os.pread

    def pread_while_growing(descriptor: int, count: int, offset: int) -> bytes:
        with Path(path).open("ab") as writer:
            writer.write(b"b" * 1000)
        return read_piece(descriptor, min(count, 300), offset)

    monkeypatch.setattr(os, "pread", pread_while_growing)
    assert content(posix_files.read_file(path, 4096)).data == b"a" * 1000


def test_a_file_that_shrinks_while_it_is_read_gives_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "rotated.log", b"a" * 1000)
    read_piece = os.pread

    def pread_while_shrinking(descriptor: int, count: int, offset: int) -> bytes:
        piece = read_piece(descriptor, min(count, 300), offset)
        os.truncate(path, 300)
        return piece

    monkeypatch.setattr(os, "pread", pread_while_shrinking)
    read = content(posix_files.read_file(path, 4096))
    assert (len(read.data), read.size) == (300, 300)


def test_a_sparse_file_costs_only_what_was_asked_for(machine: PosixMachine, tmp_path: Path) -> None:
    path = write(tmp_path, "sparse", b"")
    os.truncate(path, 1 << 40)
    read = content(machine.read_file(path, limit=10))
    assert (read.data, read.size) == (bytes(10), 1 << 40)


def test_a_pipe_is_not_waited_for(machine: PosixMachine, tmp_path: Path) -> None:
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    assert reason(machine.read_file(path)) is Reason.NOT_A_FILE
    assert reason(machine.file_info(path)) is Reason.NOT_A_FILE


def test_a_pipe_that_takes_the_place_of_a_file_at_the_last_moment_is_not_waited_for(
    machine: PosixMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "log", b"data")
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    open_file = os.open
    monkeypatch.setattr(os, "open", lambda path, flags: open_file(pipe, flags))
    assert reason(machine.read_file(path)) is Reason.NOT_A_FILE


def test_devices_sockets_and_folders_are_no_files(machine: PosixMachine, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        assert reason(machine.read_file(path)) is Reason.NOT_A_FILE
    assert reason(machine.read_file("/dev/zero")) is Reason.NOT_A_FILE
    assert reason(machine.read_file(str(tmp_path))) is Reason.NOT_A_FILE


def test_a_device_is_never_opened(machine: PosixMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(os, "open", lambda path, flags: opened.append(path))
    machine.read_file("/dev/null")
    assert opened == []


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_a_file_that_does_not_know_its_size_is_read_up_to_the_limit(machine: PosixMachine) -> None:
    read = content(machine.read_file("/proc/self/maps", limit=64))
    assert (len(read.data), read.offset, read.whole) == (64, 0, False)
    short = content(machine.read_file("/proc/self/comm"))
    assert short.data
    assert short.whole


def test_an_endless_file_is_read_up_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pread", lambda descriptor, count, offset: bytes(count))
    read = content(posix_files.read_file(write(tmp_path, "endless", b""), 1000))
    assert (len(read.data), read.whole) == (1000, False)


def test_a_folder_has_no_size(machine: PosixMachine, tmp_path: Path) -> None:
    info = machine.file_info(str(tmp_path))
    assert isinstance(info, FileInfo)
    assert (info.is_folder, info.size) == (True, None)


@pytest.mark.parametrize("path", ["/どこにも/ない", "/etc/passwd/below-a-file"])
def test_what_is_not_there_is_absent(machine: PosixMachine, path: str) -> None:
    assert machine.read_file(path) == Absent(path)
    assert machine.file_info(path) == Absent(path)


@pytest.mark.parametrize("path", [r"C:\Program Files\agent.ini", "relative", ""])
def test_a_path_of_another_platform_is_unsupported(machine: PosixMachine, path: str) -> None:
    assert reason(machine.read_file(path)) is Reason.UNSUPPORTED
    assert reason(machine.find_files(path)) is Reason.UNSUPPORTED


@pytest.mark.parametrize("path", ["/tmp/a\0b", "/tmp/\udc80\ud800"])
def test_a_path_that_cannot_be_is_malformed(machine: PosixMachine, path: str) -> None:
    assert reason(machine.read_file(path)) is Reason.MALFORMED
    assert reason(machine.file_info(path)) is Reason.MALFORMED


def failing(number: int) -> Callable[..., object]:
    def fail(*_: object, **__: object) -> object:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_file_that_may_not_be_opened_is_denied(
    machine: PosixMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "secret", b"x")
    monkeypatch.setattr(os, "open", failing(errno.EACCES))
    assert machine.read_file(path) == Unseen(Reason.DENIED, path, os.strerror(errno.EACCES))


def test_a_failing_disk_is_not_an_absent_file(
    machine: PosixMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "bad", b"x")
    monkeypatch.setattr(os, "pread", failing(errno.EIO))
    assert reason(machine.read_file(path)) is Reason.FAILED


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_the_permissions_of_a_real_file_are_respected(machine: PosixMachine, tmp_path: Path) -> None:
    path = write(tmp_path, "secret", b"x")
    Path(path).chmod(0)
    assert reason(machine.read_file(path)) is Reason.DENIED


# Search


def names(answer: tuple[FileInfo, ...] | Unseen) -> list[str]:
    assert isinstance(answer, tuple), answer
    return [Path(info.path).name for info in answer]


def test_a_glob_works_in_every_component_and_is_sorted(machine: PosixMachine, tmp_path: Path) -> None:
    for name in ["b/更新.log", "a/更新.log", "a/other.txt", "更新.log"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"12")
    found = machine.find_files(f"{tmp_path}/?/*.log")
    assert isinstance(found, tuple)
    assert [info.path for info in found] == [f"{tmp_path}/a/更新.log", f"{tmp_path}/b/更新.log"]
    assert found[0].size == 2
    assert found[0].modified is not None


def test_a_search_gives_regular_files_only_and_knows_case(machine: PosixMachine, tmp_path: Path) -> None:
    (tmp_path / "folder.log").mkdir()
    os.mkfifo(tmp_path / "pipe.log")
    (tmp_path / "dangling.log").symlink_to(tmp_path / "nowhere")
    write(tmp_path, "real.log", b"")
    write(tmp_path, "other.LOG", b"")
    write(tmp_path, ".hidden.log", b"")
    assert names(machine.find_files(f"{tmp_path}/*.log")) == [".hidden.log", "real.log"]


def test_a_pipe_in_the_place_of_a_log_is_not_taken_for_a_missing_one(machine: PosixMachine, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "更新.log")
    found = machine.find_files(f"{tmp_path}/*.log")
    assert isinstance(found, Unseen)
    assert found.reason is Reason.NOT_A_FILE


def test_a_pattern_without_wildcards_finds_the_one_file(machine: PosixMachine, tmp_path: Path) -> None:
    assert names(machine.find_files(write(tmp_path, "one.ini", b""))) == ["one.ini"]
    assert machine.find_files(f"{tmp_path}/none.ini") == ()
    assert machine.find_files(f"{tmp_path}/no-folder/*.ini") == ()


def test_a_ring_of_links_ends(machine: PosixMachine, tmp_path: Path) -> None:
    (tmp_path / "ring").symlink_to(tmp_path)
    write(tmp_path, "a.log", b"")
    assert names(machine.find_files(f"{tmp_path}/*/*/*/*.log")) == ["a.log"]


def test_a_search_through_too_many_entries_is_unseen_and_not_cut(
    machine: PosixMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_search, "MOST_ENTRIES", 3)
    for number in range(4):
        write(tmp_path, f"{number}.log", b"")
    assert reason(machine.find_files(f"{tmp_path}/*.log")) is Reason.FAILED


def test_a_folder_that_may_not_be_listed_counts_only_when_nothing_else_was_found(
    machine: PosixMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ["closed", "open"]:
        (tmp_path / name).mkdir()
        write(tmp_path / name, "a.log", b"")
    list_folder = os.scandir

    def scandir(path: str) -> object:
        return failing(errno.EACCES)() if "closed" in path else list_folder(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert names(machine.find_files(f"{tmp_path}/*/*.log")) == ["a.log"]
    assert reason(machine.find_files(f"{tmp_path}/closed/*.log")) is Reason.DENIED
    assert reason(machine.find_files(f"{tmp_path}/*/*.none")) is Reason.DENIED


@pytest.mark.parametrize("pattern", ["/", "/" + "a/" * 500])
def test_a_pattern_that_names_no_file_is_malformed(machine: PosixMachine, pattern: str) -> None:
    assert reason(machine.find_files(pattern)) is Reason.MALFORMED


# Opened for collecting


def opened(answer: FileReader | Absent | Unseen) -> FileReader:
    assert not isinstance(answer, Absent | Unseen), answer
    return answer


def link_in(answer: object) -> str:
    assert isinstance(answer, LinkRefused), answer
    assert answer.reason is Reason.NOT_A_FILE
    return answer.detail


def test_an_open_file_is_read_at_any_place(machine: PosixMachine, tmp_path: Path) -> None:
    path = write(tmp_path, "更新\nログ.log", b"0123456789")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    with opened(machine.open_file(path)) as reader:
        assert (reader.size, reader.held) == (10, (0, 10))
        assert reader.modified == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
        assert [reader.read(0, 4), reader.read(8, 100), reader.read(10, 1)] == [b"0123", b"89", b""]
    reader.close()
    assert reason(reader.read(0, 1)) is Reason.FAILED


def test_a_name_that_is_no_text_is_opened(machine: PosixMachine, tmp_path: Path) -> None:
    path = write(tmp_path, "\udc83\udc8d\udc83O.log", b"CP932")
    with opened(machine.open_file(path)) as reader:
        assert reader.read(0, 10) == b"CP932"


def test_two_names_of_one_file_have_the_same_identity(machine: PosixMachine, tmp_path: Path) -> None:
    path = write(tmp_path, "a.log", b"")
    os.link(path, tmp_path / "b.log")
    write(tmp_path, "c.log", b"")
    a, b, c = (opened(machine.open_file(f"{tmp_path}/{name}.log")) for name in "abc")
    assert a.identity == b.identity != c.identity
    for reader in (a, b, c):
        reader.close()


def test_a_second_name_that_somebody_else_could_have_made_is_refused(machine: PosixMachine, tmp_path: Path) -> None:
    write(tmp_path, "secret", b"x")
    folder = tmp_path / "for everybody"
    folder.mkdir()
    folder.chmod(0o777)
    os.link(tmp_path / "secret", folder / "a.log")
    assert link_in(machine.open_file(f"{folder}/a.log")) == f"{folder}/a.log"
    (tmp_path / "secret").unlink()
    opened(machine.open_file(f"{folder}/a.log")).close()


def test_an_open_file_stays_the_one_that_it_was_when_it_is_turned_over(machine: PosixMachine, tmp_path: Path) -> None:
    path = write(tmp_path, "a.log", b"old")
    with opened(machine.open_file(path)) as reader:
        Path(path).rename(tmp_path / "a.1.log")
        write(tmp_path, "a.log", b"something new")
        assert (reader.read(0, 100), reader.size) == (b"old", 3)


def test_an_open_file_tells_when_it_has_shrunk_or_grown(machine: PosixMachine, tmp_path: Path) -> None:
    path = write(tmp_path, "a.log", b"a" * 1000)
    with opened(machine.open_file(path)) as reader:
        os.truncate(path, 300)
        assert reader.read(0, 1000) == b"a" * 300
        assert reader.read(300, 1000) == b""
        with Path(path).open("ab") as writer:
            writer.write(b"b" * 1000)
        assert (reader.size, reader.read(1000, 1)) == (1000, b"b")


def test_the_end_of_a_sparse_file_of_5_gb_is_read(machine: PosixMachine, tmp_path: Path) -> None:
    path = write(tmp_path, "sparse", b"")
    with Path(path).open("r+b") as writer:
        writer.seek(5 << 30)
        writer.write(b"end")
    with opened(machine.open_file(path)) as reader:
        assert (reader.size, reader.read(reader.size - 5, 100)) == ((5 << 30) + 3, b"\0\0end")


def test_what_is_no_file_is_not_opened(machine: PosixMachine, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for path in (f"{tmp_path}/pipe", f"{tmp_path}/socket", str(tmp_path), "/dev/zero", "/"):
            assert reason(machine.open_file(path)) is Reason.NOT_A_FILE, path


@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_what_takes_the_place_of_a_file_at_the_last_moment_is_not_opened(
    machine: PosixMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    write(tmp_path, "secret", b"x")
    path = write(tmp_path, "a.log", b"x")
    look = os.stat

    def stat_and_exchange(name: str, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> os.stat_result:
        status = look(name, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
        if name == "a.log":
            Path(path).unlink()
            if kind == "pipe":
                os.mkfifo(path)
            else:
                Path(path).symlink_to("secret")
        return status

    monkeypatch.setattr(os, "stat", stat_and_exchange)
    assert reason(machine.open_file(path)) is Reason.NOT_A_FILE


def test_a_name_that_is_a_link_is_refused_wherever_it_leads(machine: PosixMachine, tmp_path: Path) -> None:
    write(tmp_path, "a.log", b"x")
    for name, target in (("good", "a.log"), ("outside", "/etc/passwd"), ("nowhere", "none"), ("itself", "itself")):
        (tmp_path / name).symlink_to(target)
        assert link_in(machine.open_file(f"{tmp_path}/{name}")) == f"{tmp_path}/{name}"


def test_a_folder_that_is_a_link_is_passed_only_where_nobody_else_can_write(
    machine: PosixMachine, tmp_path: Path
) -> None:
    (tmp_path / "real" / "below").mkdir(parents=True)
    write(tmp_path / "real" / "below", "a.log", b"x")
    (tmp_path / "ours").mkdir(mode=0o755)
    (tmp_path / "ours" / "link").symlink_to("../real")
    (tmp_path / "ours" / "absolute").symlink_to(tmp_path / "real")
    for name in ("link", "absolute"):
        opened(machine.open_file(f"{tmp_path}/ours/{name}/below/a.log")).close()
    (tmp_path / "ours").chmod(0o777)
    for name in ("link", "absolute"):
        assert link_in(machine.open_file(f"{tmp_path}/ours/{name}/below/a.log")) == f"{tmp_path}/ours/{name}"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can give a link away")
def test_a_folder_that_is_somebody_elses_link_is_refused(machine: PosixMachine, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    write(tmp_path / "real", "a.log", b"x")
    (tmp_path / "link").symlink_to("real")
    opened(machine.open_file(f"{tmp_path}/link/a.log")).close()
    os.chown(tmp_path / "link", 65534, 65534, follow_symlinks=False)
    assert link_in(machine.open_file(f"{tmp_path}/link/a.log")) == f"{tmp_path}/link"


def test_a_ring_of_folders_is_refused(machine: PosixMachine, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    link_in(machine.open_file(f"{tmp_path}/a/x.log"))


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_an_endless_file_has_the_size_that_it_tells(machine: PosixMachine) -> None:
    with opened(machine.open_file("/proc/self/maps")) as reader:
        assert reader.size == 0


@pytest.mark.parametrize("path", ["/どこにも/ない", "/etc/passwd/below-a-file", "/etc/none"])
def test_no_file_to_open_is_absent(machine: PosixMachine, path: str) -> None:
    assert machine.open_file(path) == Absent(path)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (r"C:\a.log", Reason.UNSUPPORTED),
        ("relative", Reason.UNSUPPORTED),
        ("/tmp/a\0b", Reason.MALFORMED),
        ("/tmp/\ud800", Reason.MALFORMED),
    ],
)
def test_a_path_that_cannot_be_is_not_opened(machine: PosixMachine, path: str, why: Reason) -> None:
    assert reason(machine.open_file(path)) is why


def test_errors_of_opening_and_reading_are_answers(
    machine: PosixMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "a.log", b"x")
    with opened(machine.open_file(path)) as reader, monkeypatch.context() as patch:
        patch.setattr(reader, "_read_at", failing(errno.EIO))
        assert reader.read(0, 1) == Unseen(Reason.FAILED, path, os.strerror(errno.EIO))
        patch.setattr(reader, "_read_at", failing(errno.ENOENT))
        assert reason(reader.read(0, 1)) is Reason.FAILED
        patch.setattr(reader, "_read_at", failing(errno.EAGAIN))
        assert isinstance(reader.read(0, 1), LockedFile)
    monkeypatch.setattr(os, "open", failing(errno.EACCES))
    assert machine.open_file(path) == Unseen(Reason.DENIED, path, os.strerror(errno.EACCES))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_is_denied_what_is_not_theirs(tmp_path: Path) -> None:
    path = write(tmp_path, "secret.log", b"x")
    Path(path).chmod(0o600)
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        for folder in (tmp_path, *tmp_path.parents[:-2]):
            folder.chmod(0o755)
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        answer = posix_files.open_file(path)
        os.write(tell, str(answer.reason if isinstance(answer, Unseen) else answer).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(told, 100) == b"denied"
    os.close(told)
    os.close(tell)


def test_no_descriptor_is_left_open(machine: PosixMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    path = write(tmp_path, "a.log", b"x")
    (tmp_path / "link").symlink_to("a.log")
    os.mkfifo(tmp_path / "pipe")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for name in ("a.log", "link", "pipe", "none", "none/below", "link/below", "."):
        answer = machine.open_file(f"{tmp_path}/{name}")
        if not isinstance(answer, Absent | Unseen):
            answer.close()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", failing(errno.EIO))
        assert reason(machine.open_file(path)) is Reason.FAILED
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
