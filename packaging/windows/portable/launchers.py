"""The two ways to start the program: diagnose.exe, and diagnose.cmd for places that run signed programs only."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from portable.problems import BuildError, SetupError

SOURCES = Path(__file__).resolve().parent.parent / "launcher"
_TOOLS = "x86_64-w64-mingw32-"
_TIMEOUT_S = 120
_COMPILER_OPTIONS = (
    *("-Os", "-s", "-municode", "-static", "-std=c11", "-Wall", "-Wextra", "-Werror", "-D_WIN32_WINNT=0x0602"),
    "-Wl,--dynamicbase,--nxcompat,--high-entropy-va,--no-insert-timestamp",
)

_COMMAND = r"""
@echo off
setlocal
set "ERRORLEVEL="
if not exist "%~dp0runtime\python.exe" goto incomplete
"%~dp0runtime\python.exe" -I -B -X utf8 -m diagnose %*
exit /b %ERRORLEVEL%
:incomplete
>&2 echo diagnose: the folder "runtime" beside diagnose.cmd is missing. Extract the whole zip first.
"%SystemRoot%\System32\chcp.com" | "%SystemRoot%\System32\find.exe" "932" >nul
if not errorlevel 1 >&2 echo zip をすべて展開してから、展開したフォルダーの diagnose.cmd を起動してください。
exit /b 2
"""
"""A variable named ERRORLEVEL would hide the exit code. The Japanese line is shown in the code page of its bytes."""


def command_file() -> bytes:
    """diagnose.cmd."""
    return _COMMAND.lstrip().replace("\n", "\r\n").encode("cp932")


def resource_text(template: str, version: str) -> str:
    """The resource script with the version in it, as text and as four numbers: `1.2rc1` counts as 1,2,0,0."""
    numbers = re.match(r"\d+(\.\d+){0,3}", version)
    if numbers is None or not re.fullmatch(r"[0-9A-Za-z.+!-]+", version):
        raise BuildError(f"the version {version!r} does not begin with a number")
    parts = [*numbers[0].split("."), "0", "0", "0"][:4]
    if any(int(part) > 0xFFFF for part in parts):
        raise BuildError(f"the version {version!r} holds a number that Windows cannot store")
    return template.replace("@NUMBERS@", ",".join(parts)).replace("@VERSION@", version)


def compile_launcher(version: str, dll: str, longest_name: int) -> bytes:
    """diagnose.exe for the interpreter `dll`; no file of the folder has more than `longest_name` characters.

    Raises BuildError, SetupError when the compiler is not installed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in SOURCES.iterdir():
            (folder / source.name).write_bytes(source.read_bytes())
        script = folder / "diagnose.rc"
        script.write_text(resource_text(script.read_text(encoding="utf-8"), version), encoding="utf-8")
        _run(folder, "windres", "-c", "65001", "-O", "coff", "-o", "resource.o", script.name)
        defines = [f'-DPYTHON_DLL=L"{dll}"', f"-DLONGEST_NAME={longest_name}"]
        _run(folder, "gcc", *_COMPILER_OPTIONS, *defines, "-o", "diagnose.exe", "launcher.c", "resource.o")
        return (folder / "diagnose.exe").read_bytes()


def _run(folder: Path, tool: str, *arguments: str) -> None:
    command = [_TOOLS + tool, *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError:
        raise SetupError(f"{command[0]} is not installed; packages.txt lists what the build needs") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise BuildError(f"{command[0]} failed: {next((line for line in lines if 'error' in line), lines[0])}")
