from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from diagnose.remote.outcomes import Reason, State
from diagnose.remote.work import Phase
from diagnose.run.result import Outcome
from diagnose.run.store import open_result
from tests.unit.fake_ssh import REFUSALS
from tests.unit.remote_hosts import Heard, Hosts, make_hosts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="hosts are stood for by a POSIX shell")


@pytest.fixture
def hosts(tmp_path: Path) -> Hosts:
    return make_hosts(tmp_path)


def test_a_host_is_diagnosed_and_left_as_it_was(hosts: Hosts) -> None:
    heard = Heard()
    record = hosts.one("pc-1", heard=heard)
    assert (record.state, record.reason, record.left) == (State.DONE, None, "")
    assert record.verdict is not None
    assert record.verdict.outcome is Outcome.FAIL
    assert record.verdict.primary_cause is not None
    folder = hosts.output / "pc-1"
    assert open_result(folder).run.id == record.verdict.run
    assert (folder / "machine/machine.yaml").read_text() == "platform: linux\n"
    assert "<html" in (folder / "report.html").read_text(encoding="utf-8")
    assert hosts.left_on("pc-1") == []
    phases = [phase for _, phase in heard.phases]
    assert phases == [Phase.CONNECTING, Phase.SENDING, Phase.RUNNING, Phase.FETCHING]
    assert heard.lines == [("pc-1", "act: good")]


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_a_host_that_lets_nobody_in_is_unreachable(hosts: Hosts, name: str) -> None:
    record = hosts.one(name)
    assert (record.state, record.folder, record.left) == (State.UNREACHABLE, None, "")
    # The ssh of a jump host says what is wrong with that one.
    assert record.reason == Reason(name.removesuffix("-2").replace("jump-host", "host-key-unknown"))
    assert not (hosts.output / name / "result.json").exists()


def test_a_key_that_is_refused_is_shown_with_its_fingerprint(hosts: Hosts) -> None:
    assert hosts.one("host-key-unknown").detail == "ssh-ed25519 SHA256:abcdef"
    assert hosts.one("host-key-changed").detail == "ssh-ed25519 SHA256:012345"


@pytest.mark.parametrize(
    ("name", "act", "reason"),
    [
        ("nologin", "", Reason.NO_ANSWER),
        ("no-python", "", Reason.NO_PYTHON),
        ("floods", "", Reason.GARBAGE),
        ("floods-stderr", "", Reason.GARBAGE),
        ("floods-log", "", Reason.GARBAGE),
        ("drops", "hang", Reason.DROPPED),
        ("pc", "crash", Reason.CRASHED),
        ("pc", "late", Reason.LATE),
        ("pc", "other-order", Reason.OTHER_RUN),
        ("pc", "refused", Reason.REFUSED_ORDER),
        ("pc", "no-json", Reason.INVALID_RESULT),
        ("pc", "other-schema", Reason.INVALID_RESULT),
        ("pc", "no-result", Reason.INVALID_RESULT),
        ("pc", "no-zip", Reason.INVALID_RESULT),
        ("pc", "climbs", Reason.INVALID_RESULT),
        ("pc", "absolute", Reason.INVALID_RESULT),
        ("pc", "link", Reason.INVALID_RESULT),
        ("pc", "huge", Reason.TOO_LARGE),
    ],
)
def test_a_host_without_a_valid_result_is_a_failure_of_the_tool(
    hosts: Hosts, name: str, act: str, reason: Reason
) -> None:
    record = hosts.one(name, act)
    assert (record.state, record.reason) == (State.TOOL_FAILED, reason)
    assert record.verdict is None
    assert not (hosts.output / name / "result.json").exists()
    assert not (hosts.output.parent / "climbed").exists()
    assert _gone(hosts, name)


def _gone(hosts: Hosts, name: str) -> bool:
    """The supervisor of a lost connection is alone, and takes a moment."""
    deadline = time.monotonic() + 10
    while hosts.left_on(name) and time.monotonic() < deadline:
        time.sleep(0.02)
    return hosts.left_on(name) == []


def test_what_the_host_says_last_is_told(hosts: Hosts) -> None:
    assert hosts.one("pc", "crash").detail == "Traceback: nothing works here"
    assert hosts.one("nologin").detail == "This account is currently not available."


@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [("hangs", State.TOOL_FAILED, Reason.NO_ANSWER), ("hangs-before", State.UNREACHABLE, Reason.TIMEOUT)],
)
def test_a_host_that_hangs_is_given_up(hosts: Hosts, name: str, state: State, reason: Reason) -> None:
    record = hosts.one(name, enter_s=0.2)
    assert (record.state, record.reason) == (state, reason)


def test_a_program_that_hangs_ends_with_the_whole_time_and_is_removed(hosts: Hosts) -> None:
    plan = hosts.plan("pc", act="hang")
    plan = replace(plan, limits=replace(plan.limits, ways_s=1.5 - plan.order.deadline_s))
    (record,) = hosts.run(plan).hosts
    assert (record.state, record.reason, record.left) == (State.TOOL_FAILED, Reason.LATE, "")
    assert hosts.left_on("pc") == []


def test_a_shell_may_say_something_before(hosts: Hosts) -> None:
    assert hosts.one("noisy").state is State.DONE


def test_the_other_hosts_go_on(hosts: Hosts) -> None:
    names = ("refused", "pc-1", "floods", "nologin", "pc-2", "host-key-unknown")
    summary = hosts.run(hosts.plan(*names))
    # Both give the same result: one of them cannot be its own.
    states = {record.host: record.state for record in summary.hosts}
    assert list(states) == list(names)
    assert sorted((states["pc-1"], states["pc-2"])) == [State.DONE, State.TOOL_FAILED]
    assert summary.totals == {
        "hosts": 6, "fail": 1, "warn": 0, "unknown": 0, "pass": 0, "tool_failed": 3, "unreachable": 2, "not_run": 0,
    }  # fmt: skip


def test_an_old_result_is_not_taken_for_a_new_one(hosts: Hosts) -> None:
    first = hosts.run(hosts.plan("pc-1"))
    again = replace(hosts.plan("pc-1"), earlier=first.hosts)
    (record,) = hosts.run(again).hosts
    assert (record.state, record.reason) == (State.TOOL_FAILED, Reason.OTHER_RUN)
    assert not (hosts.output / "pc-1" / "result.json").exists()


def test_a_run_that_fails_leaves_no_earlier_result(hosts: Hosts) -> None:
    first = hosts.run(hosts.plan("pc-1"))
    record = next(iter(hosts.run(replace(hosts.plan("pc-1", act="crash"), earlier=first.hosts)).hosts))
    assert (record.state, record.folder) == (State.TOOL_FAILED, None)
    assert not any((hosts.output / "pc-1" / name).exists() for name in ("result.json", "report.html", "machine"))


def test_hosts_of_earlier_runs_stay_in_the_summary(hosts: Hosts) -> None:
    first = hosts.run(hosts.plan("pc-1", "refused"))
    second = hosts.run(replace(hosts.plan("closed"), earlier=first.hosts))
    assert [record.host for record in second.hosts] == ["pc-1", "refused", "closed"]
    assert second.totals["hosts"] == 3


def test_nothing_that_somebody_typed_is_in_a_command(hosts: Hosts) -> None:
    plan = hosts.plan("pc-1")
    order = plan.order.__class__(
        id="", target="a;b/$(c)", language=plan.language, answers={"act": "good", "k": "`id` \"'"}, only=("x y",)
    )
    hosts.run(replace(plan, order=order))
    ((_, *argv),) = hosts.calls("pc-1")
    command = argv[-1]
    assert not any(text in command for text in ("a;b", "`id`", "x y"))
    assert not set(command) & set("!\n\\`$") - {"$"}
    assert argv[argv.index("--") + 1 :] == ["pc-1", command]
    assert "StrictHostKeyChecking=yes" in argv
    assert "BatchMode=yes" in argv


def test_a_bundle_comes_along(hosts: Hosts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    record = hosts.one("pc-1", "bundle")
    assert record.bundle == "bundle.zip"
    assert (hosts.output / "pc-1" / "bundle.zip").read_bytes() == b"PK bundle"
