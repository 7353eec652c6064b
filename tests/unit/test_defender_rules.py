"""When Microsoft Defender counts as a computer's product: nearly every Windows has it beside another one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from diagnose.machine.recorded import RecordedMachine
from diagnose.resources import rules_folder
from diagnose.rules.folders import open_rule_folders
from diagnose.run.choosing import choose, detect

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FOLDERS = open_rule_folders(rules_folder())
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def recorded(scenario: str) -> RecordedMachine:
    return RecordedMachine.open(SCENARIOS / scenario / "machine")


@pytest.mark.parametrize(
    ("scenario", "roles", "undecided"),
    [
        ("defender/healthy-windows-11", ("antivirus",), False),
        ("defender/healthy-server-2022", ("antivirus",), False),
        ("defender/service-disabled", ("antivirus",), False),
        ("defender/healthy-disabled-beside-apex-one", (), False),
        ("defender/healthy-server-feature-removed", (), False),
        ("defender/registry-not-recorded", (), True),
        ("machine/fit-linux", (), False),
    ],
)
def test_it_is_detected_where_it_is_there_and_not_switched_off(
    scenario: str, roles: tuple[str, ...], undecided: bool
) -> None:
    detected = detect(FOLDERS, "defender", recorded(scenario), NOW)
    assert (tuple(role.id for role in detected.roles), detected.undecided) == (roles, undecided)


@pytest.mark.parametrize(
    ("scenario", "chosen"),
    [
        ("defender/healthy-windows-11", ("defender", "definitions")),
        ("defender/healthy-disabled-beside-apex-one", ("machine", "health")),
        ("apex-one/healthy-windows-10", ("apex-one", "agent-upgrade")),
    ],
)
def test_a_run_without_a_product_takes_it_only_where_no_other_product_is_found(
    scenario: str, chosen: tuple[str, str]
) -> None:
    assert choose(FOLDERS, None, recorded(scenario), NOW) == chosen
