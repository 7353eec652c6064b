"""Hosts for tests of `diagnose fleet run`, all of them on this computer: real Ansible, its connection `local`.

What a host does is the name of the folder in which Ansible makes its temporary ones: `good`, `crash`, ... as in
`stub_program.py`; more than one host of a kind are `good-1`, `good-2`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from diagnose.fleet.ansible_run import find_ansible
from diagnose.fleet.linux_program import packed
from diagnose.fleet.running import FleetPlan, run_fleet
from diagnose.remote.hosts import Host
from diagnose.remote.order import Order
from diagnose.remote.outcomes import HostRecord, Summary
from diagnose.remote.work import Phase
from diagnose.report.json_format import render_json
from diagnose.text import Language
from tests.unit.remote_hosts import Clock
from tests.unit.sample_results import failing

HERE = Path(__file__).parent
START = f'exec "{sys.executable}" -I -S -B go.py\n'
GO = """\
import json, pathlib, re, sys
sys.path.insert(0, ".")
act = pathlib.Path.cwd().parent.name
order, result = pathlib.Path("order.json"), pathlib.Path("result.json")
told = json.loads(order.read_text())
told["answers"] = {"act": re.sub("-[0-9]$", "", act).replace("good-copy", "good")}
order.write_text(json.dumps(told))
seen = json.loads(result.read_text())
seen["run"]["id"] = "run-of-" + ("good-1" if act == "good-copy" else act)
result.write_text(json.dumps(seen))
import stub_program
sys.exit(stub_program.main(["."]))
"""


@dataclass
class Heard:
    """Everything that was told while a run went on."""

    hosts: list[str] = field(default_factory=list)
    phases: list[tuple[str, Phase]] = field(default_factory=list)
    records: list[HostRecord] = field(default_factory=list)
    saved: list[Summary] = field(default_factory=list)
    stopped: int = 0
    stop_at: tuple[Phase, int] | None = None
    """Ctrl+C when so many hosts are in that phase."""

    def announced(self, hosts: tuple[Host, ...]) -> None:
        self.hosts += [str(host) for host in hosts]

    def phase(self, host: Host, phase: Phase) -> None:
        self.phases.append((str(host), phase))

    def finished(self, record: HostRecord) -> None:
        self.records.append(record)

    def tick(self) -> None:
        if self.stop_at is not None and not self.stopped:
            phase, hosts = self.stop_at
            if sum(1 for _, seen in self.phases if seen is phase) >= hosts:
                raise KeyboardInterrupt

    def stopping(self) -> None:
        self.stopped += 1

    def save(self, summary: Summary) -> None:
        self.saved.append(summary)


@dataclass(frozen=True)
class LocalHosts:
    """`folder`: with a folder a kind of host."""

    folder: Path

    def inventory(self, *kinds: str, more: Sequence[str] = ()) -> Path:
        lines = []
        for kind in kinds:
            (self.folder / kind).mkdir(parents=True)
            lines.append(f"{kind} ansible_connection=local ansible_remote_tmp={self.folder / kind}")
        path = self.folder / "hosts.ini"
        path.write_text("\n".join([*lines, *more, ""]), encoding="utf-8")
        return path

    def plan(self, inventory: Path | str, **changes: object) -> FleetPlan:
        program = self.folder / "program.gz"
        if not program.exists():
            stub = (HERE / "stub_program.py").read_bytes()
            files = {"start": START.encode(), "go.py": GO.encode(), "stub_program.py": stub}
            members = [*files.items(), ("result.json", render_json(failing()))]
            program.write_bytes(packed([(place, data, 0o700) for place, data in members]))
        (self.folder / "ansible.cfg").touch()
        output = self.folder / "output"
        output.mkdir(exist_ok=True)
        plan = FleetPlan(
            ansible=find_ansible(),
            inventories=(str(inventory),),
            limit=None,
            forks=20,
            more=(),
            order=Order(id="", target=None, language=Language.EN, answers={}, timeout_s=20),
            linux=program,
            windows=None,
            output=output,
            language=Language.EN,
            clock=Clock(),
            environ={**os.environ, "HOME": str(self.folder), "ANSIBLE_CONFIG": f"{self.folder}/ansible.cfg"},
            grace_s=20,
        )
        return replace(plan, **changes)  # type: ignore[arg-type]

    def run(self, plan: FleetPlan, heard: Heard | None = None) -> dict[str, HostRecord]:
        summary, _ = run_fleet(plan, heard or Heard())
        return {record.host: record for record in summary.hosts}

    def left_on(self, kind: str) -> list[str]:
        return sorted(path.name for path in (self.folder / kind).iterdir())
