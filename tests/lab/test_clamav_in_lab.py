"""`diagnose run clamav/definitions` on computers whose real freshclam was broken in one way each.

What is not real: nobody but the vendor can sign a database, so the ones here have a header that freshclam reads and
compares, and a body that it would refuse. A healthy computer is one whose numbers are those that our name server (or
private mirror) publishes; freshclam then says "up-to-date" and fetches nothing. There is no systemd either: that the
background freshclam runs shows in the list of processes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab.clamav_computer import CASES, PROJECT, UNPACKED
from tests.lab.netlab import why_not

pytestmark = pytest.mark.lab

EXPECTED = {
    "healthy": None,
    "healthy-private-mirror": None,
    "forbidden": "rate-limited-cool-down",
    "too-many-requests": "rate-limited-cool-down",
    "success-on-cool-down": "rate-limited-cool-down",
    "vendor-forbids": "rate-limited-cool-down",
    "vendor-limits": "rate-limited-cool-down",
    "vendor-fails": "log-signature",
    "proxy-wants-password": "log-signature",
    "proxy-refuses": "proxy-unreachable",
    "certificate-of-own-making": "tls-untrusted",
    "block-page": "log-signature",
    "server-error": "log-signature",
    "mirror-empty": "log-signature",
    "name-unknown": "dns-name-not-resolved",
    "name-redirected": "dns-answer-differs",
    "port-refused": "tcp-refused",
    "folder-not-writable": "database-not-writable",
    "example-left": "clamav-not-configured",
    "settings-mistyped": "clamav-settings-invalid",
    "never-checks": "freshclam-never-checks",
    "never-scheduled": "freshclam-not-scheduled",
    "database-corrupt": "database-corrupt",
    "database-missing": "database-missing",
}
SIGNATURES = {
    "vendor-fails": "server-error",
    "proxy-wants-password": "receive-failed",
    "block-page": "not-a-database",
    "server-error": "server-error",
    "mirror-empty": "file-not-found",
    "certificate-of-own-making": "certificate-refused",
    "name-unknown": "host-not-resolved",
    "port-refused": "connection-refused",
    "folder-not-writable": "folder-not-writable",
    "forbidden": "header-too-short",
    "vendor-forbids": "daemon-gave-up",
    "vendor-limits": "http-error-429",
    "database-corrupt": "not-a-database",
}
"""The known line that the real log must have left."""
OF_THIS_MACHINE = {"memory-below-minimum", "disk-below-minimum"}


@dataclass(frozen=True, slots=True)
class Seen:
    exits: list[int]
    """Of the freshclams that ended by themselves."""
    log: str
    asked_by_diagnose: list[str]
    result: dict[str, Any]
    again: dict[str, Any]
    """The result of a replay."""

    @property
    def statuses(self) -> dict[str, str]:
        return {step["id"]: step["status"] for step in self.result["steps"]}


@pytest.fixture(scope="module", autouse=True)
def _wanted() -> None:
    if reason := why_not():
        pytest.skip(reason)
    if shutil.which("freshclam") is None and not (UNPACKED / "made").exists():
        pytest.skip("the ClamAV lab needs Debian's freshclam: tests/lab/prepare.sh unpacks it")


def run(case: str, folder: Path) -> Seen:
    apart = [
        "unshare",
        "--net",
        "--mount",
        "--propagation",
        "private",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
    ]
    argv = [*apart, sys.executable, "-m", "tests.lab.clamav_computer", case, str(folder)]
    ran = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    printed = json.loads(ran.stdout)
    assert printed["result"] is not None, printed["error"]
    replay = [sys.executable, "-m", "diagnose", "replay", str(folder / "run"), "--format", "json"]
    replayed = subprocess.run(replay, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    kept = {name: printed[name] for name in ("exits", "log", "asked_by_diagnose", "result")}
    return Seen(**kept, again=json.loads(replayed.stdout))


def signatures(result: dict[str, Any]) -> list[str]:
    """The known lines of the last run."""
    found: list[str] = next(step["evidence"]["run_signatures"] for step in result["steps"] if step["id"] == "log")
    return found


@pytest.mark.parametrize("case", list(CASES))
def test_the_cause_is_named_and_a_recording_says_the_same(case: str, tmp_path: Path) -> None:
    seen = run(case, tmp_path)
    causes = {cause["id"] for cause in seen.result["causes"]} - OF_THIS_MACHINE
    assert seen.result["primary_cause"] == EXPECTED[case]
    assert (EXPECTED[case] is None) == (not causes)
    if case in SIGNATURES:
        assert SIGNATURES[case] in signatures(seen.result)
    # The vendor answers 403 to whoever fetches without being freshclam, and counts it.
    assert seen.asked_by_diagnose == []
    assert {step["id"]: step["status"] for step in seen.again["steps"]} == seen.statuses
    assert seen.again["primary_cause"] == seen.result["primary_cause"]
    if case.startswith("healthy"):
        assert set(seen.statuses.values()) - {seen.statuses["memory"]} <= {"pass"}
        assert "daily.cvd database is up-to-date" in seen.log
    if case == "success-on-cool-down":
        # The first attempt failed; the second updated nothing, and called that a success.
        assert seen.exits[:2] == [11, 0]


def test_every_case_is_expected() -> None:
    assert set(CASES) == set(EXPECTED)
