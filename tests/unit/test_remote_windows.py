"""The way to a Windows, as far as a computer without one can go it: the stand-in for ssh does what the lines say."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from diagnose.remote.outcomes import Reason, State
from diagnose.remote.work import Phase
from tests.unit.remote_hosts import Heard, Hosts, make_hosts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="hosts are stood for by a POSIX shell")


@pytest.fixture
def hosts(tmp_path: Path) -> Hosts:
    return make_hosts(tmp_path)


def test_a_windows_is_known_by_its_server_and_left_as_it_was(hosts: Hosts) -> None:
    heard = Heard()
    record = hosts.one("windows-1", heard=heard)
    assert (record.state, record.left) == (State.DONE, "")
    assert (hosts.output / "windows-1" / "result.json").exists()
    assert hosts.left_on("windows-1") == []
    phases = [phase for _, phase in heard.phases]
    assert phases == [Phase.CONNECTING, Phase.SENDING, Phase.RUNNING, Phase.FETCHING, Phase.REMOVING]
    assert ("windows-1", "act: good") in heard.lines
    assert [kind for kind, *_ in hosts.calls("windows-1")] == ["ssh", "sftp", "ssh", "sftp", "ssh"]


@pytest.mark.parametrize(
    ("name", "act", "reason"),
    [
        ("windows-1", "crash", Reason.CRASHED),
        ("windows-1", "late", Reason.LATE),
        ("windows-1", "no-zip", Reason.INVALID_RESULT),
        ("windows-1", "other-order", Reason.OTHER_RUN),
        ("windows-huge", "good", Reason.TOO_LARGE),
    ],
)
def test_whatever_goes_wrong_the_folder_is_removed(hosts: Hosts, name: str, act: str, reason: Reason) -> None:
    record = hosts.one(name, act)
    assert (record.state, record.reason, record.left) == (State.TOOL_FAILED, reason, "")
    assert hosts.left_on(name) == []


def test_what_cannot_be_removed_is_told(hosts: Hosts) -> None:
    record = hosts.one("windows-locked")
    assert record.state is State.DONE
    assert [record.left] == hosts.left_on("windows-locked")


def test_a_windows_needs_its_own_program(hosts: Hosts) -> None:
    posix_only = tuple(program for program in hosts.programs if program.manifest is not None)
    (record,) = hosts.run(replace(hosts.plan("windows-1"), programs=posix_only)).hosts
    assert (record.state, record.reason, record.detail) == (State.TOOL_FAILED, Reason.NO_PROGRAM, "Windows")
    assert hosts.left_on("windows-1") == []


def test_a_program_that_hangs_is_given_up_and_removed(hosts: Hosts) -> None:
    plan = hosts.plan("windows-1", act="hang")
    plan = replace(plan, limits=replace(plan.limits, ways_s=1.5 - plan.order.deadline_s))
    (record,) = hosts.run(plan).hosts
    assert (record.state, record.reason, record.left) == (State.TOOL_FAILED, Reason.LATE, "")
