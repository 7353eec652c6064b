"""What only a process of its own can show: streams that are closed, signals, imports, encodings."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.command_line import command, environment, process, write_machine, write_rules
from tests.unit.small_rules import FILES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and streams")


@pytest.fixture
def run_json(tmp_path: Path) -> list[str]:
    """The command line of a run over the small recorded PC that writes JSON."""
    rules, machine = write_rules(tmp_path / "規則"), write_machine(tmp_path / "機械")
    return command("run", "demo", "--rules", rules, "--machine", machine, "--format", "json", "--no-input")


@pytest.mark.parametrize(
    "variables",
    [
        {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "cp932"},
        {"PYTHONIOENCODING": "ascii"},
    ],
)
def test_json_is_utf8_whatever_the_locale_says(tmp_path: Path, run_json: list[str], variables: dict[str, str]) -> None:
    done = process([*run_json, "--lang", "ja"], tmp_path, **variables)
    assert json.loads(done.stdout.decode("utf-8"))["machine"]["hostname"] == "経理-01"
    assert done.returncode == 1
    assert "Traceback" not in done.stderr.decode("utf-8", "replace")


@pytest.mark.parametrize("closed", ["2>&-", "<&-", "<&- 2>&-"])
def test_a_closed_stream_does_not_disturb_the_document(tmp_path: Path, run_json: list[str], closed: str) -> None:
    done = process(["sh", "-c", f"exec {shlex.join(run_json)} {closed}"], tmp_path, LC_ALL="C")
    assert json.loads(done.stdout)["outcome"] == "fail"
    assert done.returncode == 1


def test_a_closed_stdout_is_no_bug_and_the_run_is_saved(tmp_path: Path, run_json: list[str]) -> None:
    done = process(["sh", "-c", f"exec {shlex.join([*run_json, '--output', 'out'])} >&-"], tmp_path)
    assert done.returncode == 1
    assert b"bug" not in done.stderr
    assert json.loads((tmp_path / "out" / "result.json").read_bytes())["outcome"] == "fail"


def test_a_reader_that_has_gone_is_no_error(tmp_path: Path, run_json: list[str]) -> None:
    for argv, code in ((run_json, 1), (command("flows"), 0), (command("rules", "schema", "flow"), 0)):
        reader, writer = os.pipe()
        os.close(reader)
        with subprocess.Popen(
            argv, env=environment(tmp_path), stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE
        ) as running:
            os.close(writer)
            _, said = running.communicate(timeout=20)
        assert b"Error" not in said, argv
        assert b"bug" not in said, argv
        assert running.returncode == code, argv


IMPORTED = """
import sys
from diagnose.__main__ import main
sys.argv = ["diagnose", *sys.argv[1:]]
code = main()
heavy = ("textual", "rich", "httpx", "dns", "OpenSSL", "jinja2", "psutil", "asyncio", "cryptography")
print(code, [name for name in heavy if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize(("argv", "code"), [([], 2), (["--help"], 0), (["flows"], 0), (["--version"], 0)])
def test_light_commands_import_nothing_heavy(tmp_path: Path, argv: list[str], code: int) -> None:
    done = process([sys.executable, "-c", IMPORTED, *argv], tmp_path)
    assert done.stderr.decode().splitlines()[-1] == f"{code} []"


LEFT = """
import sys, threading
from diagnose.__main__ import main
if sys.argv.pop(1) == "busy":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
main()
print("taken apart")
"""


@pytest.mark.parametrize(("threads", "apart"), [("busy", False), ("none", True)])
def test_threads_that_cannot_be_waited_for_end_with_the_process(tmp_path: Path, threads: str, apart: bool) -> None:
    done = process([sys.executable, "-c", LEFT, threads, "flows", "--lang", "en"], tmp_path)
    assert done.returncode == 0
    assert b"nifty-security24/upgrade" in done.stdout
    assert (b"taken apart" in done.stdout) is apart


def test_without_a_terminal_and_a_command_it_says_so(tmp_path: Path) -> None:
    for lang, word in (("ja", "端末"), ("en", "terminal")):
        done = process(command("--lang", lang), tmp_path)
        assert (done.returncode, done.stdout) == (2, b"")
        assert word in done.stderr.decode()
        assert done.stderr.count(b"\n") == 1


SLOW_PRODUCT = """\
id: slow
name: {ja: '遅い製品', en: 'Slow product'}
platforms: [linux, macos]
facts:
  slow.answer:
    title: {ja: '答え', en: 'Answer'}
    type: string
    sources: [{command: {argv: [sleep, '9']}}]
"""
SLOW_FLOW = """\
id: wait
title: {ja: '待つ', en: 'Wait'}
source: S
steps:
  - id: first
    title: {ja: '最初', en: 'First'}
    why: {ja: 'なぜ', en: 'Why'}
    check: disk
    decide:
      - {when: 'has(evidence.enough) || !has(evidence.enough)', then: unknown, because: {ja: '見た', en: 'Seen'}}
  - id: second
    title: {ja: '次', en: 'Second'}
    why: {ja: 'なぜ', en: 'Why'}
    check: disk
    decide:
      - {when: 'facts.slow.answer == "x"', then: {warn: disk-full}}
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_live_run_at_once_and_what_was_found_is_saved(tmp_path: Path, sent: signal.Signals) -> None:
    rules = write_rules(tmp_path / "規則", {**FILES, "slow/product.yaml": SLOW_PRODUCT, "slow/wait.yaml": SLOW_FLOW})
    out = tmp_path / "out"
    argv = command("run", "slow", "--rules", rules, "--output", out, "--no-input", "--format", "json", "--lang", "ja")
    with subprocess.Popen(
        argv,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Who starts the tests in the background of a shell leaves us with Ctrl+C ignored.
        preexec_fn=lambda: signal.signal(sent, signal.SIG_DFL),  # noqa: PLW1509 - no other thread is here
    ) as running:
        assert running.stderr is not None
        assert "最初" in running.stderr.readline().decode(), "the first step is judged"
        running.send_signal(sent)
        shown, said = running.communicate(timeout=6)
    assert running.returncode == 130
    saved = json.loads((out / "result.json").read_bytes())
    assert saved == json.loads(shown)
    assert saved["run"]["interrupted"] is True
    assert [step["status"] for step in saved["steps"]] == ["unknown", "not_checked"]
    assert {path.name for path in out.iterdir()} == {"result.json", "report.html", "machine"}
    assert "中断" in said.decode()
    assert "Traceback" not in said.decode()


def test_a_killed_run_keeps_what_it_had(tmp_path: Path) -> None:
    rules = write_rules(tmp_path / "規則", {**FILES, "slow/product.yaml": SLOW_PRODUCT, "slow/wait.yaml": SLOW_FLOW})
    out = tmp_path / "out"
    argv = command("run", "slow", "--rules", rules, "--output", out, "--no-input")
    with subprocess.Popen(
        argv, env=environment(tmp_path), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as running:
        assert running.stderr is not None
        running.stderr.readline()
        # The line about the second step comes after the first one was saved.
        assert "Second" in running.stderr.readline().decode()
        running.kill()
    saved = json.loads((out / "result.json").read_bytes())
    assert saved["run"]["interrupted"] is True
    assert [step["status"] for step in saved["steps"]] == ["unknown", "not_checked"]
    shown = process(command("report", out), tmp_path)
    assert (shown.returncode, shown.stderr) == (130, b"")
