"""A recorded machine made real: its registry, files, services, programs and certificates in a Windows of the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path, PureWindowsPath
from typing import Any

import yaml

from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.recording_format import FILES_FOLDER, MACHINE_FILE, REGISTRY_FOLDER
from diagnose.machine.text_file import decode_text
from diagnose.machine.values import Store
from tests.windows.wine import Windows

SECURITY_CENTER = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Security Center\Provider\Av"
_STARTS = {"automatic": "auto", "delayed": "auto", "manual": "demand", "disabled": "disabled"}


def plant(windows: Windows, recording: Path) -> None:
    """All that Wine can show. What a computer is made of (memory, drives, updates) stays that of Wine."""
    machine: Mapping[str, Any] = yaml.safe_load((recording / MACHINE_FILE).read_text(encoding="utf-8"))
    for file in sorted((recording / REGISTRY_FOLDER).glob("*.reg")):
        windows.import_registry(decode_text(file.read_bytes()).text.partition("\n")[2])
    _plant_security_products(windows, machine)
    _plant_certificates(windows, recording)
    _plant_services(windows, machine)
    _plant_files(windows, recording, machine)


def _plant_security_products(windows: Windows, machine: Mapping[str, Any]) -> None:
    keys = [
        f'[{SECURITY_CENTER}\\{{{number}}}]\n"DISPLAYNAME"="{product["name"]}"\n"STATE"=dword:{product["state"]:08x}\n'
        for number, product in enumerate(machine.get("security_products", ()))
    ]
    windows.import_registry("\n".join(keys))


def _plant_certificates(windows: Windows, recording: Path) -> None:
    recorded = RecordedMachine.open(recording)
    for store in Store:
        certificates = recorded.certificates(store)
        for certificate in certificates if isinstance(certificates, tuple) else ():
            windows.add_certificate(store, certificate.der)
    # The stand-ins are whole and signed, by somebody whom this computer trusts: they are the agent's programs here.
    windows.add_certificate(Store.ROOT, windows.stand_in_signer())


def _plant_services(windows: Windows, machine: Mapping[str, Any]) -> None:
    """Those of the product, and the processes that are no services; Windows' own services are Wine's."""
    ports = {PureWindowsPath(port["process"]): port["port"] for port in machine.get("listening", ())}
    services = [service for service in machine.get("services", ()) if "path" in service]
    programs = set()
    for service in services:
        binary = service["path"].split('"')[1]
        programs.add(PureWindowsPath(binary))
        status = service["status"]
        windows.create_service(
            service["name"],
            service["display_name"],
            binary,
            start=_STARTS[service["start"]],
            running=status != "stopped",
            exit_code=1067 if status == "failed" else 0,
            hangs=status == "start_pending",
            port=ports.get(PureWindowsPath(PureWindowsPath(binary).name)),
        )
    for process in machine.get("processes", ()):
        path = PureWindowsPath(process.get("path", ""))
        if path.is_relative_to("C:\\Program Files (x86)") and path not in programs:
            windows.start_process(str(path))


def _plant_files(windows: Windows, recording: Path, machine: Mapping[str, Any]) -> None:
    """The files with their times; a program of which only its time was recorded is a stand-in."""
    times = {PureWindowsPath(path): _time(text) for path, text in machine.get("file_times", {}).items()}
    drive = recording / FILES_FOLDER / "C"
    recorded = {
        PureWindowsPath("C:\\", *file.relative_to(drive).parts): file for file in drive.rglob("*") if file.is_file()
    }
    for path in sorted({*times, *recorded}):
        if path in recorded:
            windows.write_file(str(path), recorded[path].read_bytes(), times.get(path))
        elif path.suffix == ".exe" and not windows.path(str(path)).exists():
            windows.write_stand_in(str(path), times[path])


def _time(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
