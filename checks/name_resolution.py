"""Do the system's resolver and public DNS answer at all?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from checks._controls import CONTROLS
from checks._dns_answers import status, system_status
from checks._hosts_file import read_hosts
from checks._side_by_side import latest
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import STRING, enum_of, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import DnsAnswer, DnsStatus, Reason, Resolver, Unseen
from diagnose.specs import Spec

_SECONDS = 14.0


class Parameters(Spec, frozen=True):
    """Names that exist everywhere; the first that is answered is enough."""

    names: tuple[str, ...] = CONTROLS


EVIDENCE = {
    "system": enum_of(("works", "name_missing", "down", "refused")),
    "public": enum_of(("works", "name_missing", "down")),
    "resolved": list_of(STRING),
    "failed": list_of(STRING),
    "resolvers": list_of(STRING),
    "silent_resolvers": list_of(STRING),
    "hosts_entry": STRING,
}

Answer = DnsAnswer | Unseen


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`resolved` and `failed` are the system's. Names behind the first that is answered are not asked for.

    `silent_resolvers` keep every look-up waiting, although another server answers.
    """
    jobs = [partial(_ask, context.machine, parameters.names, resolver) for resolver in Resolver]
    system, public = (answers or () for answers in latest(jobs, _SECONDS))
    states = [system_status(answer) for answer in system]
    return {
        "system": _state(parameters.names, Resolver.SYSTEM, system, states),
        "public": _state(parameters.names, Resolver.PUBLIC, public, [status(answer) for answer in public]),
        **_lists(parameters.names, system, states),
        "resolvers": _resolvers(parameters.names, system),
        "hosts_entry": _hosts_entry(context.machine, parameters.names),
    }


def _ask(machine: Machine, names: Sequence[str], resolver: Resolver) -> Iterator[tuple[Answer, ...]]:
    answers: tuple[Answer, ...] = ()
    for name in names:
        answers = (*answers, machine.resolve(name, resolver))
        yield answers
        if status(answers[-1]) is DnsStatus.ANSWERED:
            return


def _state(
    names: Sequence[str], resolver: Resolver, answers: Sequence[Answer], states: Sequence[DnsStatus | None]
) -> Sighting:
    seen = [(name, state) for name, state in zip(names, states, strict=False) if state is not None]
    if not seen:
        return next((answer for answer in answers if isinstance(answer, Unseen)), _late(names, resolver))
    found = {state for _, state in seen}
    where = ", ".join(f"DNS {resolver} {name}" for name, _ in seen)
    if DnsStatus.ANSWERED in found:
        return Saw("works", f"DNS {resolver} {seen[-1][0]}")
    # A server that knows that there is no such name is at work.
    if DnsStatus.NXDOMAIN in found:
        return Saw("name_missing", where)
    return Saw("refused" if DnsStatus.REFUSED in found and resolver is Resolver.SYSTEM else "down", where)


def _lists(names: Sequence[str], answers: Sequence[Answer], states: Sequence[DnsStatus | None]) -> dict[str, Sighting]:
    seen = [(name, state) for name, state in zip(names, states, strict=False) if state is not None]
    if not seen:
        unseen = next((answer for answer in answers if isinstance(answer, Unseen)), _late(names, Resolver.SYSTEM))
        return {"resolved": unseen, "failed": unseen, "silent_resolvers": unseen}
    silent = (server for answer in answers if isinstance(answer, DnsAnswer) for server in answer.silent)
    return {
        "resolved": Saw(tuple(name for name, state in seen if state is DnsStatus.ANSWERED), "DNS system"),
        "failed": Saw(tuple(name for name, state in seen if state is not DnsStatus.ANSWERED), "DNS system"),
        "silent_resolvers": Saw(tuple(dict.fromkeys(silent)), "DNS system"),
    }


def _resolvers(names: Sequence[str], answers: Sequence[Answer]) -> Sighting:
    servers = dict.fromkeys(answer.server for answer in answers if isinstance(answer, DnsAnswer) and answer.server)
    return Saw(tuple(servers), "DNS system") if servers else Unseen(Reason.MISSING, f"DNS system {', '.join(names)}")


def _hosts_entry(machine: Machine, names: Sequence[str]) -> Sighting:
    hosts = read_hosts(machine)
    if isinstance(hosts, Unseen):
        return hosts
    entries = [hosts.entry(name) for name in names]
    pinned = next((entry for entry in entries if isinstance(entry, Saw) and entry.value), None)
    return pinned or next(iter(entries), Saw("", hosts.where))


def _late(names: Sequence[str], resolver: Resolver) -> Unseen:
    return Unseen(Reason.TIMED_OUT, f"DNS {resolver} {', '.join(names)}")


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=15.0)
