"""The portable program as people start it: from a stick, a share, a script, a service without a window."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

import pytest

from diagnose import __version__
from tests.windows.program import ZIP
from tests.windows.wine import Drive, Program, Windows, open_windows

PROJECT = Path(__file__).parents[2]
RECORDING = PROJECT / "tests" / "scenarios" / "apex-one" / "scope-blocks-programs" / "machine"
STICK, SHARE, WORK, CASE = (
    PureWindowsPath("E:\\"),
    PureWindowsPath(r"\\server\道具"),
    r"\\server\work",
    r"\\server\case",
)


@pytest.fixture(scope="module")
def anywhere(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    """A Windows with the program on a write-protected stick, on a share that is read-only, and in its own folder."""
    unpacked = program.layer_of(program.folder.parent)
    drives = [
        Drive(unpacked, "e:", removable=True),
        Drive(unpacked, str(SHARE)),
        Drive(RECORDING, CASE),
        Drive(tmp_path_factory.mktemp("work"), WORK, writable=True),
    ]
    with open_windows(program=program, drives=drives) as windows:
        yield windows


@pytest.mark.parametrize("place", [STICK, SHARE, None], ids=["stick", "share", "folder"])
@pytest.mark.parametrize("launcher", ["diagnose.exe", "diagnose.cmd"])
def test_it_runs_from_a_place_that_it_cannot_write_to(
    anywhere: Windows, program: Program, place: PureWindowsPath | None, launcher: str
) -> None:
    folder = place / program.folder.name if place else program.folder
    argv: list[str | PureWindowsPath] = [
        folder / launcher,
        "run",
        "apex-one",
        "--machine",
        CASE,
        "--no-input",
        "--lang",
        "ja",
        "--format",
        "json",
    ]
    done = anywhere.run([*argv, "--answer", "license_status=active"])
    result = json.loads(done.stdout.decode("utf-8"))
    assert (done.returncode, result["primary_cause"]) == (1, "update-scope-excludes-program"), done.stderr.decode()
    assert result["causes"][0]["title"]["ja"] in json.dumps(result, ensure_ascii=False)


def test_from_its_own_folder_it_writes_nothing_beside_itself(anywhere: Windows, program: Program) -> None:
    before = anywhere.snapshot()
    for launcher in ("diagnose.exe", "diagnose.cmd"):
        anywhere.run(
            [program.folder / launcher, "run", "apex-one", "--machine", CASE, "--no-input", "--format", "html"]
        )
    assert before.differences(anywhere.snapshot()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--version"], 0, f"diagnose {__version__}"),
        (["flows", "--lang", "ja"], 0, "エージェントのアップグレードが完了しない"),
        (["products", "--lang", "en"], 0, "Trend Micro Apex One"),
        (["rules", "lint", "--lang", "ja"], 0, "問題はありません"),
        (["--lang", "ja"], 2, "端末"),
        (["run", "無い製品", "--lang", "ja"], 2, "無い製品"),
        (["run", "apex-one", "--machine", r"C:\無い", "--lang", "en"], 2, r"C:\無い"),
        (["run", "apex-one", "--answers", r"C:\windows\win.ini"], 2, "win.ini"),
    ],
)
@pytest.mark.parametrize("launcher", ["diagnose.exe", "diagnose.cmd"])
def test_exit_codes_and_words_pass_through_the_launchers(
    anywhere: Windows, program: Program, launcher: str, arguments: list[str], code: int, said: str
) -> None:
    done = anywhere.run([program.folder / launcher, *arguments])
    assert done.returncode == code, done.stderr.decode()
    assert said in (done.stderr if code else done.stdout).decode("utf-8")
    assert b"Traceback" not in done.stderr


def test_an_english_windows_prints_japanese_as_well(program: Program) -> None:
    with open_windows(program=program, locale="C.UTF-8") as english:
        done = english.run([program.folder / "diagnose.exe", "flows", "--lang", "ja"])
        assert "コンピュータの状態の確認" in done.stdout.decode("utf-8")
        assert b"Health of this computer" in english.run([program.folder / "diagnose.exe", "flows"]).stdout


def test_a_run_without_a_window_is_saved_for_the_account_that_runs_it(anywhere: Windows, program: Program) -> None:
    """As an RMM tool starts it: no console, no input, nobody reads what it says."""
    code = """
import subprocess, sys
detached = 0x00000008
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                      creationflags=detached, timeout=180)
sys.exit(done.returncode)
"""
    argv = [str(program.folder / "diagnose.exe"), "run", "machine/health", "--lang", "ja", "--only", "disk"]
    done = anywhere.python(code, *argv)
    assert done.returncode in (0, 1, 3), done.stderr.decode()
    runs = anywhere.path(r"C:\users\山田\AppData\Local\diagnose\runs")
    (run,) = runs.iterdir()
    assert {"result.json", "report.html", "machine"} == {path.name for path in run.iterdir()}


def test_the_output_may_be_on_a_share_in_a_deep_folder_with_a_long_name(anywhere: Windows, program: Program) -> None:
    output = WORK + "\\" + "\\".join(["とても深い フォルダー" * 4] * 6) + "\\結果"
    argv: list[str | PureWindowsPath] = [
        program.folder / "diagnose.exe",
        "run",
        "machine/health",
        "--only",
        "disk",
        "--no-input",
        "--output",
        output,
    ]
    done = anywhere.run(argv)
    assert done.returncode in (0, 1, 3), done.stderr.decode()
    assert (anywhere.path(output) / "result.json").is_file()


def test_a_reader_that_goes_away_is_no_error(anywhere: Windows, program: Program) -> None:
    code = """
import subprocess, sys
with subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
    process.stdout.close()
    print(process.wait(60), len(process.stderr.read()))
"""
    argv = [str(program.folder / "diagnose.exe"), "rules", "schema", "flow"]
    done = anywhere.python(code, *argv)
    assert done.stdout.split() == [b"0", b"0"], done.stderr.decode()


def test_the_processes_that_redact_start_answer_and_end(anywhere: Windows, program: Program) -> None:
    code = """
from diagnose.redaction.names import Names
from diagnose.redaction.worker import Task
from diagnose.redaction.workers import Workers
text = "山田太郎 on PC-TYO-7\\n".encode() * 40_000
names = Names(users=frozenset({"山田太郎"}), hosts=frozenset({"PC-TYO-7"}))
with Workers(Task(names, b"k" * 32), 2) as workers:
    answers = [workers.submit(text, 0, len(text)).result() for _ in range(4)]
    processes = [worker._process for worker in workers._workers]
print(len({made for _, made in answers}), sum(notes.counts[0] for notes, _ in answers), "PC" in str(answers))
print(all(process is None or process.poll() is not None for process in processes))
"""
    done = anywhere.python(code)
    assert done.stdout.split() == [b"1", b"160000", b"False", b"True"], done.stderr.decode()


def test_screens_have_all_that_they_import_even_in_a_crash(anywhere: Windows) -> None:
    done = anywhere.python(Path(__file__).with_name("screens.py"))
    worked = ["widgets", "driver", "dialog", "palette", "help", "drawn", "crash", "highlight"]
    report = done.stderr.decode("utf-8")
    assert (done.returncode, done.stdout.decode().split()) == (0, worked), report
    assert "ZeroDivisionError: Broken" in report
    assert "Error while" not in report and "ModuleNotFoundError" not in report


def test_nothing_of_the_computer_leaks_into_the_interpreter(anywhere: Windows, program: Program) -> None:
    anywhere.write_file(r"C:\planted\diagnose\__init__.py", b"raise SystemExit(99)")
    anywhere.write_file(r"C:\planted\json.py", b"raise SystemExit(99)")
    hostile = {
        "PYTHONPATH": r"C:\planted",
        "PYTHONHOME": r"C:\planted",
        "PYTHONSTARTUP": "x",
        "PYTHONIOENCODING": "cp932",
    }
    done = anywhere.run([program.folder / "diagnose.exe", "flows", "--lang", "ja"], env=hostile, cwd=r"C:\planted")
    assert done.returncode == 0, done.stderr.decode()
    assert "エージェント" in done.stdout.decode("utf-8")


def test_without_the_rest_of_the_zip_it_says_what_to_do(anywhere: Windows, program: Program) -> None:
    for name in ("diagnose.exe", "diagnose.cmd"):
        anywhere.write_file(rf"C:\一部だけ\{name}", (program.layer_of(program.folder) / name).read_bytes())
        done = anywhere.run([rf"C:\一部だけ\{name}", "--version"])
        assert done.returncode == 2
        assert b"Extract the whole zip first" in done.stderr


def test_two_builds_are_the_same_bytes(program: Program, tmp_path: Path) -> None:
    argv = [sys.executable, "packaging/windows/build.py", "--output", str(tmp_path)]
    done = subprocess.run(argv, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / ZIP.name).read_bytes() == ZIP.read_bytes(), "an old zip? ./do portable builds it"
    assert ZIP.stat().st_size < 20_000_000
