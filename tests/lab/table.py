"""What is found of every fault, beside what there is: `python -m tests.lab.table [--windows] [ID...]` prints it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Sequence

from tests.lab.fault import Fault
from tests.lab.faults import FAULTS
from tests.lab.faults_windows import WINDOWS_FAULTS
from tests.lab.missed import MISSED
from tests.lab.run_faults import Found, measure
from tests.lab.world import why_not

_LINUX, _WINDOWS = "tests.lab.run_faults", "tests.lab.run_windows_faults"


def problems(fault: Fault, found: Found) -> list[str]:
    """What is not right about the answer; empty when all is."""
    if found.error:
        return [found.error]
    wrong = []
    if found.first not in (fault.expected, *fault.accept):
        wrong.append(f"{found.first or 'nothing'} instead of {fault.expected or 'nothing'}")
    elif fault.healthy and found.causes:
        wrong.append(f"named besides: {found.causes}")
    elif found.first == fault.expected and found.causes and found.causes[0][1] != fault.severity:
        wrong.append(f"{found.causes[0][1]} instead of {fault.severity}")
    elif fault.names and found.first and fault.names not in found.because:
        wrong.append(f"{fault.names} is not named: {found.because}")
    # Of a second endpoint the reason stands beside the first one's.
    others = " ".join((found.evidence or {}).get("other_faults") or ()).replace("_", "-")
    named = {cause for cause, _ in found.causes} | {cause for cause in fault.also if cause in others}
    wrong += [f"{cause} is not named" for cause in fault.also if cause not in named]
    if found.replayed != found.causes:
        wrong.append(f"replayed: {found.replayed}")
    return wrong


def lines(rows: Iterable[tuple[Fault, Found]]) -> list[str]:
    """The table and, below it, the counts."""
    rows = tuple(rows)
    shown = []
    for fault, found in rows:
        wrong = problems(fault, found)
        mark = "ok  " if not wrong else "miss" if fault.id in MISSED else "BAD "
        others = ", ".join(cause for cause, _ in found.causes[1:])
        named = found.first or f"- ({found.outcome})"
        row = f"{mark} {fault.id:32} {fault.expected or '-':30} {named:30} {found.seconds:5.1f} s"
        shown.append(
            " ".join(part for part in (row, f" + {others}" * bool(others), *(f" [{one}]" for one in wrong)) if part)
        )
    first = sum(found.first in (fault.expected, *fault.accept) and not found.error for fault, found in rows)
    whole = sum(not problems(fault, found) for fault, found in rows)
    shown.append(f"first cause right: {first} of {len(rows)}; right in everything: {whole}")
    return shown


def run(ids: Sequence[str] = (), *, windows: bool = False) -> list[tuple[Fault, Found]]:
    """In the order of the table; `windows`: the portable program under Wine."""
    by_id = {found.id: found for found in measure(ids, _WINDOWS if windows else _LINUX)}
    return [(fault, by_id[fault.id]) for fault in (WINDOWS_FAULTS if windows else FAULTS) if fault.id in by_id]


def main() -> None:
    reason = why_not()
    if reason:
        sys.exit(reason)
    start = time.monotonic()
    windows = "--windows" in sys.argv
    rows = run([word for word in sys.argv[1:] if word != "--windows"], windows=windows)
    print("\n".join(lines(rows)))
    print(f"{time.monotonic() - start:.0f} s, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
