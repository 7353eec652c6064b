"""The services of systemd, as `systemctl` lists them in its plain form, which every version of it knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from diagnose.machine.values import Absent, CommandResult, Reason, Service, Unseen

Run = Callable[[Sequence[str], float], CommandResult | Absent | Unseen]

_LIST_UNITS = ("systemctl", "list-units", "--type=service", "--all", "--plain", "--no-legend", "--no-pager", "--full")
_LIST_FILES = ("systemctl", "list-unit-files", "--type=service", "--no-legend", "--no-pager", "--full")
_TIMEOUT_S = 10.0
_STATUS = {
    "active": "running",  # also a service that did its work once and ended: systemd calls both active
    "reloading": "running",
    "inactive": "stopped",
    "failed": "failed",
    "activating": "start_pending",
    "deactivating": "stop_pending",
}
# "disabled" of systemd means "not at boot"; what nobody can start is "masked".
_START = {
    "enabled": "automatic",
    "enabled-runtime": "automatic",
    "disabled": "manual",
    "static": "manual",
    "indirect": "manual",
    "masked": "disabled",
    "masked-runtime": "disabled",
}


def services(run: Run, runtime_folder: Path = Path("/run/systemd/system")) -> tuple[Service, ...] | Unseen:
    """All services, also those that were never started, sorted by name (without `.service`)."""
    if not runtime_folder.is_dir():
        return Unseen(Reason.UNSUPPORTED, "systemd")
    units = _lines(run, _LIST_UNITS)
    if isinstance(units, Unseen):
        return units
    files = _lines(run, _LIST_FILES)
    starts = {} if isinstance(files, Unseen) else _starts(files)
    loaded = {service.name: service for service in map(_service, units) if service is not None}
    idle = {name: Service(name, "stopped") for name in starts if name not in loaded}
    found = [
        Service(service.name, service.status, starts.get(service.name, "unknown"), service.display_name)
        for service in (loaded | idle).values()
    ]
    return tuple(sorted(found, key=lambda service: service.name))


def _lines(run: Run, argv: Sequence[str]) -> list[str] | Unseen:
    result = run(argv, _TIMEOUT_S)
    if isinstance(result, Unseen):
        return result
    where = " ".join(argv[:2])
    if isinstance(result, Absent):
        return Unseen(Reason.UNSUPPORTED, where)
    if result.exit_code != 0:
        return Unseen(Reason.FAILED, where, result.stderr.decode(errors="replace").strip()[:200])
    return result.stdout.decode(errors="replace").splitlines()


def _service(line: str) -> Service | None:
    """`ssh.service loaded active running OpenBSD Secure Shell server`; a unit without a file is no service."""
    fields = line.split(maxsplit=4)
    if len(fields) < 4 or not fields[0].endswith(".service") or fields[1] == "not-found":
        return None
    description = fields[4] if len(fields) == 5 else ""
    return Service(fields[0].removesuffix(".service"), _STATUS.get(fields[2], "unknown"), display_name=description)


def _starts(lines: Sequence[str]) -> dict[str, str]:
    """`ssh.service enabled enabled`; templates (`getty@.service`) are no services until they get a name."""
    starts: dict[str, str] = {}
    for line in lines:
        fields = line.split()
        if len(fields) >= 2 and fields[0].endswith(".service") and not fields[0].endswith("@.service"):
            starts[fields[0].removesuffix(".service")] = _START.get(fields[1], "unknown")
    return starts
