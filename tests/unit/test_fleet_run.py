from __future__ import annotations

import gzip
import io
import re
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.commands.fleet_progress import FleetLines, FleetTable
from diagnose.commands.fleet_run import FleetRunOptions, fleet_run
from diagnose.commands.remote import RemoteOptions
from diagnose.errors import InputError
from diagnose.fleet.ansible_events import LONGEST_LINE, AnsibleEvent, Ended, EventReader, Hosts, PhaseBegun, Stats
from diagnose.fleet.ansible_run import environment, find_ansible
from diagnose.fleet.linux_program import linux_program, packed, with_order
from diagnose.fleet.reasons import failure
from diagnose.message_catalogue.fleet_run import SENTENCES
from diagnose.remote.hosts import Host
from diagnose.remote.outcomes import HostRecord, Reason, State
from diagnose.remote.work import Phase
from diagnose.report.json_format import render_json
from diagnose.report.wrapping import cut_to, display_width
from diagnose.text import Language
from tests.unit.sample_results import failing

EVENTS: list[AnsibleEvent] = [
    Hosts(("pc-1", "日本")),
    PhaseBegun("pc-1", "sending", "/tmp/x"),
    Ended("pc-1", "failed", "late", "it \x1b[2J hangs", "pc-1"),
    Stats(),
]


def lines(events: list[AnsibleEvent]) -> bytes:
    return b"".join(msgspec.json.encode(event) + b"\n" for event in events)


@given(st.lists(st.integers(1, 40), max_size=30))
def test_events_come_whole_however_the_pipe_cuts_them(cuts: list[int]) -> None:
    reader, data, seen = EventReader(), lines(EVENTS), []
    for cut in cuts:
        seen += list(reader.feed(data[:cut]))
        data = data[cut:]
    assert [*seen, *reader.feed(data)] == EVENTS


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_what_is_no_event_is_passed_over(garbage: list[bytes]) -> None:
    reader = EventReader()
    for one in garbage:
        list(reader.feed(one))
    list(reader.feed(b"\n"))
    assert list(reader.feed(lines(EVENTS))) == EVENTS


def test_a_line_without_end_takes_no_room() -> None:
    reader = EventReader()
    for _ in range(40):
        assert list(reader.feed(b"x" * LONGEST_LINE)) == []
    assert len(reader._rest) <= LONGEST_LINE
    assert list(reader.feed(b"\n" + lines(EVENTS))) == EVENTS


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ("ssh: connect to host 10.0.0.1 port 22: Connection refused", Reason.REFUSED),
        ("ssh: connect to host 10.0.0.1 port 22: Connection timed out", Reason.TIMEOUT),
        ("Connection timed out during banner exchange", Reason.TIMEOUT),
        ("ssh: Could not resolve hostname pc-9: Name or service not known", Reason.NAME_NOT_RESOLVED),
        ("root@10.0.0.1: Permission denied (publickey).", Reason.DENIED),
        ("Host key verification failed.", Reason.HOST_KEY_UNKNOWN),
        ("basic: the specified credentials were rejected by the server", Reason.NOT_CONNECTED),
        ("", Reason.NOT_CONNECTED),
    ],
)
def test_a_host_that_lets_nobody_in_is_unreachable(detail: str, reason: Reason) -> None:
    said = f"Task failed: Failed to connect to the host via ssh: {detail}"
    error = failure(Ended("pc", "unreachable", detail=said), Phase.CONNECTING)
    assert (error.reason, error.state) == (reason, State.UNREACHABLE)
    assert "Task failed" not in error.detail


@pytest.mark.parametrize(
    ("event", "phase", "reason", "state"),
    [
        (Ended("pc", "unreachable", detail="Connection reset"), Phase.RUNNING, Reason.DROPPED, State.TOOL_FAILED),
        (Ended("pc", "failed", "late", "late"), Phase.RUNNING, Reason.LATE, State.TOOL_FAILED),
        (Ended("pc", "failed", "no-space", "full"), Phase.SENDING, Reason.NO_SPACE, State.TOOL_FAILED),
        (Ended("pc", "failed", "interrupted", ""), Phase.RUNNING, Reason.INTERRUPTED, State.NOT_RUN),
        (Ended("pc", "failed", "", "MODULE FAILURE"), Phase.SENDING, Reason.NO_ANSWER, State.TOOL_FAILED),
        (Ended("pc", "failed", "", "No module named 'winrm'"), None, Reason.NOT_CONNECTED, State.UNREACHABLE),
        (Ended("pc", "failed", "never heard of", "x"), Phase.RUNNING, Reason.NO_ANSWER, State.TOOL_FAILED),
    ],
)
def test_three_ways_of_having_no_result_are_told_apart(
    event: Ended, phase: Phase | None, reason: Reason, state: State
) -> None:
    error = failure(event, phase)
    assert (error.reason, error.state) == (reason, state)


def test_the_order_joins_the_program_in_one_file_for_its_owner(tmp_path: Path) -> None:
    program, both = tmp_path / "program.gz", tmp_path / "both.gz"
    program.write_bytes(packed([("start", b"#!/bin/sh\n", 0o700), ("a/b", b"x" * 1000, 0o600)]))
    with_order(program, b'{"secret": 1}', both)
    assert both.stat().st_mode & 0o777 == 0o600
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(both.read_bytes()))) as archive:
        assert archive.getnames() == ["start", "a/b", "order.json"]
        assert archive.getmember("start").mode == 0o700
        order = archive.extractfile("order.json")
        assert order is not None and order.read() == b'{"secret": 1}'
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    subprocess.run(f"gzip -dc {both} | tar -xof - -C {unpacked}", shell=True, check=True)
    assert (unpacked / "order.json").read_bytes() == b'{"secret": 1}'


def test_a_program_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr("diagnose.fleet.linux_program._make", lambda path: path.write_bytes(b"program"))
    first = linux_program(tmp_path / "cache", lambda: made.append(1))
    assert linux_program(tmp_path / "cache", lambda: made.append(2)) == first
    assert made == [1]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [first.name]


def test_a_program_that_could_not_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("diagnose.fleet.linux_program._make", fails)
    with pytest.raises(OSError, match="No space"):
        linux_program(tmp_path, lambda: None)
    assert list(tmp_path.iterdir()) == []


def record(host: str, state: State = State.UNREACHABLE, left: str = "") -> HostRecord:
    reason = Reason.REFUSED if state is State.UNREACHABLE else Reason.LATE
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return HostRecord(host=host, state=state, folder=None, started=now, duration_s=1, reason=reason, left=left)


def test_the_table_shows_who_is_at_work_and_lets_the_others_scroll_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    table = FleetTable(Language.JA, tmp_path, lambda: (60, 24), lambda: now[0])
    table.tick()
    assert capsys.readouterr().err == ""
    table.announced((Host("pc-1"), Host("サーバー２")))
    table.phase(Host("pc-1"), Phase.RUNNING)
    now[0] = 7
    table.phase(Host("サーバー２"), Phase.CONNECTING)
    drawn = capsys.readouterr().err
    assert "診断しています" in drawn and "2 台中 0 台が終わりました（実行中 2 台）" in drawn
    assert "     7 s" in drawn
    assert max(display_width(line) for line in drawn.replace("\x1b[2A\r\x1b[J", "").splitlines()) < 60
    table.finished(record("pc-1", left="/tmp/x"))
    after = capsys.readouterr().err
    assert after.startswith("\x1b[3A\r\x1b[J")
    assert "pc-1: 接続できず" in after and "/tmp/x" in after
    assert "2 台中 1 台が終わりました（実行中 1 台）  接続できず 1" in after


def test_a_hostile_name_draws_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = FleetTable(Language.EN, tmp_path, lambda: (60, 24))
    table.announced((Host("a\x1b[2Jb"),))
    table.phase(Host("a\x1b[2Jb"), Phase.RUNNING)
    assert "\x1b[2J" not in capsys.readouterr().err


def test_without_a_terminal_each_line_begins_with_its_host(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = FleetLines(Language.EN, tmp_path)
    shown.announced((Host("pc-1"),))
    shown.phase(Host("pc-1"), Phase.SENDING)
    shown.finished(record("pc-1", State.TOOL_FAILED))
    shown.stopping()
    err = capsys.readouterr().err.splitlines()
    assert err[0] == "pc-1: sending the program"
    assert err[1].startswith("pc-1: Tool failed (it did not end in its time")
    assert "\x1b" not in "".join(err)


@given(st.text(max_size=40), st.integers(0, 40))
def test_a_cut_text_fits(text: str, width: int) -> None:
    cut = cut_to(text, width)
    assert text.startswith(cut)
    assert display_width(cut) <= max(width, 2)


def test_without_ansible_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError) as refused:
        find_ansible()
    assert "diagnose[fleet-run]" in refused.value.problems[0].message.in_language(Language.EN)


def test_nothing_is_made_before_the_order_has_been_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("diagnose.commands.fleet_run.find_ansible", lambda: Path("/bin/false"))
    order = RemoteOptions(
        hosts=(), hosts_file=None, flow="clamav/no-such-flow", language=Language.EN, output=tmp_path / "out"
    )
    with pytest.raises(InputError):
        fleet_run(FleetRunOptions(order=order, inventories=("x",), limit=None, forks=1, more=()))
    assert not (tmp_path / "out").exists()


def test_a_word_behind_the_options_is_no_playbook_for_ansible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.commands.fleet_run.find_ansible", lambda: Path("/bin/false"))
    order = RemoteOptions(hosts=(), hosts_file=None, flow=None, language=Language.EN, output=None)
    with pytest.raises(InputError) as refused:
        fleet_run(FleetRunOptions(order=order, inventories=("x",), limit=None, forks=1, more=("other.yml",)))
    assert refused.value.problems[0].message.id == "extra-argument"


def test_what_the_operator_set_for_ansible_stays() -> None:
    mine = environment({"ANSIBLE_SSH_EXTRA_ARGS": "-v", "ANSIBLE_CONFIG": "/x", "LANG": "C"})
    assert (mine["ANSIBLE_SSH_EXTRA_ARGS"], mine["ANSIBLE_CONFIG"]) == ("-v", "/x")
    assert "ServerAliveInterval" in environment({})["ANSIBLE_SSH_EXTRA_ARGS"]


def test_every_sentence_takes_the_same_values_in_both_languages() -> None:
    for name, (ja, en) in SENTENCES.items():
        assert set(re.findall(r"\{(\w+)\}", ja)) == set(re.findall(r"\{(\w+)\}", en)), name


def test_results_are_looked_at_in_threads_only_when_their_types_are_known() -> None:
    # In a process of its own: the race is for the first value of a type.
    code = (
        "import sys, threading; sys.setswitchinterval(1e-6);"
        "from diagnose.remote.receiving import make_ready; from diagnose.report.json_format import parse_result;"
        "data = sys.stdin.buffer.read(); make_ready();"
        "threads = [threading.Thread(target=parse_result, args=(data, 'x')) for _ in range(4)];"
        "[one.start() for one in threads]; [one.join() for one in threads]"
    )
    ran = subprocess.run([sys.executable, "-c", code], input=render_json(failing()), capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
