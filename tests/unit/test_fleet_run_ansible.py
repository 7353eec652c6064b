"""Real Ansible with real workers, on hosts that are all this computer."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from diagnose.errors import InputError
from diagnose.fleet.ansible_run import find_ansible
from diagnose.fleet.running import run_fleet
from diagnose.remote.order import BundleOrder
from diagnose.remote.outcomes import HostRecord, Reason, State
from diagnose.remote.work import Phase
from diagnose.run.result import Outcome
from diagnose.run.store import open_result
from tests.unit.ansible_hosts import Heard, LocalHosts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Ansible does not run on Windows")

BAD = {
    "crash": (Reason.CRASHED, "nothing works here"),
    "late": (Reason.LATE, ""),
    "no-zip": (Reason.INVALID_RESULT, ""),
    "no-result": (Reason.INVALID_RESULT, "result.json is missing"),
    "no-json": (Reason.INVALID_RESULT, "result.json"),
    "other-schema": (Reason.INVALID_RESULT, "diagnose.result/9"),
    "other-order": (Reason.OTHER_RUN, ""),
    "refused": (Reason.REFUSED_ORDER, "no such product"),
    "huge": (Reason.TOO_LARGE, "result.json"),
    "climbs": (Reason.INVALID_RESULT, "climbed"),
    "absolute": (Reason.INVALID_RESULT, "climbed"),
    "link": (Reason.INVALID_RESULT, "machine.yaml"),
}


@pytest.fixture(scope="module", autouse=True)
def _ansible() -> None:
    try:
        find_ansible()
    except InputError:
        pytest.skip("these tests need Ansible (requirements-dev.lock has it)")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[LocalHosts, Heard, dict[str, HostRecord]]:
    """One run over hosts of every kind: Ansible takes a second or two to start."""
    hosts = LocalHosts(tmp_path_factory.mktemp("fleet"))
    windows = "windows ansible_connection=local ansible_shell_type=powershell"
    nowhere = "nowhere ansible_host=192.0.2.1 ansible_connection=ssh ansible_ssh_executable=/bin/false"
    unknown = "unknown ansible_connection=no.such.connection"
    inventory = hosts.inventory("good-1", "good-2", "bundle", *BAD, more=(windows, nowhere, unknown))
    heard = Heard()
    plan = hosts.plan(inventory)
    plan = replace(plan, order=structs.replace(plan.order, bundle=BundleOrder(timeout_s=5)))
    return hosts, heard, hosts.run(plan, heard)


Shared = tuple[LocalHosts, Heard, dict[str, HostRecord]]


@pytest.mark.parametrize("host", ["good-1", "good-2", "bundle"])
def test_a_host_is_diagnosed_and_left_as_it_was(shared: Shared, host: str) -> None:
    hosts, heard, records = shared
    record = records[host]
    assert (record.state, record.reason, record.left) == (State.DONE, None, "")
    assert record.verdict is not None
    assert record.verdict.outcome is Outcome.FAIL
    folder = hosts.folder / "output" / host
    assert open_result(folder).run.id == f"run-of-{host}"
    assert "<html" in (folder / "report.html").read_text(encoding="utf-8")
    assert hosts.left_on(host) == []
    phases = [phase for name, phase in heard.phases if name == host]
    assert phases == [Phase.CONNECTING, Phase.SENDING, Phase.RUNNING, Phase.FETCHING, Phase.REMOVING]


def test_a_bundle_comes_along_where_there_is_one(shared: Shared) -> None:
    hosts, _, records = shared
    assert records["bundle"].bundle == "bundle.zip"
    assert (hosts.folder / "output/bundle/bundle.zip").read_bytes() == b"PK bundle"
    assert records["good-1"].bundle is None


@pytest.mark.parametrize("host", list(BAD))
def test_what_is_no_result_is_a_failure_of_the_tool_and_leaves_nothing(shared: Shared, host: str) -> None:
    hosts, _, records = shared
    reason, detail = BAD[host]
    record = records[host]
    assert (record.state, record.reason, record.verdict) == (State.TOOL_FAILED, reason, None)
    assert detail in record.detail
    assert record.left == ""
    assert hosts.left_on(host) == []
    assert not (hosts.folder / "output" / host / "result.json").exists()
    assert not Path("/tmp/climbed").exists()


def test_a_host_without_a_program_is_told_from_one_that_nobody_reaches(shared: Shared) -> None:
    records = shared[2]
    assert (records["windows"].state, records["windows"].reason) == (State.TOOL_FAILED, Reason.NO_PROGRAM)
    assert records["nowhere"].state is State.UNREACHABLE
    assert records["unknown"].state is State.UNREACHABLE
    assert "no.such.connection" in records["unknown"].detail


def test_every_host_of_the_inventory_ends_with_one_record(shared: Shared) -> None:
    _, heard, records = shared
    assert sorted(heard.hosts) == sorted(records)
    assert sorted(record.host for record in heard.records) == sorted(records)
    last = heard.saved[-1]
    assert last.finished is not None
    assert last.totals["hosts"] == len(records)
    assert sum(count for name, count in last.totals.items() if name != "hosts") == len(records)


def test_a_run_that_another_host_has_brought_is_not_counted_twice(tmp_path: Path) -> None:
    hosts = LocalHosts(tmp_path)
    records = hosts.run(hosts.plan(hosts.inventory("good-1", "good-copy")))
    states = sorted((record.state, record.reason) for record in records.values())
    assert states == [(State.DONE, None), (State.TOOL_FAILED, Reason.OTHER_RUN)]


def test_ctrl_c_ends_the_work_and_removes_what_was_put(tmp_path: Path) -> None:
    hosts = LocalHosts(tmp_path)
    heard = Heard(stop_at=(Phase.RUNNING, 2))
    begun = time.monotonic()
    summary, _ = run_fleet(hosts.plan(hosts.inventory("hang-1", "hang-2")), heard)
    assert time.monotonic() - begun < 40
    assert heard.stopped == 1
    assert summary.interrupted
    assert {(one.state, one.reason, one.left) for one in summary.hosts} == {(State.NOT_RUN, Reason.INTERRUPTED, "")}
    assert hosts.left_on("hang-1") == hosts.left_on("hang-2") == []


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    hosts = LocalHosts(tmp_path)
    plan = hosts.plan(hosts.inventory("hang"), grace_s=1)
    # The order's deadline is a minute after this.
    plan = replace(plan, order=structs.replace(plan.order, timeout_s=-58.0))
    record = hosts.run(plan)["hang"]
    assert (record.state, record.reason, record.left) == (State.TOOL_FAILED, Reason.LATE, "")
    assert hosts.left_on("hang") == []


def test_a_limit_runs_only_those_and_keeps_the_others(tmp_path: Path) -> None:
    hosts = LocalHosts(tmp_path)
    inventory = hosts.inventory("good-1", "crash")
    first = hosts.run(hosts.plan(inventory))
    missing = tmp_path / "missing.txt"
    missing.write_text("crash\n")
    plan = hosts.plan(inventory, limit=f"@{missing}", earlier=tuple(first.values()))
    heard = Heard()
    second = hosts.run(plan, heard)
    assert heard.hosts == ["crash"]
    assert second["good-1"] == first["good-1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ""),
        ("[group\npc-1\n", "hosts.ini"),
        ("[no_such_group:children]\nabc\n", "hosts.ini"),
    ],
)
def test_an_inventory_that_names_nobody_is_refused_with_what_ansible_says(tmp_path: Path, text: str, said: str) -> None:
    inventory = tmp_path / "hosts.ini"
    inventory.write_text(text)
    with pytest.raises(InputError) as refused:
        run_fleet(LocalHosts(tmp_path).plan(inventory), Heard())
    assert refused.value.problems[0].message.id in {"fleet-run-refused", "fleet-run-no-host"}
    assert said in str(refused.value.problems[0].message.values)


def test_a_group_that_names_nothing_is_a_warning_that_is_handed_on(tmp_path: Path) -> None:
    hosts = LocalHosts(tmp_path)
    summary, warnings = run_fleet(hosts.plan(hosts.inventory("good-1"), limit="good-1:nobody"), Heard())
    assert [record.state for record in summary.hosts] == [State.DONE]
    assert any("nobody" in warning for warning in warnings)
