"""What takes long is done once, by whichever process of pytest-xdist comes first, and read by the others."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict

import pytest

from tests.lab import table
from tests.lab.fault import Fault
from tests.lab.missed import MISSED
from tests.lab.offices import PROJECT
from tests.lab.run_faults import Found, parse

Rows = Sequence[tuple[Fault, Found]]


def found_once(factory: pytest.TempPathFactory, name: str, run: Callable[[], Rows]) -> dict[str, Found]:
    """By the id of the fault; the table is left in .cache/NAME.txt of the checkout, for people."""
    own = factory.getbasetemp()
    folder = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    results = folder / f"{name}.jsonl"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not results.exists():
            rows = run()
            shown = PROJECT / ".cache" / f"{name}.txt"
            shown.parent.mkdir(exist_ok=True)
            shown.write_text("\n".join((*table.lines(rows), "")), encoding="utf-8")
            results.write_text("".join(f"{json.dumps(asdict(one))}\n" for _, one in rows), encoding="utf-8")
    every = map(parse, results.read_text(encoding="utf-8").splitlines())
    return {one.id: one for one in every}


def case(fault: Fault) -> object:
    """For `parametrize`."""
    marks = [pytest.mark.xfail(strict=True, reason=MISSED[fault.id])] if fault.id in MISSED else []
    return pytest.param(fault, id=fault.id, marks=marks)
