"""From what was seen to one outcome: no probing here, so that every rule can be tested by a line of a table."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeGuard

from checks._controls import ControlProbe, online
from checks._dns_answers import addresses, resolver_works, server_answers, status, system_status
from checks._endpoint import Seen, Target
from checks._endpoint_faults import TCP_FAULTS, Outcome, http_fault, tls_fault
from checks._proxy_settings import is_dead
from diagnose.check import Saw
from diagnose.machine.values import (
    DnsStatus,
    HttpAnswer,
    Reason,
    TcpAnswer,
    TcpStatus,
    TlsAnswer,
    TlsStatus,
    Unseen,
    Via,
)


@dataclass(frozen=True, slots=True)
class Network:
    """What is known beside the endpoint itself; None: not known."""

    resolver_works: bool | None = None
    """The system resolver does its work for other names."""
    public_dns_answers: bool | None = None
    online: bool | None = None
    """Well-known hosts can be reached."""
    something_reached: bool = False
    service_has_proxy: bool = False
    portal: str = ""
    """The host of a sign-in page to which web requests are sent, whatever they asked for."""


@dataclass(frozen=True, slots=True)
class Decision:
    outcome: Outcome
    where: str


# A server at an address of this network says nothing about the one that public DNS names.
_OF_A_WRONG_SERVER = frozenset(
    {
        Outcome.TLS_UNTRUSTED,
        Outcome.TLS_INTERCEPTED,
        Outcome.TLS_EXPIRED,
        Outcome.TLS_NAME_MISMATCH,
        Outcome.TLS_PROTOCOL,
        Outcome.TLS_RESET,
        Outcome.HTTP_FORBIDDEN,
        Outcome.HTTP_NOT_FOUND,
        Outcome.HTTP_UNEXPECTED_BODY,
        Outcome.HTTP_ERROR,
        Outcome.HTTP_NO_ANSWER,
    }
)
_SAID_THROUGH_PROXY = {
    Outcome.PROXY_AUTHENTICATION_REQUIRED: Outcome.PROXY_AUTHENTICATION_REQUIRED,
    Outcome.HTTP_FORBIDDEN: Outcome.PROXY_BLOCKED,
    Outcome.HTTP_UNEXPECTED_BODY: Outcome.PROXY_BLOCKED,
    Outcome.HTTP_ERROR: Outcome.PROXY_BLOCKED,
    Outcome.HTTP_NOT_FOUND: Outcome.HTTP_NOT_FOUND,
    Outcome.HTTP_RATE_LIMITED: Outcome.HTTP_RATE_LIMITED,
}
# What a silent proxy cannot be blamed for, because it is silent for the same reason.
_WIDER_THAN_A_PROXY = frozenset({Outcome.NETWORK_OFFLINE, Outcome.SYSTEM_RESOLVER_DOWN, Outcome.ANSWER_DIFFERS})


def around(probes: Sequence[ControlProbe], *, something_reached: bool, service_has_proxy: bool) -> Network:
    """What the controls say about the network."""
    state = online(probes)
    return Network(
        resolver_works=_any(resolver_works(system_status(probe.system)) for probe in probes),
        public_dns_answers=_any(server_answers(status(probe.public)) for probe in probes),
        online=bool(state.value) if isinstance(state, Saw) else None,
        something_reached=something_reached,
        service_has_proxy=service_has_proxy,
    )


def classify(target: Target, seen: Seen, network: Network) -> Decision | Unseen:
    """The first thing on the way that stops; Unseen when a probe is missing that would have to be seen for it."""
    direct = _direct(target, seen, network)
    if isinstance(direct, Decision) and direct.outcome is Outcome.REACHED:
        return direct
    if network.portal and isinstance(direct, Decision) and not isinstance(seen.proxied, HttpAnswer):
        return Decision(Outcome.CAPTIVE_PORTAL, f"HTTP {Via.DIRECT} http://{network.portal}/")
    if _pinned_wrongly(target, seen, direct):
        direct = Decision(Outcome.HOSTS_OVERRIDE, f"{seen.pin} {target.host}")
    if seen.connected and not _agents_way_is_fine(target, seen, network):
        return direct
    return _with_proxy(target, seen, network, direct)


def _agents_way_is_fine(target: Target, seen: Seen, network: Network) -> bool:
    """What the agent itself uses is a proxy, and that leads to the server."""
    if not (network.service_has_proxy and target.public and isinstance(seen.proxied, HttpAnswer)):
        return False
    return http_fault(target, seen.proxied) is None


def _direct(target: Target, seen: Seen, network: Network) -> Decision | Unseen:
    stages = (
        _name_stage(target, seen, network),
        _tcp_stage(target, seen, network),
        _tls_stage(target, seen),
        _http_stage(target, seen),
    )
    stopped = next((stage for stage in stages if isinstance(stage, Decision)), None)
    missing = next((stage for stage in stages if isinstance(stage, Unseen)), None)
    return stopped or missing or Decision(Outcome.REACHED, target.url or f"TCP {target}")


def _name_stage(target: Target, seen: Seen, network: Network) -> Decision | Unseen | None:
    if target.literal or seen.pin or seen.connected:
        return None
    where = f"DNS system {target.host}"
    if seen.unresolved:
        outcome = _name_fault(seen, network)
        return Decision(outcome, where) if outcome else _unseen(seen.public, f"DNS public {target.host}")
    return None if addresses(seen.system) else _unseen(seen.system, where)


def _name_fault(seen: Seen, network: Network) -> Outcome | None:
    """None when this name's silence may be anybody's fault."""
    found = system_status(seen.system)
    if found is DnsStatus.NXDOMAIN or network.resolver_works:
        return Outcome.NAME_NOT_RESOLVED
    if found is DnsStatus.SERVFAIL and network.resolver_works is None:
        return Outcome.NAME_NOT_RESOLVED
    match _gets_out(seen, network):
        case True:
            return Outcome.SYSTEM_RESOLVER_DOWN
        case False:
            # Whoever refuses is there.
            return Outcome.SYSTEM_RESOLVER_DOWN if found is DnsStatus.REFUSED else Outcome.NETWORK_OFFLINE
        case None:
            return Outcome.SYSTEM_RESOLVER_DOWN if network.resolver_works is False else None


def _gets_out(seen: Seen, network: Network) -> bool | None:
    """Whether anything outside this computer was seen to answer, other than its own resolver."""
    if network.online or network.something_reached or _connected(seen.proxy_tcp):
        return True
    return _any((server_answers(status(seen.public)), network.public_dns_answers))


def _tcp_stage(target: Target, seen: Seen, network: Network) -> Decision | Unseen | None:
    where = f"TCP {target}"
    if seen.connected:
        return None
    if not isinstance(seen.tcp, TcpAnswer):
        return _unseen(seen.tcp, where)
    if _led_astray(target, seen):
        return Decision(Outcome.ANSWER_DIFFERS, f"DNS system {target.host}")
    if seen.tcp.status is TcpStatus.UNREACHABLE and network.online is False and not _gets_out(seen, network):
        return Decision(Outcome.NETWORK_OFFLINE, where)
    return Decision(TCP_FAULTS[seen.tcp.status], where)


def _tls_stage(target: Target, seen: Seen) -> Decision | Unseen | None:
    where = f"TLS {target}"
    if not target.encrypted:
        return None
    answered = isinstance(seen.http, HttpAnswer) and seen.http.status is not None
    if isinstance(seen.tls, TlsAnswer):
        return _later_fault(target, seen, tls_fault(target, seen.tls, answered=answered), where)
    # Whoever answers over HTTPS has shaken hands; whose certificate it was matters for public names only.
    return None if target.own and answered else _unseen(seen.tls, where)


def _http_stage(target: Target, seen: Seen) -> Decision | Unseen | None:
    if target.url is None:
        return None
    where = f"HTTP {Via.DIRECT} {target.url}"
    if not isinstance(seen.http, HttpAnswer):
        return _unseen(seen.http, where)
    return _later_fault(target, seen, http_fault(target, seen.http), where)


def _later_fault(target: Target, seen: Seen, fault: Outcome | None, where: str) -> Decision | None:
    if fault is None:
        return None
    if fault in _OF_A_WRONG_SERVER and (_sent_inside(target, seen) or _right_server_elsewhere(seen)):
        return Decision(Outcome.ANSWER_DIFFERS, f"DNS system {target.host}")
    return Decision(fault, where)


def _right_server_elsewhere(seen: Seen) -> bool:
    """At the address of public DNS the host shows its own certificate."""
    return isinstance(seen.public_tls, TlsAnswer) and seen.public_tls.status is TlsStatus.OK


def _led_astray(target: Target, seen: Seen) -> bool:
    """The system's addresses do not work, and public DNS knows others that do, or at least might."""
    system, public = addresses(seen.system), addresses(seen.public)
    if not (target.public and system and public) or set(system) & set(public):
        return False
    # Large services answer with other addresses everywhere: only one that works shows that the system's are wrong.
    return _sent_inside(target, seen) or not isinstance(seen.public_tcp, TcpAnswer) or _connected(seen.public_tcp)


def _sent_inside(target: Target, seen: Seen) -> bool:
    """The system gives nothing but addresses of this network for a name that has one in the public network."""
    system, public = addresses(seen.system), addresses(seen.public)
    return (
        target.public and bool(system) and all(map(is_inside, system)) and any(not is_inside(other) for other in public)
    )


def _pinned_wrongly(target: Target, seen: Seen, direct: Decision | Unseen) -> bool:
    if not seen.pin or seen.pin in addresses(seen.public):
        return False
    return isinstance(direct, Decision) or (target.public and is_dead_end(seen.pin) and not seen.connected)


def _with_proxy(target: Target, seen: Seen, network: Network, direct: Decision | Unseen) -> Decision | Unseen:
    """The outcome where a proxy may lead to what cannot be reached directly."""
    where = f"HTTP {Via.PROXY} {target.url or target}"
    dead = _dead_proxy(seen, where)
    if isinstance(seen.proxied, HttpAnswer) and not dead:
        return _by_answer(target, seen, seen.proxied, network, direct)
    if not _proxy_counts(direct, target, network) or direct.outcome in _WIDER_THAN_A_PROXY:
        return direct
    if dead:
        return Decision(Outcome.PROXY_UNREACHABLE, dead)
    if network.service_has_proxy and target.public:
        # The agent's way leads through the proxy, and nobody saw where that ends.
        asked = seen.proxied or seen.proxy_tcp
        return _unseen(asked, where) if asked else Unseen(Reason.UNSUPPORTED, where)
    return direct


def _dead_proxy(seen: Seen, where: str) -> str:
    """Where it was seen that the proxy is dead; empty when it was not."""
    if isinstance(seen.proxy_tcp, TcpAnswer) and not _connected(seen.proxy_tcp):
        return f"TCP {seen.proxy_tcp.host}:{seen.proxy_tcp.port}"
    if not isinstance(seen.proxied, HttpAnswer):
        return ""
    hangs_up = seen.proxied.error in ("reset", "protocol") and isinstance(seen.proxied_tls, Unseen)
    return where if is_dead(seen.proxied) or (hangs_up and not _connected(seen.tcp)) else ""


def _by_answer(
    target: Target, seen: Seen, answer: HttpAnswer, network: Network, direct: Decision | Unseen
) -> Decision | Unseen:
    where = f"HTTP {Via.PROXY} {answer.url}"
    fault = http_fault(target, answer)
    if isinstance(seen.proxied_tls, TlsAnswer) and (inspected := tls_fault(target, seen.proxied_tls)):
        # Whoever asks through the proxy is shown that certificate.
        return Decision(inspected, f"TLS {Via.PROXY} {target}")
    if fault is None and network.service_has_proxy:
        return Decision(Outcome.REACHED, where)
    if isinstance(direct, Unseen) or direct.outcome is Outcome.HOSTS_OVERRIDE:
        return direct
    if fault is None:
        return Decision(Outcome.PROXY_REQUIRED, where)
    said = _SAID_THROUGH_PROXY.get(fault) if _proxy_counts(direct, target, network) else None
    return Decision(said, where) if said else direct


def _proxy_counts(direct: Decision | Unseen, target: Target, network: Network) -> TypeGuard[Decision]:
    """A server in the own network is normally reached without a proxy, and one that refuses has spoken for itself."""
    if isinstance(direct, Unseen) or direct.outcome is Outcome.HOSTS_OVERRIDE:
        return False
    return target.public or (network.service_has_proxy and direct.outcome is not Outcome.TCP_REFUSED)


def is_inside(address: str) -> bool:
    """An address that cannot be that of a server in the public network."""
    return _in(address, _inside())


def is_dead_end(address: str) -> bool:
    """This computer itself, or nothing at all: what block lists pin names to."""
    return _in(address, _inside()[:4])


@cache
def _inside() -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    # Not `is_private`: that counts addresses for documentation, too, with which recordings are written.
    blocks = "0.0.0.0/8 127.0.0.0/8 ::/128 ::1/128 10.0.0.0/8 100.64.0.0/10 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16"
    return tuple(ipaddress.ip_network(block) for block in f"{blocks} fc00::/7 fe80::/10".split())


def _in(address: str, blocks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in block for block in blocks)


def _connected(answer: TcpAnswer | Unseen | None) -> bool:
    return isinstance(answer, TcpAnswer) and answer.status is TcpStatus.CONNECTED


def _unseen(answer: object, where: str) -> Unseen:
    return answer if isinstance(answer, Unseen) else Unseen(Reason.TIMED_OUT, where)


def _any(known: Iterable[bool | None]) -> bool | None:
    """True if one is, False if all that are known are not, None if none is known."""
    seen = [one for one in known if one is not None]
    return any(seen) if seen else None
