"""Every fault of the lab, run by the real program, must be named for what it is; see `faults` and `table`."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.lab import table
from tests.lab.fault import Fault
from tests.lab.faults import FAULTS
from tests.lab.missed import MISSED
from tests.lab.offices import PROJECT
from tests.lab.run_faults import Found, parse
from tests.lab.world import why_not

pytestmark = pytest.mark.lab
TABLE = PROJECT / ".cache" / "lab-table.txt"
"""What was found of each fault, for people."""


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    """All faults run side by side, once, whichever process of pytest-xdist comes first."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    own = tmp_path_factory.getbasetemp()
    folder = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    results = folder / "lab-faults.jsonl"
    with _alone(folder / "lab-faults.lock"):
        if not results.exists():
            rows = table.run()
            TABLE.parent.mkdir(exist_ok=True)
            TABLE.write_text("\n".join((*table.lines(rows), "")), encoding="utf-8")
            results.write_text("".join(f"{json.dumps(asdict(one))}\n" for _, one in rows), encoding="utf-8")
    every = map(parse, results.read_text(encoding="utf-8").splitlines())
    return {one.id: one for one in every}


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _case(fault: Fault) -> object:
    marks = [pytest.mark.xfail(strict=True, reason=MISSED[fault.id])] if fault.id in MISSED else []
    return pytest.param(fault, id=fault.id, marks=marks)


@pytest.mark.parametrize("fault", [_case(fault) for fault in FAULTS])
def test_the_fault_is_named(fault: Fault, found: dict[str, Found]) -> None:
    assert table.problems(fault, found[fault.id]) == [], found[fault.id]


def test_the_table_is_one() -> None:
    ids = {fault.id for fault in FAULTS}
    assert len(ids) == len(FAULTS)
    assert ids >= MISSED.keys()
    assert all(fault.severity in ("warn", "fail") for fault in FAULTS)
