"""Short ways to write what probes saw, for the tests of the network checks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from diagnose.check import Saw, Sighting
from diagnose.machine.values import (
    DnsAnswer,
    DnsStatus,
    HttpAnswer,
    ProxySetting,
    Resolver,
    TcpAnswer,
    TcpStatus,
    TlsAnswer,
    TlsStatus,
    Unseen,
    Via,
)

NXDOMAIN, SERVFAIL, TIMEOUT, REFUSED = DnsStatus.NXDOMAIN, DnsStatus.SERVFAIL, DnsStatus.TIMEOUT, DnsStatus.REFUSED
HOSTS = r"C:\Windows\System32\drivers\etc\hosts"
SERVER = "osce.example.co.jp"
VENDOR = "update.vendor.example"
CONTROL = "www.example.com"
URL = f"https://{SERVER}:4343/officescan/cgi/cgionstart.exe"
VENDOR_URL = f"https://{VENDOR}/server.ini"
PROXY = "http://proxy.example.co.jp:8080"


def dns(name: str, answer: str | DnsStatus, resolver: Resolver = Resolver.SYSTEM, server: str = "") -> DnsAnswer:
    if isinstance(answer, DnsStatus):
        return DnsAnswer(name, resolver, answer, (), server)
    return DnsAnswer(name, resolver, DnsStatus.ANSWERED, tuple(answer.split()), server)


def public(name: str, answer: str | DnsStatus) -> DnsAnswer:
    return dns(name, answer, Resolver.PUBLIC)


def tcp(host: str, status: TcpStatus = TcpStatus.CONNECTED, port: int = 443) -> TcpAnswer:
    return TcpAnswer(host, port, status)


def tls(status: TlsStatus = TlsStatus.OK, host: str = VENDOR, port: int = 443) -> TlsAnswer:
    return TlsAnswer(host, port, status, "CN=社内検査 CA", f"CN={host}", datetime(2027, 1, 1, tzinfo=UTC), "")


def http(status: int | None = 200, body: str = "", via: Via = Via.DIRECT, url: str = VENDOR_URL) -> HttpAnswer:
    return HttpAnswer(url, via, status, body)


def setting(owner: str, url: str = PROXY, pac: str = "") -> ProxySetting:
    return ProxySetting(owner, url, f"設定: {owner}", pac)


def value(sighting: Sighting) -> object:
    assert isinstance(sighting, Saw), sighting
    return sighting.value


def unseen(sighting: Sighting) -> Unseen:
    assert isinstance(sighting, Unseen), sighting
    return sighting


def healthy_vendor() -> dict[str, Any]:
    return {
        "dns": [dns(VENDOR, "203.0.113.10")],
        "tcp": [tcp(VENDOR)],
        "tls": [tls()],
        "http": [http(body="ファイル一覧" * 50)],
    }
