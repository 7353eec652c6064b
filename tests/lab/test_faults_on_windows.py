"""The portable Windows program in the lab's network, under Wine: the faults of `faults_windows`."""

from __future__ import annotations

import pytest

from tests.lab import table
from tests.lab.fault import Fault
from tests.lab.faults_windows import WINDOWS_FAULTS
from tests.lab.once import case, found_once
from tests.lab.run_faults import Found
from tests.lab.world import why_not
from tests.windows.linux import why_not as why_no_windows
from tests.windows.program import ZIP

pytestmark = pytest.mark.lab


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    """All faults; the table is in .cache/lab-faults-windows.txt."""
    reason = why_not() or why_no_windows()
    if reason:
        pytest.skip(reason)
    if not ZIP.is_file():
        pytest.skip(f"the Windows tests need {ZIP}, which ./do portable builds")
    return found_once(tmp_path_factory, "lab-faults-windows", lambda: table.run(windows=True))


@pytest.mark.parametrize("fault", [case(fault) for fault in WINDOWS_FAULTS])
def test_the_fault_is_named_on_windows(fault: Fault, found: dict[str, Found]) -> None:
    assert table.problems(fault, found[fault.id]) == [], found[fault.id]
