"""Runs faults with the portable Windows program under Wine, inside the lab, and prints lines like `run_faults`.

`python -m tests.lab.run_windows_faults`, as the first process of its own namespaces.
"""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath

from tests.lab.fault import Fault
from tests.lab.faults_windows import WINDOWS_FAULTS
from tests.lab.lab_rules import PRODUCT, write_rules
from tests.lab.offices import Office
from tests.lab.run_faults import Found, Look, Result, found_in, side_by_side
from tests.lab.world import World, follow_input, open_world
from tests.windows.program import unpack
from tests.windows.wine import Program, Windows, open_windows

COMPUTERS = 2
_RULES, _RESULTS, _HOSTS = r"C:\rules", r"C:\results", r"C:\windows\system32\drivers\etc\hosts"


class Computer:
    """A Windows in an office, with the program ready to run in it."""

    def __init__(self, office: Office, windows: Windows, loop: subprocess.Popen[str]) -> None:
        self.office = office
        self._windows = windows
        self._loop = loop

    def look(self, fault: Fault) -> Found:
        """Make the fault, run the program."""
        self.office.switch(fault.setup)
        self._copy_settings(fault)
        output, shown = f"{_RESULTS}\\{fault.id}", ["--rules", _RULES, "--format", "json"]
        printed, ended = self._run(fault, ["run", PRODUCT, "--no-input", *shown, "--output", output])
        try:
            result: Result = json.loads(printed)
        except ValueError:
            return Found(fault.id, error=f"{ended}: {printed[-300:]}")
        again, _ = self._run(fault, ["replay", output, *shown])
        return found_in(fault, result, json.loads(again), float(ended.split()[2]))

    def _run(self, fault: Fault, argv: Sequence[str]) -> tuple[str, str]:
        """What it printed, and the line that follows."""
        setup = fault.setup
        settings: dict[str, str | int] = {"AutoConfigURL": setup.user_script} if setup.user_script else {}
        if setup.user_proxy:
            settings |= {"ProxyEnable": 1, "ProxyServer": setup.user_proxy}
        environment = dict.fromkeys(("https_proxy", "http_proxy"), setup.proxy) if setup.proxy else {}
        order = {"argv": list(argv), "environment": environment, "settings": settings}
        assert self._loop.stdin and self._loop.stdout
        self._loop.stdin.write(f"{json.dumps(order)}\n")
        self._loop.stdin.flush()
        printed: list[str] = []
        for line in self._loop.stdout:
            if line.startswith("done "):
                return "".join(printed), line.strip()
            printed.append(line)
        raise RuntimeError(f"the program in Windows ended with {self._loop.wait()}")

    def _copy_settings(self, fault: Fault) -> None:
        """Wine looks names up as the Linux around it does."""
        etc = self._windows.root / "etc"
        for name in ("resolv.conf", "hosts"):
            (etc / name).write_bytes((self.office.settings / name).read_bytes())
        self._windows.write_file(_HOSTS, (self.office.settings / "hosts").read_bytes())
        if fault.setup.trusts_inspection:
            pem = (self.office.certificates / "corporate.pem").read_text(encoding="ascii")
            self._windows.add_certificate("ROOT", ssl.PEM_cert_to_DER_cert(pem))


@contextmanager
def open_computer(office: Office, program: Program, rules: Path) -> Iterator[Look]:
    with open_windows(program=program, network=office.client) as windows:
        public = (office.certificates / "public.pem").read_text(encoding="ascii")
        windows.add_certificate("ROOT", ssl.PEM_cert_to_DER_cert(public))
        for file in rules.rglob("*.yaml"):
            windows.write_file(f"{_RULES}\\{PRODUCT}\\{file.name}", file.read_bytes())
        code = (Path(__file__).parent / "windows_loop.py").read_text(encoding="utf-8")
        argv: list[str | PureWindowsPath] = [program.interpreter, "-I", "-B", "-X", "utf8", "-c", code]
        pipe = subprocess.PIPE
        command, environment = windows.command(argv), windows.environment()
        with subprocess.Popen(
            command, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, encoding="utf-8"
        ) as loop:
            try:
                yield Computer(office, windows, loop).look
            finally:
                loop.kill()


def _prepare(world: World) -> tuple[Program, Path]:
    """The program, for which the lab's authority is one that the public knows, and rules made from its own."""
    program = unpack(world.folder / "program")
    (unpacked,) = program.layer.rglob("certifi/cacert.pem")
    shutil.copyfile(world.folder / "store.pem", unpacked)
    (shipped,) = {file.parent.parent for file in program.layer.rglob("rules/machine/health.yaml")}
    return program, write_rules(world.folder, shipped)


def main(ids: Sequence[str]) -> None:
    follow_input()
    # The store of Windows keeps what it was given: last.
    faults = sorted(WINDOWS_FAULTS, key=lambda fault: fault.setup.trusts_inspection)
    with open_world(COMPUTERS) as world:
        tempfile.tempdir = str(world.folder)
        program, rules = _prepare(world)
        wanted = [fault for fault in faults if not ids or fault.id in ids]
        side_by_side(world.offices, wanted, lambda office: open_computer(office, program, rules))


if __name__ == "__main__":
    main(sys.argv[1:])
