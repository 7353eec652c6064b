from __future__ import annotations

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.machine.values import Absent, Reason, Unseen
from diagnose.machine.windows_errors import code_of, not_readable, words
from diagnose.machine.windows_paths import literal_path

SYSTEM = r"C:\Windows\System32"


@pytest.mark.parametrize(
    ("path", "literal"),
    [
        (r"C:\Logs\更新 ログ.log", r"\\?\C:\Logs\更新 ログ.log"),
        ("c:/logs//a.log", r"\\?\C:\logs\a.log"),
        ("C:\\", "\\\\?\\C:\\"),
        (r"C:\Logs\.\a", r"\\?\C:\Logs\a"),
        (r"C:\Logs\con", r"\\?\C:\Logs\con"),
        ("C:\\Logs\\end. ", "\\\\?\\C:\\Logs\\end"),
        ("\\\\?\\C:\\Logs\\end. ", "\\\\?\\C:\\Logs\\end. "),
        (r"\\server\share\a", r"\\?\UNC\server\share\a"),
        (r"\\?\C:\a", r"\\?\C:\a"),
        (r"\\?\UNC\server\share\a", r"\\?\UNC\server\share\a"),
    ],
)
def test_a_path_is_taken_literally(path: str, literal: str) -> None:
    assert literal_path(path) == literal


@pytest.mark.parametrize(
    "path", ["", "a.log", r"\a", "C:a", r"C:\a\..\b", r"\\.\pipe\x", r"C:\a:stream", "C:\\a\0", "/a"]
)
def test_what_names_no_file_has_no_literal_path(path: str) -> None:
    assert literal_path(path) is None


@given(st.text(), st.none() | st.text())
def test_no_text_breaks_it_and_every_path_is_literal(path: str, system_folder: str | None) -> None:
    literal = literal_path(path, system_folder)
    assert literal is None or literal.startswith("\\\\?\\")
    assert literal is None or ".." not in literal.split("\\")


def test_a_32_bit_process_looks_behind_the_folder_that_it_is_shown() -> None:
    assert (
        literal_path(r"c:\WINDOWS\system32\drivers\etc\hosts", SYSTEM) == r"\\?\C:\Windows\Sysnative\drivers\etc\hosts"
    )
    assert literal_path(SYSTEM, SYSTEM) == r"\\?\C:\Windows\Sysnative"
    assert literal_path(r"C:\Windows\System32x\a", SYSTEM) == r"\\?\C:\Windows\System32x\a"
    assert literal_path(r"C:\Windows\SysWOW64\a", SYSTEM) == r"\\?\C:\Windows\SysWOW64\a"
    assert literal_path(r"\\C\Windows\System32\a", SYSTEM) == r"\\?\UNC\C\Windows\System32\a"


class SystemCallError(OSError):
    """As Windows raises it; elsewhere `winerror` is not an argument."""

    def __init__(self, winerror: int, number: int, text: str) -> None:
        super().__init__(number, text)
        self.winerror = winerror


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (5, Reason.DENIED),
        (32, Reason.DENIED),
        (33, Reason.DENIED),
        (123, Reason.MALFORMED),
        (121, Reason.TIMED_OUT),
        (50, Reason.UNSUPPORTED),
        (53, Reason.FAILED),
    ],
)
def test_what_an_error_of_windows_means(number: int, reason: Reason) -> None:
    error = SystemCallError(number, errno.EINVAL, "アクセスが\r\n拒否されました。")
    assert not_readable("C:\\a", error) == Unseen(reason, "C:\\a", f"アクセスが 拒否されました。 ({number})")


@pytest.mark.parametrize("number", [2, 3])
def test_what_is_not_there_is_absent(number: int) -> None:
    assert not_readable("C:\\a", SystemCallError(number, errno.ENOENT, "")) == Absent("C:\\a")


def test_an_error_of_the_c_runtime_has_no_number_of_windows() -> None:
    assert code_of(PermissionError(errno.EACCES, "Permission denied")) == 5
    assert code_of(SystemCallError(0, errno.EINVAL, "")) == 0
    assert words(OSError("odd\nwords")) == "odd words"
    assert len(words(SystemCallError(5, 0, "a" * 500))) == 204
