"""Whether anything starts the updater by itself: a service, a timer, cron, a network hook, or a running program."""

from __future__ import annotations

from checks._files import base_name
from checks._logs import read_log
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, STRING, enum_of, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, CommandResult, Reason, Service, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """Every way in which the updater may be started; names of units without `.service`."""

    service: str
    process: str
    timer: str = ""
    """With `.timer`."""
    cron_files: tuple[str, ...] = ()
    """The first one keeps the service from starting when it exists, whatever it says."""
    cron_services: tuple[str, ...] = ("cron", "crond", "cronie")
    hook: str = ""
    """A file whose presence makes the network scripts start the updater."""


STATES = ("running", "starting", "stopped", "failed", "disabled", "missing")
EVIDENCE = {
    "service_state": enum_of(STATES),
    "service_enabled": BOOL,
    "service_skipped": BOOL,
    "schedules": list_of(STRING),
    "scheduled": BOOL,
    "cron_file": STRING,
    "cron_runs": BOOL,
    "updater_process": BOOL,
    "timer_active": BOOL,
}
_STATES = {"running": "running", "start_pending": "starting", "failed": "failed"}


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`service_skipped`: stopped because the cron file exists. A cron file counts while cron itself runs."""
    machine = context.machine
    service, enabled = _service(machine, parameters.service)
    process = _process(machine, parameters.process)
    file, commands = _cron_file(machine, parameters.cron_files)
    cron = _cron_runs(machine, parameters.cron_services)
    timer = _timer(machine, parameters.timer)
    hook = _exists(machine, parameters.hook)
    by_cron = _both(commands, cron)
    ways = {
        "service": _is(service, "running", "starting"),
        "process": process,
        "cron": by_cron,
        "timer": timer,
        "hook": hook,
    }
    return {
        "service_state": service,
        "service_enabled": enabled,
        "service_skipped": _skipped(machine, service, parameters.cron_files[:1]),
        "schedules": Saw(tuple(way for way, seen in ways.items() if isinstance(seen, Saw) and seen.value)),
        "scheduled": _any(list(ways.values())),
        "cron_file": file,
        "cron_runs": cron,
        "updater_process": process,
        "timer_active": timer,
    }


def _service(machine: Machine, name: str) -> tuple[Sighting, Sighting]:
    held = machine.services()
    if isinstance(held, Unseen):
        if held.reason is Reason.UNSUPPORTED:
            # No service manager, no service.
            return Saw("missing", held.where), Saw(False, held.where)
        return held, held
    found = next((service for service in held if service.name.removesuffix(".service") == name), None)
    where = f"services : {name}"
    if found is None:
        return Saw("missing", where), Saw(False, where)
    state = _STATES.get(found.status, "disabled" if found.start == "disabled" else "stopped")
    enabled = found.start in ("automatic", "delayed")
    unknown = Unseen(Reason.NOT_RECORDED, where)
    return (
        unknown if found.status == "unknown" else Saw(state, where),
        unknown if found.start == "unknown" else Saw(enabled, where),
    )


def _skipped(machine: Machine, service: Sighting, paths: tuple[str, ...]) -> Sighting:
    stopped = _is(service, "stopped")
    return _both(stopped, _exists(machine, paths[0]) if paths else Saw(False))


def _process(machine: Machine, name: str) -> Sighting:
    held = machine.processes()
    if isinstance(held, Unseen):
        return held
    return Saw(any(base_name(process.name) == name for process in held), f"processes : {name}")


def _cron_file(machine: Machine, paths: tuple[str, ...]) -> tuple[Sighting, Sighting]:
    """The file that starts the updater, and whether there is one: it must hold more than comments."""
    unseen: Unseen | None = None
    for path in paths:
        info = machine.file_info(path)
        if isinstance(info, Absent):
            continue
        log = info if isinstance(info, Unseen) else read_log(machine, path)
        if isinstance(log, Unseen):
            unseen = unseen or log
        elif any(_is_job(line) for line in log.lines):
            return Saw(path, path), Saw(True, path)
    if unseen:
        return unseen, unseen
    return Unseen(Reason.MISSING, ", ".join(paths)), Saw(False, ", ".join(paths))


def _is_job(line: str) -> bool:
    text = line.strip()
    return bool(text) and not text.startswith("#") and "freshclam" in text


def _cron_runs(machine: Machine, names: tuple[str, ...]) -> Sighting:
    services, processes = machine.services(), machine.processes()
    running: set[str] = set()
    if not isinstance(services, Unseen):
        running |= {_name(service) for service in services if service.status == "running"}
    if not isinstance(processes, Unseen):
        running |= {base_name(process.name) for process in processes}
    if running & set(names):
        return Saw(True, "services : cron")
    unseen = next((held for held in (processes, services) if isinstance(held, Unseen)), None)
    if unseen and not (unseen is services and unseen.reason is Reason.UNSUPPORTED):
        return unseen if isinstance(services, Unseen) else Saw(False, "services : cron")
    return Saw(False, "services : cron")


def _name(service: Service) -> str:
    return service.name.removesuffix(".service")


def _timer(machine: Machine, name: str) -> Sighting:
    if not name:
        return Saw(False)
    services = machine.services()
    if isinstance(services, Unseen) and services.reason is Reason.UNSUPPORTED:
        return Saw(False, services.where)
    answer = machine.run(["systemctl", "is-active", name], 5.0)
    if isinstance(answer, Unseen):
        return answer
    if isinstance(answer, Absent):
        return Saw(False, answer.where)
    return Saw(_word(answer) == "active", f"systemctl is-active {name}")


def _word(answer: CommandResult) -> str:
    return answer.stdout[:100].decode("ascii", "replace").strip()


def _exists(machine: Machine, path: str) -> Sighting:
    if not path:
        return Saw(False)
    info = machine.file_info(path)
    return info if isinstance(info, Unseen) else Saw(not isinstance(info, Absent), path)


def _is(state: Sighting, *words: str) -> Sighting:
    return state if isinstance(state, Unseen) else Saw(state.value in words, state.where)


def _both(one: Sighting, other: Sighting) -> Sighting:
    false = next((item for item in (one, other) if isinstance(item, Saw) and not item.value), None)
    unseen = next((item for item in (one, other) if isinstance(item, Unseen)), None)
    return false or unseen or one


def _any(ways: list[Sighting]) -> Sighting:
    true = next((way for way in ways if isinstance(way, Saw) and way.value), None)
    unseen = next((way for way in ways if isinstance(way, Unseen)), None)
    return true or unseen or Saw(False)


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=20.0)
