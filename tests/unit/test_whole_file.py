from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from diagnose.whole_file import write_whole_file


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_written_whole_for_its_owner_only_and_replaces_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "結果.json"
    for content in (b"1", b"", "二".encode() * 100_000):
        write_whole_file(file, content)
        assert file.read_bytes() == content
        assert mode(file) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["結果.json"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    file = tmp_path / "結果.json"
    write_whole_file(file, b"old")

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(type(error)):
        write_whole_file(file, b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["結果.json"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "結果.json"
    write_whole_file(file, b"old")
    monkeypatch.setattr("os.fdopen", lambda handle, how: open("/dev/full", how, closefd=True))  # noqa: PTH123, SIM115
    with pytest.raises(OSError, match="No space"):
        write_whole_file(file, b"new" * 100_000)
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["結果.json"]


def scanner(monkeypatch: pytest.MonkeyPatch, looks: int) -> list[float]:
    """A Windows where the file is open for somebody else at the first `looks` attempts; gives the pauses made."""
    pauses: list[float] = []
    replace = Path.replace

    def held(source: Path, target: Path) -> Path:
        if len(pauses) < looks:
            raise PermissionError(13, "sharing violation")
        return replace(source, target)

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


def test_a_scanner_that_looks_at_the_file_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = scanner(monkeypatch, 3)
    write_whole_file(tmp_path / "結果.json", b"new")
    assert (tmp_path / "結果.json").read_bytes() == b"new"
    assert len(pauses) == 3


def test_a_file_that_nobody_lets_go_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = scanner(monkeypatch, 100)
    with pytest.raises(PermissionError):
        write_whole_file(tmp_path / "結果.json", b"new")
    assert 1 < sum(pauses) < 2
    assert not list(tmp_path.iterdir())
