"""`diagnose remote` as it is typed; every host is this computer, see `fake_ssh`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from diagnose.commands.remote_progress import RemoteProgress
from diagnose.remote.hosts import parse_host
from diagnose.remote.outcomes import HostRecord, Reason, State, Summary, totals
from diagnose.remote.page import index_content, render_index
from diagnose.remote.password import LONGEST
from diagnose.remote.summary import read_summary, render_summary, save_summary, summary_schema
from diagnose.remote.words import REASONS, STATE_WORDS
from diagnose.remote.work import Phase
from diagnose.text import Language
from tests.unit.command_line import Cli, Ran, isolated_cli
from tests.unit.remote_hosts import Clock, make_hosts
from tests.unit.sample_results import healthy
from tests.unit.test_report_html import Page

pytestmark = pytest.mark.skipif(os.name == "nt", reason="hosts are stood for by a POSIX shell")


@dataclass(frozen=True)
class Remote:
    cli: Cli
    folder: Path
    program: Path

    def __call__(self, *argv: str | Path, output: str = "out") -> Ran:
        own = ("--program", self.program, "--connect-timeout", "2", "--output", self.folder / output)
        return self.cli("remote", *own, *argv)

    def summary(self, output: str = "out") -> Summary:
        return read_summary(self.folder / output / "summary.json")


@pytest.fixture
def remote(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Remote]:
    hosts = make_hosts(tmp_path, healthy())
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for cli in isolated_cli(tmp_path, capsysbinary, monkeypatch):
        yield Remote(cli, tmp_path, hosts.programs[0].path)


def test_each_kind_of_ending_has_a_word_and_a_code_of_its_own(remote: Remote) -> None:
    codes = {
        "pc-1": remote("pc-1", "--answer", "act=good", output="1").code,
        "refused": remote("refused", output="2").code,
        "nologin": remote("nologin", output="3").code,
        "refused nologin": remote("refused", "nologin", output="4").code,
        "pc-1 refused": remote("pc-1", "refused", output="5").code,
    }
    assert codes == {"pc-1": 0, "refused": 4, "nologin": 5, "refused nologin": 5, "pc-1 refused": 4}


def test_the_summary_is_text_with_a_line_a_host_or_one_json_document(remote: Remote) -> None:
    told = remote("pc-1", "refused", "nologin")
    assert [line.split(":")[0] for line in told.out.splitlines()] == ["✓ pc-1", "⊘ refused", "※ nologin", "Hosts"]
    assert "Unreachable (the connection was refused" in told.out
    assert "Tool failed (signed in, but no command can be run there (This account" in told.out
    assert told.out.splitlines()[-1] == "Hosts: 3 (OK 1, Tool failed 1, Unreachable 1)"
    # The stub gives the same result again: what is asked here is the document alone.
    document = json.loads(remote("pc-1", "refused", "--format", "json", output="json").out)
    assert document["schema"] == "diagnose.remote/1"
    jsonschema.validate(document, summary_schema())
    japanese = remote("pc-1", "refused", "--lang", "ja", output="ja").out
    assert "✓ pc-1：問題なし" in japanese
    assert "⊘ refused：接続できず（接続が拒否されました" in japanese


def test_progress_names_the_host_in_every_line(remote: Remote) -> None:
    told = remote("pc-1", "refused")
    assert all(re.match(r"(pc-1|refused): |result saved: ", line) for line in told.lines)
    assert "pc-1: sending the program" in told.lines
    assert "pc-1: act: good" in told.lines


def test_the_output_folder_has_a_page_a_summary_and_a_folder_a_host(remote: Remote) -> None:
    remote("pc-1", "root@refused:22")
    out = remote.folder / "out"
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "missing.txt", "pc-1", "summary.json"]
    assert (out / "missing.txt").read_text() == "root@refused:22\n"
    page = Page((out / "index.html").read_text(encoding="utf-8"))
    assert "pc-1/report.html" in page.values_of("href")
    assert remote.summary().totals["hosts"] == 2


def test_the_missing_are_run_again_into_the_same_folder(remote: Remote) -> None:
    remote("pc-1", "closed")
    first = remote.summary()
    assert remote("--hosts", remote.folder / "out" / "missing.txt").code == 4
    again = remote.summary()
    assert [record.host for record in again.hosts] == ["pc-1", "closed"]
    assert again.hosts[0] == first.hosts[0]
    assert again.hosts[1].started != first.hosts[1].started


def test_nothing_is_done_before_all_that_was_typed_is_in_order(remote: Remote) -> None:
    (remote.folder / "mine").mkdir()
    (remote.folder / "mine" / "letter.txt").write_text("x")
    (remote.folder / "hosts.txt").write_text("pc-1\n-x\n")
    wrong: list[tuple[tuple[str | Path, ...], str]] = [
        ((), "no host is named"),
        (("pc 1",), "names no host"),
        (("--hosts", "hosts.txt"), "hosts.txt:2"),
        (("--hosts", "none.txt"), "no such file"),
        (("pc-1", "--flow", "clamav/nothing"), "clamav"),
        (("pc-1", "--flow", "clamv"), "clamav"),
        (("pc-1", "--flow", "clamav/definitions", "--only", "nothing"), "unknown step"),
        (("pc-1", "--flow", "clamav/definitions", "--answer", "x=1"), "x"),
        (("pc-1", "--program", "hosts.txt"), "no program"),
        (("pc-1", "--known-hosts", "none"), "no such file"),
        (("pc-1", "--identity", "none"), "no such file"),
        (("pc-1", "--password-fd", "999"), "descriptor 999"),
        (("pc-1", "--ask-password"), "no terminal"),
        (("pc-1", "--ask-password", "--password-fd", "0"), "cannot be combined"),
        (("pc-1", "--fit", "much"), "much"),
        (("pc-1", "--at-once", "0"), "--at-once"),
        (("pc-1", "--output", remote.folder / "mine"), "holds something else"),
    ]
    for argv, said in wrong:
        told = remote(*argv)
        assert (told.code, told.out) == (2, ""), argv
        assert said in told.err, argv
        assert "Traceback" not in told.err
    assert not (remote.folder / "hosts" / "pc-1.argv").exists()
    assert [path.name for path in (remote.folder / "mine").iterdir()] == ["letter.txt"]


def test_a_summary_that_is_none_of_ours_keeps_its_folder(remote: Remote) -> None:
    out = remote.folder / "out"
    out.mkdir()
    for text in ("{}", "[" * 5000, '{"schema": "diagnose.remote/9"}'):
        (out / "summary.json").write_text(text)
        told = remote("pc-1")
        assert (told.code, (out / "summary.json").read_text()) == (2, text)


def test_without_ssh_it_is_said_in_one_line(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(remote.folder / "nowhere"))
    told = remote("pc-1")
    assert (told.code, len(told.lines)) == (2, 1)
    assert "OpenSSH" in told.err


def test_answers_and_rules_travel_and_an_option_wins(remote: Remote) -> None:
    answers = remote.folder / "answers.yaml"
    answers.write_text("act: crash\nphone: 0123\nempty:\n", encoding="utf-8")
    assert remote("pc-1", "--answers", answers).code == 5
    assert remote("pc-1", "--answers", answers, "--answer", "act=good", "--rules", remote.cli.rules).code == 0


def test_a_password_that_is_too_long_for_a_descriptor_is_refused(remote: Remote) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"x" * (LONGEST + 50))
    os.close(writer)
    told = remote("pc-1", "--password-fd", str(reader))
    os.close(reader)
    assert told.code == 2
    assert "xxx" not in told.err


def test_this_program_can_be_saved_for_other_hosts(remote: Remote) -> None:
    told = remote.cli("remote", "--save-program", remote.folder / "own.zip")
    assert (told.code, told.out) == (0, "")
    assert remote.cli("remote", "refused", "--program", remote.folder / "own.zip").code == 4


def summary(*records: HostRecord, interrupted: bool = False) -> Summary:
    now = Clock().wall()
    return Summary(
        id="x",
        started=now,
        finished=now,
        tool_version="0",
        interrupted=interrupted,
        totals=totals(records),
        hosts=records,
    )


def record(host: str, reason: Reason | None = None, **changes: object) -> HostRecord:
    plain: dict[str, object] = {"host": host, "folder": None, "started": None, "duration_s": None}
    state = State.UNREACHABLE if reason is Reason.REFUSED else State.TOOL_FAILED
    return HostRecord(**{**plain, "state": state, "reason": reason, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("language", list(Language))
def test_the_page_says_nothing_is_well_where_somebody_is_missing(language: Language) -> None:
    page = index_content(summary(record("a", Reason.REFUSED), record("b", Reason.GARBAGE)), language)
    assert page.status.id.value == "unknown"
    words = [count.status.word for count in page.counts]
    assert words == [STATE_WORDS[state].in_language(language) for state in (State.TOOL_FAILED, State.UNREACHABLE)]


def test_the_page_shows_what_is_hostile_as_text_in_both_languages() -> None:
    evil = "<script>alert(1)</script>\x1b[2J\u202e"
    made = summary(record("pc", Reason.GARBAGE, detail=evil, left=evil), interrupted=True)
    document = render_index(made, Language.JA)
    assert "<script" not in document
    page = Page(document)
    assert page.open == []
    for language in Language:
        assert "<script>alert(1)</script>[U+001B][2J[U+202E]" in page.text[language]
    assert not [link for link in page.values_of("href") if not link.startswith("#")]


def test_every_reason_has_words_and_the_summary_survives_a_round_trip(tmp_path: Path) -> None:
    assert set(REASONS) == set(Reason)
    made = summary(*(record(f"pc-{number}", reason) for number, reason in enumerate(Reason)))
    save_summary(tmp_path, made)
    assert read_summary(tmp_path / "summary.json") == made
    assert json.loads(render_summary(made))["totals"]["hosts"] == len(Reason)


def test_of_many_hosts_the_ends_are_told_and_now_and_then_how_far_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    progress = RemoteProgress(Language.EN, 11, lambda: now[0])
    hosts = [parse_host(f"pc-{number}") for number in range(11)]
    for host in hosts:
        progress.phase(host, Phase.RUNNING)
        progress.said(host, "a step")
    assert capsys.readouterr().err == ""
    progress.finished(record("pc-0", Reason.REFUSED))
    now[0] = 6.0
    progress.phase(hosts[1], Phase.FETCHING)
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("pc-0: Unreachable (")
    assert told[1:] == ["1 of 11 hosts done, 10 at work"]


def test_what_a_host_says_cannot_draw_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    progress = RemoteProgress(Language.EN, 1)
    progress.said(parse_host("pc"), "\x1b[2J\u202e" + "x" * 1000)
    progress.finished(record("pc", Reason.GARBAGE, detail="\x1b[2J\n\n", left="/tmp/\x1b", bundle_problem="late"))
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert all(line.startswith("pc: ") and len(line) < 300 for line in told.splitlines())
    assert len(told.splitlines()) == 4
