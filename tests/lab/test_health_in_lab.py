"""`diagnose run machine/health` on a computer in a network of our own: three states, three right answers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lab.netlab import Lab, Mode

pytestmark = pytest.mark.lab


def health(lab: Lab, mode: Mode, output: Path) -> dict[str, Any]:
    lab.switch(mode)
    argv = [sys.executable, "-m", "diagnose", "run", "machine/health", "--no-input", "--format", "json"]
    finished = lab.run_in_client([*argv, "--output", str(output)])
    result: dict[str, Any] = json.loads(finished.stdout)
    return result


def statuses(result: dict[str, Any]) -> dict[str, str]:
    return {step["id"]: step["status"] for step in result["steps"]}


def test_a_working_network_has_no_network_cause(lab: Lab, tmp_path: Path) -> None:
    result = health(lab, Mode.NORMAL, tmp_path)
    seen = statuses(result)
    assert [seen[step] for step in ("clock", "name-resolution", "connectivity", "proxy")] == ["pass"] * 4
    assert not {cause["id"] for cause in result["causes"]} & {"network-offline", "dns-system-resolver-down"}


def test_a_dead_resolver_is_named_although_public_dns_answers(lab: Lab, tmp_path: Path) -> None:
    result = health(lab, Mode.RESOLVER_DEAD, tmp_path)
    assert (result["outcome"], result["primary_cause"]) == ("fail", "dns-system-resolver-down")
    assert statuses(result)["connectivity"] == "unknown"


def test_without_network_it_says_offline(lab: Lab, tmp_path: Path) -> None:
    result = health(lab, Mode.NETWORK_DOWN, tmp_path)
    assert (result["outcome"], result["primary_cause"]) == ("fail", "network-offline")


@pytest.mark.parametrize("mode", list(Mode))
def test_the_recording_replays_to_the_same_verdicts(lab: Lab, mode: Mode, tmp_path: Path) -> None:
    result = health(lab, mode, tmp_path)
    argv = [sys.executable, "-m", "diagnose", "replay", str(tmp_path), "--format", "json"]
    again = json.loads(lab.run_in_client(argv).stdout)
    assert statuses(again) == statuses(result)
    assert again["primary_cause"] == result["primary_cause"]
