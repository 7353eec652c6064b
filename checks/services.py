"""Whether the services that the product cannot do without are there and running."""

from __future__ import annotations

from collections.abc import Iterable

from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, STRING, list_of
from diagnose.machine.values import Reason, Service, Unseen
from diagnose.specs import ServiceSpec, Spec


class Parameters(Spec, frozen=True):
    """The product's services; only the core ones count."""

    services: tuple[ServiceSpec, ...]


_LISTS = ("running", "starting", "stopped", "disabled", "missing")
EVIDENCE = {
    **{name: list_of(STRING) for name in _LISTS},
    "all_running": BOOL,
    "service_manager": BOOL,
}
_WHERE = "services"
_STATES = {
    "running": "running",
    "start_pending": "starting",
    "stopped": "stopped",
    "stop_pending": "stopped",
    "paused": "stopped",
    "failed": "stopped",
}


def measure(context: Context, parameters: Parameters) -> Measurement:
    """A disabled service that does not run stands in `stopped` too; `service_manager` is false where there is none."""
    held = context.machine.services()
    if isinstance(held, Unseen):
        no_manager = held.reason is Reason.UNSUPPORTED
        manager: Sighting = Saw(False, held.where) if no_manager else held
        return {**dict.fromkeys((*_LISTS, "all_running"), held), "service_manager": manager}
    by_name = {_folded(service.name): service for service in held}
    lists: dict[str, list[str]] = {name: [] for name in _LISTS}
    undecided: list[Unseen] = []
    for spec in parameters.services:
        applies = context.applies(spec.when) if spec.core else False
        service = by_name.get(_folded(spec.name))
        if applies is True:
            undecided.extend(_sort_in(spec.name, service, lists))
        elif isinstance(applies, Unseen) and (service is None or service.status != "running"):
            undecided.append(applies)
    return {
        **{name: Saw(tuple(names), _WHERE) for name, names in lists.items()},
        "all_running": _all_running(lists, undecided),
        "service_manager": Saw(True, _WHERE),
    }


def _sort_in(name: str, service: Service | None, lists: dict[str, list[str]]) -> Iterable[Unseen]:
    """Put the service into its lists; what is returned keeps us from saying that all run."""
    if service is None:
        lists["missing"].append(name)
        return ()
    state = _STATES.get(service.status)
    if state is None:
        return (Unseen(Reason.MALFORMED, f"{_WHERE} : {name}", service.status),)
    lists[state].append(name)
    if state == "stopped" and service.start == "disabled":
        lists["disabled"].append(name)
    return ()


def _all_running(lists: dict[str, list[str]], undecided: list[Unseen]) -> Sighting:
    if lists["missing"] or lists["stopped"] or lists["starting"]:
        return Saw(False, _WHERE)
    if undecided:
        return undecided[0]
    return Saw(True, _WHERE) if lists["running"] else Unseen(Reason.NO_SOURCE, _WHERE)


def _folded(name: str) -> str:
    return name.casefold().removesuffix(".service")


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure)
