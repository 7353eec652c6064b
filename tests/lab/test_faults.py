"""Every fault of the lab, run by the real program, must be named for what it is; see `faults` and `table`."""

from __future__ import annotations

import pytest

from tests.lab import table
from tests.lab.fault import Fault
from tests.lab.faults import FAULTS
from tests.lab.faults_windows import WINDOWS_FAULTS
from tests.lab.missed import MISSED
from tests.lab.once import case, found_once
from tests.lab.run_faults import Found
from tests.lab.world import why_not

pytestmark = pytest.mark.lab


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    """All faults run side by side; the table is in .cache/lab-faults.txt."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    return found_once(tmp_path_factory, "lab-faults", table.run)


@pytest.mark.parametrize("fault", [case(fault) for fault in FAULTS])
def test_the_fault_is_named(fault: Fault, found: dict[str, Found]) -> None:
    assert table.problems(fault, found[fault.id]) == [], found[fault.id]


def test_every_fault_is_there_once() -> None:
    ids = {fault.id for fault in FAULTS}
    assert len(ids) == len(FAULTS)
    assert MISSED.keys() <= ids | {fault.id for fault in WINDOWS_FAULTS}
    assert all(fault.severity in ("warn", "fail") for fault in FAULTS)
