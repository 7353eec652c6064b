"""Ask an endpoint everything that decides whether, and if not why, it cannot be reached; the verdict is elsewhere."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from checks._dns_answers import addresses
from checks._endpoint import Seen, Target
from checks._endpoint_faults import OF_ANOTHER_SERVER, http_fault, tls_fault
from checks._proxy_settings import address_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import HttpAnswer, Resolver, TcpAnswer, TcpStatus, TlsAnswer, Via

Stage = Generator[Seen, None, Seen]
"""Yields what is known after each probe, and returns it at the end."""


def probe_endpoint(machine: Machine, target: Target, pin: str, proxy_url: str | None) -> Stage:
    """A probe is sent only when the ones before do not rule out that it tells something.

    `proxy_url` is empty when no proxy is set, and None when that could not be seen.
    """
    seen = yield from _direct(machine, target, Seen(pin))
    if proxy_url != "" and target.url and not _fine(target, seen):
        seen = yield from _through_proxy(machine, target, target.url, seen, proxy_url or "")
    if not target.literal and (seen.unresolved or (target.public and not _fine(target, seen))):
        seen = yield from _public(machine, target, seen)
    return seen


def _direct(machine: Machine, target: Target, seen: Seen) -> Stage:
    if not target.literal and not seen.pin:
        seen = replace(seen, system=machine.resolve(target.host, Resolver.SYSTEM))
        yield seen
        if seen.unresolved:
            return seen
    seen = replace(seen, tcp=machine.connect(target.host, target.port))
    yield seen
    if isinstance(seen.tcp, TcpAnswer) and not seen.connected:
        return seen
    if target.encrypted:
        seen = replace(seen, tls=machine.handshake(target.host, target.port))
        yield seen
        if isinstance(seen.tls, TlsAnswer) and tls_fault(target, seen.tls):
            return seen
    if target.url:
        seen = replace(seen, http=machine.fetch(target.url, Via.DIRECT))
        yield seen
    return seen


def _through_proxy(machine: Machine, target: Target, url: str, seen: Seen, proxy_url: str) -> Stage:
    address = address_of(proxy_url)
    if address is not None:
        seen = replace(seen, proxy_tcp=machine.connect(*address))
        yield seen
    elif proxy_url:
        return seen
    if not isinstance(seen.proxy_tcp, TcpAnswer) or seen.proxy_tcp.status is TcpStatus.CONNECTED:
        seen = replace(seen, proxied=machine.fetch(url, Via.PROXY))
        yield seen
        if target.encrypted and isinstance(seen.proxied, HttpAnswer) and _may_be_the_servers(seen.proxied):
            seen = replace(seen, proxied_tls=machine.handshake(target.host, target.port, Via.PROXY))
            yield seen
    return seen


def _may_be_the_servers(answer: HttpAnswer) -> bool:
    """Not what a proxy says for itself: it refuses, or cannot be reached."""
    return answer.status not in (403, 407) and answer.error != "proxy-unreachable"


def _public(machine: Machine, target: Target, seen: Seen) -> Stage:
    seen = replace(seen, public=machine.resolve(target.host, Resolver.PUBLIC))
    yield seen
    elsewhere = [address for address in addresses(seen.public) if address not in addresses(seen.system)]
    if elsewhere and isinstance(seen.tcp, TcpAnswer) and not seen.connected:
        seen = replace(seen, public_tcp=machine.connect(elsewhere[0], target.port))
        yield seen
    if elsewhere and isinstance(seen.tls, TlsAnswer) and seen.tls.status in OF_ANOTHER_SERVER:
        seen = replace(seen, public_tls=machine.handshake(target.host, target.port, Via.DIRECT, elsewhere[0]))
        yield seen
    return seen


def _fine(target: Target, seen: Seen) -> bool:
    tls = seen.tls is None or (isinstance(seen.tls, TlsAnswer) and not tls_fault(target, seen.tls))
    http = seen.http is None or (isinstance(seen.http, HttpAnswer) and not http_fault(target, seen.http))
    return seen.connected and tls and http
