"""Runs faults in the lab and prints what was found, one JSON line each: `python -m tests.lab.run_faults [ID...]`.

The first process of its own namespaces; `measure` starts it there.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Semaphore, Thread
from typing import Any

from diagnose.machine.recorded import RecordedMachine
from diagnose.report.rendering import Format, render_result
from diagnose.resources import rules_folder
from diagnose.rules.compiled import CompiledFlow
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import open_rule_folders
from diagnose.run.clock import SystemClock
from diagnose.run.replaying import judge_again
from diagnose.run.store import saved_run
from diagnose.text import Language
from tests.lab.fault import Fault
from tests.lab.faults import FAULTS
from tests.lab.lab_rules import FLOW, PRODUCT, write_rules
from tests.lab.offices import Office
from tests.lab.world import follow_input, in_new_namespaces, open_world

Result = dict[str, Any]
"""What `--format json` prints."""
OFFICES = 8
"""More than cores: most of a run is often waiting for what does not answer."""
COMPUTING = 3
"""How many of the other runs there may be at a time: too many, and their time limits would pass before they begin."""
_WAITED_FOR = ("silent", "stalls", "endless", "upstream", "no-address")


@dataclass(frozen=True, slots=True)
class Found:
    """What the program said of one fault. `causes`: id and severity, in the order of the report."""

    id: str
    seconds: float = 0.0
    outcome: str = ""
    first: str = ""
    causes: tuple[tuple[str, str], ...] = ()
    because: str = ""
    """English, of the first cause."""
    steps: tuple[tuple[str, str], ...] = ()
    evidence: dict[str, Any] | None = None
    """Of the step connectivity."""
    replayed: tuple[tuple[str, str], ...] = ()
    """The causes that the recording of this run is judged to have."""
    error: str = ""


Look = Callable[[Fault], Found]
Opener = Callable[[Office], AbstractContextManager[Look]]


def measure(ids: Sequence[str] = (), module: str = "tests.lab.run_faults") -> Iterator[Found]:
    """What was found of these faults, by default of all, as it comes. Needs what `world.why_not` names."""
    with in_new_namespaces(module, *ids) as process:
        assert process.stdout is not None
        yield from map(parse, process.stdout)
        if process.wait() != 0:
            raise RuntimeError(f"the fault lab ended with {process.returncode}")


def parse(line: str) -> Found:
    """The opposite of what `main` prints."""
    raw = json.loads(line)
    return Found(
        **raw | {name: tuple((one, two) for one, two in raw[name]) for name in ("causes", "steps", "replayed")}
    )


def look(office: Office, fault: Fault, rules: Path, flow: CompiledFlow) -> Found:
    """Make the fault, run the program as a user would, judge its recording again."""
    office.switch(fault.setup)
    output = office.certificates / "results" / fault.id
    start = time.monotonic()
    ran = _diagnose(office, fault, "run", PRODUCT, "--no-input", "--rules", str(rules), "--output", str(output))
    seconds = time.monotonic() - start
    result = _result(ran)
    if result is None:
        return Found(fault.id, seconds, error=f"exit code {ran.returncode}: {ran.stderr[-500:]}")
    replayed = _replayed(output, flow)
    shutil.rmtree(output)
    return found_in(fault, result, replayed, seconds)


def found_in(fault: Fault, result: Result, replayed: Result, seconds: float) -> Found:
    """What the JSON of a run says, and that of its recording judged again."""
    first = result["primary_cause"] or ""
    return Found(
        id=fault.id,
        seconds=round(seconds, 2),
        outcome=result["outcome"],
        first=first,
        causes=_causes(result),
        because=next((cause["because"]["en"] for cause in result["causes"] if cause["id"] == first), ""),
        steps=tuple((step["id"], _status(step)) for step in result["steps"]),
        evidence=next((step["evidence"] for step in result["steps"] if step["id"] == "connectivity"), None),
        replayed=_causes(replayed),
    )


def _status(step: Result) -> str:
    error = step["error"]
    return step["status"] if error is None else f"{step['status']}: {error}"


def _diagnose(office: Office, fault: Fault, *words: str) -> subprocess.CompletedProcess[str]:
    return office.run([sys.executable, "-m", "diagnose", *words, "--format", "json"], fault.setup)


def _replayed(output: Path, flow: CompiledFlow) -> Result:
    """What `diagnose replay` prints; without a process of its own, which would cost half a second."""
    saved = saved_run(output)
    machine = RecordedMachine.open(saved.recording)
    again = judge_again(saved.result, flow, machine, SystemClock(), language=Language.EN)
    judged: Result = json.loads(render_result(again, Language.EN, Format.JSON))
    return judged


def _result(ran: subprocess.CompletedProcess[str]) -> Result | None:
    try:
        result: Result = json.loads(ran.stdout)
    except ValueError:
        return None
    return result


def _causes(result: Result) -> tuple[tuple[str, str], ...]:
    """The leading one first, as `primary_cause` has it."""
    found = [(cause["id"], cause["status"]) for cause in result["causes"]]
    return tuple(sorted(found, key=lambda cause: cause[0] != result["primary_cause"]))


def side_by_side(offices: Sequence[Office], faults: Sequence[Fault], open_computer: Opener) -> None:
    """The computer of every office looks at the next fault that is left; what it found is printed at once."""
    left: SimpleQueue[Fault] = SimpleQueue()
    for fault in faults:
        left.put(fault)
    printing = Lock()

    def work(office: Office) -> None:
        with open_computer(office) as look_at:
            while True:
                try:
                    fault = left.get_nowait()
                except Empty:
                    return
                found = _guarded(look_at, fault)
                with printing:
                    print(json.dumps(asdict(found), ensure_ascii=False), flush=True)

    threads = [Thread(target=work, args=(office,)) for office in offices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _waiting(fault: Fault) -> bool:
    """Whether most of its run is waiting for what does not come."""
    rules = (*fault.setup.forward, *fault.setup.inspect, *fault.setup.firewall)
    return any("drop" in rule.lower() for rule in rules) or any(word in fault.id for word in _WAITED_FOR)


def _guarded(look_at: Look, fault: Fault) -> Found:
    try:
        return look_at(fault)
    except (RuntimeError, OSError, ValueError, LookupError, subprocess.SubprocessError) as error:
        return Found(fault.id, error=f"{type(error).__name__}: {error}")


def main(ids: Sequence[str]) -> None:
    follow_input()
    # Those that take longest first: nobody waits for a last one alone.
    faults = sorted((fault for fault in FAULTS if not ids or fault.id in ids), key=_waiting, reverse=True)
    with open_world(min(OFFICES, len(faults))) as world:
        rules = write_rules(world.folder)
        flow = compile_flow(open_rule_folders(rules_folder(), (rules,)), PRODUCT, FLOW)
        computing = Semaphore(COMPUTING)

        def look_from(office: Office, fault: Fault) -> Found:
            with nullcontext() if _waiting(fault) else computing:
                return look(office, fault, rules, flow)

        side_by_side(world.offices, faults, lambda office: nullcontext(partial(look_from, office)))


if __name__ == "__main__":
    main(sys.argv[1:])
