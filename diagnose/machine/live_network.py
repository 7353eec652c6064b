"""Network questions that every live computer answers in the same way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.machine.values import (
    ClockOffset,
    DnsAnswer,
    Download,
    HttpAnswer,
    Reason,
    Resolver,
    TcpAnswer,
    TlsAnswer,
    Unseen,
    Via,
)
from diagnose.network.libraries import load_libraries

if TYPE_CHECKING:
    from diagnose.network.name_lookup import LookUp
    from diagnose.network.tls_trust import Trust

LOOK_UP_S = 3.0
CLOCK_S = 7.0
"""More than a system waits for a silent name server before it asks the next one."""
CLOCK_HOSTS = ("www.example.com", "example.org", "www.iana.org")


def resolve(
    name: str,
    resolver: Resolver,
    nameservers: Callable[[], tuple[str, ...]],
    proxy: Callable[[], str | None],
    names: LookUp,
) -> DnsAnswer | Unseen:
    """See `Machine.resolve`; `nameservers` and `proxy` tell those of this computer, when they are asked.

    Here and below, `names` looks a name up for all that is asked of one computer.
    """
    load_libraries()
    from diagnose.network import dns_probe, dns_secure

    if resolver is Resolver.PUBLIC:
        return dns_probe.resolve_public(name, secure=dns_secure.SecureServers(), proxy=proxy())
    return dns_probe.resolve_system(name, nameservers(), system=names)


def connect(host: str, port: int, names: LookUp) -> TcpAnswer | Unseen:
    """See `Machine.connect`."""
    from diagnose.network import tcp_probe

    addresses = _addresses(host, f"TCP: {host}:{port}", names)
    if isinstance(addresses, Unseen):
        return addresses
    tried = tcp_probe.connect(addresses, port)
    return TcpAnswer(host, port, tried.status, tried.dead)


@dataclass(frozen=True, slots=True)
class Way:
    """By which to shake hands; `proxy` tells the one that this computer uses, when it is wanted."""

    via: Via
    address: str
    proxy: Callable[[], str | None]
    names: LookUp


def handshake(host: str, port: int, trust: Trust, now: datetime, way: Way) -> TlsAnswer | Unseen:
    """See `Machine.handshake`; `trust` is whom this computer trusts."""
    load_libraries()
    from diagnose.network import tls_probe, tls_tunnel

    where = f"TLS: {host}:{port}"
    if way.via is Via.PROXY:
        proxy = way.proxy()
        if proxy is None:
            return Unseen(Reason.UNSUPPORTED, f"proxy: {host}:{port}")
        return tls_tunnel.handshake(host, port, proxy, trust, now, names=way.names)
    addresses = (way.address,) if way.address else _addresses(host, where, way.names)
    return addresses if isinstance(addresses, Unseen) else tls_probe.handshake(host, addresses, port, trust, now)


def fetch(url: str, via: Via, proxy: Callable[[], str | None], names: LookUp) -> HttpAnswer | Unseen:
    """See `Machine.fetch`; `proxy` tells the one that this computer uses, when it is wanted."""
    load_libraries()
    from diagnose.network import http_probe

    if via is Via.DIRECT:
        return http_probe.get(url, names=names)
    address = proxy()
    where = f"proxy: {url}"
    return Unseen(Reason.UNSUPPORTED, where) if address is None else http_probe.get(url, address, names=names)


def download(
    url: str, most: int, keep: int, via: Via, proxy: Callable[[], str | None], *, names: LookUp
) -> Download | Unseen:
    """See `Machine.download`; `proxy` as for `fetch`."""
    load_libraries()
    from diagnose.network import http_probe

    if via is Via.DIRECT:
        return http_probe.download(url, most, keep, names=names)
    address = proxy()
    if address is None:
        return Unseen(Reason.UNSUPPORTED, f"proxy: {url}")
    return http_probe.download(url, most, keep, address, names=names)


def clock_offset(clock: Callable[[], datetime], proxy: Callable[[], str | None], names: LookUp) -> ClockOffset | Unseen:
    """See `Machine.clock_offset`; `clock` gives this computer's time, `proxy` as for `fetch`."""
    load_libraries()
    from diagnose.network import clock_probe

    return clock_probe.measure(CLOCK_HOSTS, clock, CLOCK_S, proxy(), names)


def public_authorities() -> tuple[bytes, ...]:
    """The certificates (DER) that the public trusts, as browsers do."""
    load_libraries()
    import certifi

    from diagnose.machine.pem_file import certificates_of

    return tuple(one.der for one in certificates_of(Path(certifi.where()).read_bytes(), "certifi"))


def _addresses(host: str, where: str, names: LookUp) -> tuple[str, ...] | Unseen:
    from diagnose.network.name_lookup import NoAddress

    addresses = names(host, LOOK_UP_S)
    if isinstance(addresses, NoAddress):
        reason = Reason.TIMED_OUT if addresses.timed_out else Reason.FAILED
        return Unseen(reason, where, f"name-not-resolved: {addresses.detail}")
    return addresses
