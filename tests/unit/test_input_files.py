from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diagnose.errors import InputError, Place
from diagnose.input_files import folder_entries, is_folder, is_link, is_there, read_input, real_path
from diagnose.text import Language

QUESTIONS = (is_there, is_folder, is_link, folder_entries, lambda path: read_input(path, 9))
POSIX = pytest.mark.skipif(os.name == "nt", reason="pipes and links need a POSIX file system")


def refused(ask: Callable[[Path], object], path: Path) -> tuple[str, str]:
    """Message id and English words; the place is always the path."""
    with pytest.raises(InputError) as caught:
        ask(path)
    (problem,) = caught.value.problems
    assert problem.place == Place(str(path))
    assert problem.message.in_language(Language.JA) != problem.message.in_language(Language.EN)
    return problem.message.id, problem.message.in_language(Language.EN)


def closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run as root, who may read everything: so the system says no to everybody."""

    def no(*args: Any, **kwargs: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", no)
    monkeypatch.setattr(Path, "stat", no)
    monkeypatch.setattr(Path, "iterdir", no)


def test_a_file_up_to_the_limit_is_read_and_a_longer_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "記録.yaml"
    file.write_bytes(b"12345")
    assert read_input(file, 5) == b"12345"
    assert refused(lambda path: read_input(path, 4), file) == (
        "file-too-large",
        "this file is too large (limit 4 bytes)",
    )


def test_a_missing_file_and_a_missing_folder_are_told(tmp_path: Path) -> None:
    missing = tmp_path / "ない" / "file"
    assert refused(lambda path: read_input(path, 9), missing)[0] == "file-not-found"
    assert refused(folder_entries, missing)[0] == "folder-not-found"
    assert not is_there(missing)
    assert not is_folder(missing)


def test_a_folder_is_no_file_and_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.touch()
    assert refused(lambda path: read_input(path, 9), tmp_path)[0] == "file-not-regular"
    assert refused(folder_entries, file)[0] == "folder-unreadable"
    assert is_folder(tmp_path)
    assert not is_folder(file)
    assert not is_there(file / "below")


def test_entries_are_sorted_and_only_an_empty_folder_has_none(tmp_path: Path) -> None:
    for name in ("い", "b", "A", ".x"):
        (tmp_path / name).mkdir()
    assert [entry.name for entry in folder_entries(tmp_path)] == [".x", "A", "b", "い"]
    assert folder_entries(tmp_path / "b") == ()


@POSIX
def test_a_pipe_that_nobody_writes_to_does_not_hang(tmp_path: Path) -> None:
    pipe = tmp_path / "管"
    os.mkfifo(pipe)
    assert refused(lambda path: read_input(path, 9), pipe)[0] == "file-not-regular"
    assert is_there(pipe)
    assert not is_folder(pipe)


@POSIX
def test_a_pipe_that_takes_the_place_of_a_file_does_not_hang_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe, file = tmp_path / "pipe", tmp_path / "file"
    os.mkfifo(pipe)
    file.touch()
    before = file.stat()
    monkeypatch.setattr(Path, "stat", lambda self, **_: before)
    assert refused(lambda path: read_input(path, 9), pipe)[0] == "file-not-regular"


@POSIX
def test_a_device_without_end_is_not_read() -> None:
    assert refused(lambda path: read_input(path, 9), Path("/dev/zero"))[0] == "file-not-regular"


@POSIX
def test_a_link_to_nowhere_is_there_but_holds_nothing(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("gone")
    assert is_there(link)
    assert is_link(link)
    assert not is_folder(link)
    assert refused(lambda path: read_input(path, 9), link)[0] == "file-not-found"


@POSIX
@pytest.mark.parametrize("ask", [is_folder, folder_entries, lambda path: read_input(path, 9)])
def test_a_loop_of_links_is_told(tmp_path: Path, ask: Callable[[Path], object]) -> None:
    loop = tmp_path / "輪"
    loop.symlink_to(loop)
    assert is_there(loop)
    assert refused(ask, loop)[0] in {"file-unreadable", "folder-unreadable"}


@POSIX
@pytest.mark.parametrize("error", [RuntimeError("Symlink loop"), OSError(40, "Too many levels"), ValueError("NUL")])
def test_a_path_that_cannot_be_followed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    assert real_path(tmp_path / "a" / "..") == tmp_path.resolve()

    def fail(self: Path, strict: bool = False) -> Path:
        raise error

    monkeypatch.setattr(Path, "resolve", fail)
    assert refused(real_path, tmp_path)[0] == "file-unreadable"


@POSIX
@pytest.mark.parametrize("ask", QUESTIONS)
@pytest.mark.parametrize("name", ["あ" * 300, "a\0b", "\ud800"], ids=["too long", "NUL", "surrogate"])
def test_a_name_that_no_file_can_have_is_told(ask: Callable[[Path], object], name: str, tmp_path: Path) -> None:
    assert refused(ask, tmp_path / name)[0] in {"file-unreadable", "folder-unreadable"}


@pytest.mark.parametrize("ask", QUESTIONS)
def test_what_we_may_not_look_at_is_told_and_is_not_missing(
    ask: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(monkeypatch)
    id_, words = refused(ask, tmp_path)
    assert id_ in {"file-unreadable", "folder-unreadable"}
    assert "Permission denied" in words


def test_a_file_that_we_may_see_but_not_open_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "秘密"
    file.touch()

    def no(*args: Any, **kwargs: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", no)
    assert refused(lambda path: read_input(path, 9), file) == (
        "file-unreadable",
        "cannot read this file: Permission denied",
    )
