"""Well-known hosts that tell "this one server cannot be reached" from "nothing can be reached"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from checks._dns_answers import Resolved, addresses, status, system_status
from checks._side_by_side import latest
from diagnose.check import Saw, Sighting
from diagnose.machine.interface import Machine
from diagnose.machine.values import DnsStatus, Reason, Resolver, TcpAnswer, TcpStatus, Unseen

CONTROLS = ("www.example.com", "example.org", "www.iana.org")
PORT = 443


@dataclass(frozen=True, slots=True)
class ControlProbe:
    """What was seen of one control so far; None: not asked, or not answered in time."""

    name: str
    system: Resolved = None
    public: Resolved = None
    tcp: TcpAnswer | Unseen | None = None

    @property
    def online(self) -> Sighting:
        """Whether the control was reached (bool)."""
        if isinstance(self.tcp, TcpAnswer):
            return Saw(self.tcp.status is TcpStatus.CONNECTED, f"TCP {self.tcp.host}:{self.tcp.port}")
        if _no_address(system_status(self.system)) and _no_address(status(self.public)):
            return Saw(False, f"DNS {self.name}")
        asked = (self.system, self.public, self.tcp)
        late = Unseen(Reason.TIMED_OUT, f"TCP {self.name}:{PORT}")
        return next((answer for answer in asked if isinstance(answer, Unseen)), late)


def probe_control(machine: Machine, name: str) -> Iterator[ControlProbe]:
    """What is known so far, after each probe: DNS, public DNS if that fails, then TCP."""
    probe = ControlProbe(name, machine.resolve(name, Resolver.SYSTEM))
    yield probe
    host = name
    if _no_address(system_status(probe.system)):
        probe = replace(probe, public=machine.resolve(name, Resolver.PUBLIC))
        yield probe
        if _no_address(status(probe.public)):
            return
        host = next(iter(addresses(probe.public)), name)
    yield replace(probe, tcp=machine.connect(host, PORT))


def probe_controls(machine: Machine, names: Sequence[str], timeout_s: float) -> tuple[ControlProbe, ...]:
    """All at a time, so that a dead one costs no more than itself."""
    found = latest([partial(probe_control, machine, name) for name in names], timeout_s)
    return tuple(probe or ControlProbe(name) for name, probe in zip(names, found, strict=True))


def online(probes: Sequence[ControlProbe]) -> Sighting:
    """True when one was reached; False when at least one was seen and none was reached; else why none was seen."""
    states = [probe.online for probe in probes]
    seen = [state for state in states if isinstance(state, Saw)]
    if seen:
        return next((state for state in seen if state.value), seen[0])
    return next((state for state in states if isinstance(state, Unseen)), Unseen(Reason.NO_SOURCE, f"TCP {PORT}"))


def _no_address(found: DnsStatus | None) -> bool:
    return found is not None and found is not DnsStatus.ANSWERED
