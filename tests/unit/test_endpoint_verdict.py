from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from checks import connectivity
from checks._endpoint import Seen, Target
from checks._endpoint_verdict import Decision, Network, classify, is_dead_end, is_inside
from diagnose.machine.values import HttpAnswer, Reason, TcpStatus, TlsStatus, Unseen, Via
from tests.unit.network_answers import (
    NXDOMAIN,
    REFUSED,
    SERVER,
    SERVFAIL,
    TIMEOUT,
    URL,
    VENDOR,
    VENDOR_URL,
    dns,
    http,
    public,
    tcp,
    tls,
)


@pytest.mark.parametrize(
    ("address", "inside", "dead_end"),
    [
        ("10.1.2.3", True, False),
        ("192.168.0.1", True, False),
        ("fe80::1", True, False),
        ("127.0.0.1", True, True),
        ("0.0.0.0", True, True),
        ("::", True, True),
        ("203.0.113.10", False, False),
        ("2001:db8::1", False, False),
        ("住所", False, False),
    ],
)
def test_tells_addresses_of_this_network_from_others(address: str, inside: bool, dead_end: bool) -> None:
    assert (is_inside(address), is_dead_end(address)) == (inside, dead_end)


PUBLIC = Target("vendor", VENDOR, 443, VENDOR_URL)
OWN = Target("server", SERVER, 4343, URL, own=True, public=False, body_contains="-2")
PORT_ONLY = Target("port", VENDOR, 443)
LITERAL = Target("address", "203.0.113.9", 443)
SHORT = Target("server", "osce", 4343, "https://osce:4343/", own=True, public=False)
RESOLVED = dns(VENDOR, "203.0.113.10")
OPEN = {"system": RESOLVED, "tcp": tcp(VENDOR)}
NOT_RECORDED = Unseen(Reason.NOT_RECORDED, "何か")
SILENT = dns(VENDOR, TIMEOUT)
PUBLIC_OK, PUBLIC_SILENT = public(VENDOR, "203.0.113.10"), public(VENDOR, TIMEOUT)
DROPPED = {"system": RESOLVED, "tcp": tcp(VENDOR, TcpStatus.TIMEOUT)}
PROXY_OPEN = {"proxy_tcp": tcp("proxy", port=8080)}
VIA_OK, VIA = http(via=Via.PROXY), partial(http, via=Via.PROXY)
NO_PROXY = HttpAnswer(VENDOR_URL, Via.PROXY, None, error="proxy-unreachable")
SERVICE = {"service_has_proxy": True}
PORTAL = {"portal": "portal.hotel.example"}
GONE = Unseen(Reason.FAILED, "TLS proxy", "protocol")
TLS_ERROR = HttpAnswer(VENDOR_URL, Via.DIRECT, None, error="tls")
BLOCK_PAGE = {
    **OPEN,
    "system": dns(VENDOR, "10.0.0.80"),
    "public": PUBLIC_OK,
    "tls": tls(TlsStatus.NAME_MISMATCH),
}
OFFLINE = {"resolver_works": False, "public_dns_answers": False, "online": False}


def redirect(location: str) -> HttpAnswer:
    return HttpAnswer(VENDOR_URL, Via.DIRECT, 302, headers=(("location", location),))


VERDICTS: list[tuple[str, Target, dict[str, Any], dict[str, Any], str | None]] = [
    ("all stages fine", PUBLIC, {**OPEN, "tls": tls(), "http": http()}, {}, "reached"),
    ("a port is enough", PORT_ONLY, OPEN, {}, "reached"),
    ("a literal address needs no DNS", LITERAL, {"tcp": tcp("203.0.113.9")}, {}, "reached"),
    ("later answers prove TCP", PUBLIC, {"system": NOT_RECORDED, "tls": tls(), "http": http()}, {}, "reached"),
    # names
    ("nxdomain", PUBLIC, {"system": dns(VENDOR, NXDOMAIN)}, {}, "name_not_resolved"),
    ("an answer without address", PUBLIC, {"system": dns(VENDOR, "")}, {}, "name_not_resolved"),
    ("only this name is silent", PUBLIC, {"system": SILENT}, {"resolver_works": True}, "name_not_resolved"),
    ("servfail", PUBLIC, {"system": dns(VENDOR, SERVFAIL)}, {}, "name_not_resolved"),
    (
        "servfail for controls, too",
        PUBLIC,
        {"system": dns(VENDOR, SERVFAIL), "public": PUBLIC_OK},
        {"resolver_works": False},
        "system_resolver_down",
    ),
    ("public DNS answers", PUBLIC, {"system": SILENT, "public": PUBLIC_OK}, {}, "system_resolver_down"),
    ("public DNS knows a control", PUBLIC, {"system": SILENT}, {"public_dns_answers": True}, "system_resolver_down"),
    ("public DNS says no", OWN, {"system": SILENT, "public": public(SERVER, NXDOMAIN)}, {}, "system_resolver_down"),
    ("refused", PUBLIC, {"system": dns(VENDOR, REFUSED), "public": PUBLIC_OK}, {}, "system_resolver_down"),
    ("refused, all else silent", PUBLIC, {"system": dns(VENDOR, REFUSED)}, OFFLINE, "system_resolver_down"),
    ("nothing answers", PUBLIC, {"system": SILENT, "public": PUBLIC_SILENT}, {}, "network_offline"),
    (
        "nothing answers, controls neither",
        PUBLIC,
        {"system": SILENT, "public": PUBLIC_SILENT},
        OFFLINE,
        "network_offline",
    ),
    (
        "public DNS blocked, a server reached",
        PUBLIC,
        {"system": SILENT, "public": PUBLIC_SILENT},
        {"something_reached": True},
        "system_resolver_down",
    ),
    ("silent, public DNS not recorded", PUBLIC, {"system": SILENT, "public": NOT_RECORDED}, {}, None),
    (
        "the same with a silent control",
        PUBLIC,
        {"system": SILENT, "public": NOT_RECORDED},
        {"resolver_works": False},
        "system_resolver_down",
    ),
    ("no server to ask", PUBLIC, {"system": Unseen(Reason.FAILED, ""), "public": PUBLIC_SILENT}, {}, "network_offline"),
    ("nothing recorded", PUBLIC, {"system": NOT_RECORDED, "tcp": NOT_RECORDED}, {}, None),
    ("nothing in time", PUBLIC, {}, {}, None),
    # TCP
    ("refused port", PUBLIC, {"system": RESOLVED, "tcp": tcp(VENDOR, TcpStatus.REFUSED)}, {}, "tcp_refused"),
    ("dropped", PUBLIC, DROPPED, {}, "tcp_filtered"),
    ("dropped, DNS not recorded", PUBLIC, {**DROPPED, "system": NOT_RECORDED}, {}, "tcp_filtered"),
    ("unreachable", PUBLIC, {"system": RESOLVED, "tcp": tcp(VENDOR, TcpStatus.UNREACHABLE)}, {}, "tcp_filtered"),
    (
        "unreachable like all",
        PUBLIC,
        {"system": RESOLVED, "tcp": tcp(VENDOR, TcpStatus.UNREACHABLE)},
        OFFLINE,
        "network_offline",
    ),
    ("TCP not recorded", PUBLIC, {"system": RESOLVED, "tcp": NOT_RECORDED}, {}, None),
    ("sinkhole", PUBLIC, {**DROPPED, "system": dns(VENDOR, "0.0.0.0"), "public": PUBLIC_OK}, {}, "answer_differs"),
    (
        "another address that is dead",
        PUBLIC,
        {**DROPPED, "public": public(VENDOR, "203.0.113.77"), "public_tcp": tcp("203.0.113.77")},
        {},
        "answer_differs",
    ),
    (
        "all addresses of a large service blocked",
        PUBLIC,
        {**DROPPED, "public": public(VENDOR, "203.0.113.77"), "public_tcp": tcp("x", TcpStatus.TIMEOUT)},
        {},
        "tcp_filtered",
    ),
    ("the same address", PUBLIC, {**DROPPED, "public": PUBLIC_OK}, {}, "tcp_filtered"),
    (
        "an own server has an inside address",
        OWN,
        {"system": dns(SERVER, "10.1.2.3"), "public": public(SERVER, "203.0.113.5"), "tcp": DROPPED["tcp"]},
        {},
        "tcp_filtered",
    ),
    # TLS
    ("untrusted", PUBLIC, {**OPEN, "tls": tls(TlsStatus.UNTRUSTED)}, {}, "tls_untrusted"),
    ("intercepted", PUBLIC, {**OPEN, "tls": tls(TlsStatus.INTERCEPTED)}, {}, "tls_intercepted"),
    ("expired", PUBLIC, {**OPEN, "tls": tls(TlsStatus.EXPIRED)}, {}, "tls_expired"),
    ("wrong name", PUBLIC, {**OPEN, "tls": tls(TlsStatus.NAME_MISMATCH)}, {}, "tls_name_mismatch"),
    ("old protocol", PUBLIC, {**OPEN, "tls": tls(TlsStatus.PROTOCOL)}, {}, "tls_protocol"),
    ("cut off", PUBLIC, {**OPEN, "tls": tls(TlsStatus.RESET)}, {}, "tls_reset"),
    ("own certificate", OWN, {**OPEN, "tls": tls(TlsStatus.UNTRUSTED), "http": http(body="-2")}, {}, "reached"),
    ("own certificate, HTTPS alone", OWN, {**OPEN, "tls": NOT_RECORDED, "http": http(body="-2")}, {}, "reached"),
    ("own authority", OWN, {**OPEN, "tls": tls(TlsStatus.INTERCEPTED), "http": http(body="-2")}, {}, "reached"),
    ("own, but expired", OWN, {**OPEN, "tls": tls(TlsStatus.EXPIRED), "http": http(body="-2")}, {}, "tls_expired"),
    ("own, wrong full name", OWN, {**OPEN, "tls": tls(TlsStatus.NAME_MISMATCH)}, {}, "tls_name_mismatch"),
    ("own, short name", SHORT, {**OPEN, "tls": tls(TlsStatus.NAME_MISMATCH), "http": http()}, {}, "reached"),
    ("TLS not recorded", PUBLIC, {**OPEN, "tls": NOT_RECORDED, "http": http()}, {}, None),
    ("TLS not recorded, HTTP bad", PUBLIC, {**OPEN, "tls": NOT_RECORDED, "http": http(404)}, {}, "http_not_found"),
    (
        "block page inside",
        PUBLIC,
        {**OPEN, "system": dns(VENDOR, "10.0.0.80"), "public": PUBLIC_OK, "tls": tls(TlsStatus.NAME_MISMATCH)},
        {},
        "answer_differs",
    ),
    # HTTP
    *(
        (f"HTTP {status}", PUBLIC, {**OPEN, "tls": tls(), "http": http(status)}, {}, outcome)
        for status, outcome in (
            (401, "http_forbidden"),
            (403, "http_forbidden"),
            (404, "http_not_found"),
            (407, "proxy_authentication_required"),
            (429, "http_rate_limited"),
            (302, "http_error"),
            (503, "http_error"),
            (-1, "http_error"),
            (None, "http_no_answer"),
        )
    ),
    ("wrong page", OWN, {**OPEN, "tls": tls(), "http": http(body="<html>ブロック")}, {}, "http_unexpected_body"),
    ("HTTP not recorded", PUBLIC, {**OPEN, "tls": tls(), "http": NOT_RECORDED}, {}, None),
    # hosts file
    ("dead pin", PUBLIC, {"pin": "10.9.9.9", "tcp": tcp(VENDOR, TcpStatus.TIMEOUT)}, {}, "hosts_override"),
    (
        "pin to another server",
        PUBLIC,
        {"pin": "10.9.9.9", "tcp": tcp(VENDOR), "tls": tls(TlsStatus.NAME_MISMATCH)},
        {},
        "hosts_override",
    ),
    ("harmless pin", PUBLIC, {"pin": "10.9.9.9", "tcp": tcp(VENDOR), "tls": tls(), "http": http()}, {}, "reached"),
    (
        "right pin, dead server",
        PUBLIC,
        {"pin": "203.0.113.10", "public": PUBLIC_OK, "tcp": tcp(VENDOR, TcpStatus.REFUSED)},
        {},
        "tcp_refused",
    ),
    ("vendor pinned to nowhere", PUBLIC, {"pin": "0.0.0.0", "tcp": NOT_RECORDED}, {}, "hosts_override"),
    ("own server pinned, not recorded", OWN, {"pin": "127.0.0.1", "tcp": NOT_RECORDED}, {}, None),
    # proxies
    ("works by the user's proxy", PUBLIC, {**DROPPED, **PROXY_OPEN, "proxied": VIA_OK}, {}, "proxy_required"),
    ("works by the service's proxy", PUBLIC, {**DROPPED, **PROXY_OPEN, "proxied": VIA_OK}, SERVICE, "reached"),
    ("no DNS, but a proxy", PUBLIC, {"system": SILENT, **PROXY_OPEN, "proxied": VIA_OK}, SERVICE, "reached"),
    ("proxy asks", PUBLIC, {**DROPPED, **PROXY_OPEN, "proxied": VIA(407)}, {}, "proxy_authentication_required"),
    ("proxy forbids", PUBLIC, {**DROPPED, **PROXY_OPEN, "proxied": VIA(403)}, {}, "proxy_blocked"),
    ("gateway error", PUBLIC, {**DROPPED, **PROXY_OPEN, "proxied": VIA(503)}, SERVICE, "proxy_blocked"),
    (
        "the proxy inspects",
        PUBLIC,
        {**DROPPED, **PROXY_OPEN, "proxied": VIA_OK, "proxied_tls": tls(TlsStatus.INTERCEPTED)},
        SERVICE,
        "tls_intercepted",
    ),
    (
        "the proxy hangs up",
        PUBLIC,
        {
            **DROPPED,
            **PROXY_OPEN,
            "proxied": HttpAnswer(VENDOR_URL, Via.PROXY, None, error="reset"),
            "proxied_tls": GONE,
        },
        SERVICE,
        "proxy_unreachable",
    ),
    (
        "a block page by name, but the agent's way is the proxy",
        PUBLIC,
        {**BLOCK_PAGE, **PROXY_OPEN, "proxied": VIA_OK},
        SERVICE,
        "reached",
    ),
    # sign-in pages
    ("a portal takes HTTPS too", PUBLIC, {**OPEN, "tls": tls(TlsStatus.NAME_MISMATCH)}, PORTAL, "captive_portal"),
    ("a portal refuses HTTPS", PUBLIC, {**OPEN, "tcp": tcp(VENDOR, TcpStatus.REFUSED)}, PORTAL, "captive_portal"),
    (
        "a portal, but a proxy as well",
        PUBLIC,
        {**DROPPED, **PROXY_OPEN, "proxied": VIA(407)},
        PORTAL,
        "proxy_authentication_required",
    ),
    (
        "sent to another site",
        PUBLIC,
        {**OPEN, "tls": tls(), "http": redirect("http://portal.hotel.example/")},
        {},
        "http_unexpected_body",
    ),
    (
        "sent to the same site",
        PUBLIC,
        {**OPEN, "tls": tls(), "http": redirect(f"https://www.{VENDOR}/x")},
        {},
        "http_error",
    ),
    # what else a handshake tells
    ("stopped for the name", PUBLIC, {**OPEN, "tls": tls(TlsStatus.NAME_FILTERED)}, {}, "tls_name_filtered"),
    ("large packets lost", PUBLIC, {**OPEN, "tls": tls(TlsStatus.SIZE_FILTERED)}, {}, "large_packets_lost"),
    ("silent after connecting", PUBLIC, {**OPEN, "tls": tls(TlsStatus.SILENT)}, {}, "tls_reset"),
    ("the client speaks less than the probe", PUBLIC, {**OPEN, "tls": tls(), "http": TLS_ERROR}, {}, "tls_protocol"),
    (
        "somebody else's public server",
        PUBLIC,
        {
            **OPEN,
            "system": dns(VENDOR, "198.51.100.9"),
            "public": PUBLIC_OK,
            "tls": tls(TlsStatus.NAME_MISMATCH),
            "public_tls": tls(),
        },
        {},
        "answer_differs",
    ),
    (
        "the same fault at both addresses",
        PUBLIC,
        {
            **OPEN,
            "system": dns(VENDOR, "198.51.100.9"),
            "public": PUBLIC_OK,
            "tls": tls(TlsStatus.EXPIRED),
            "public_tls": tls(TlsStatus.EXPIRED),
        },
        {},
        "tls_expired",
    ),
    (
        "own server, own authority, no answer",
        OWN,
        {**OPEN, "tls": tls(TlsStatus.INTERCEPTED), "http": NOT_RECORDED},
        {},
        "tls_untrusted",
    ),
    ("gone behind the proxy", PUBLIC, {**DROPPED, **PROXY_OPEN, "proxied": VIA(404)}, SERVICE, "http_not_found"),
    ("the proxy's name is unknown", PUBLIC, {**DROPPED, "proxied": NO_PROXY}, SERVICE, "proxy_unreachable"),
    ("dead proxy", PUBLIC, {**DROPPED, "proxy_tcp": tcp("proxy", TcpStatus.REFUSED)}, {}, "proxy_unreachable"),
    (
        "proxy as dead as all",
        PUBLIC,
        {"system": SILENT, "public": PUBLIC_SILENT, "proxy_tcp": tcp("proxy", TcpStatus.UNREACHABLE)},
        {**OFFLINE, **SERVICE},
        "network_offline",
    ),
    (
        "living proxy, dead resolver",
        PUBLIC,
        {"system": SILENT, "public": PUBLIC_SILENT, **PROXY_OPEN},
        {},
        "system_resolver_down",
    ),
    ("service's way not recorded", PUBLIC, {**DROPPED, **PROXY_OPEN, "proxied": NOT_RECORDED}, SERVICE, None),
    ("user's way not recorded", PUBLIC, {**DROPPED, **PROXY_OPEN, "proxied": NOT_RECORDED}, {}, "tcp_filtered"),
    ("a script chooses the service's proxy", PUBLIC, DROPPED, SERVICE, None),
    (
        "own server refuses, the proxy forbids",
        OWN,
        {"system": RESOLVED, "tcp": tcp(SERVER, TcpStatus.REFUSED), **PROXY_OPEN, "proxied": VIA(403)},
        SERVICE,
        "tcp_refused",
    ),
    (
        "own server silent, user's proxy dead",
        OWN,
        {**DROPPED, "proxy_tcp": tcp("proxy", TcpStatus.TIMEOUT)},
        {},
        "tcp_filtered",
    ),
    (
        "pinned wrongly, proxy works",
        PUBLIC,
        {"pin": "10.9.9.9", "tcp": DROPPED["tcp"], "proxied": VIA_OK},
        {},
        "hosts_override",
    ),
]


@pytest.mark.parametrize(
    ("target", "seen", "network", "outcome"), [case[1:] for case in VERDICTS], ids=[case[0] for case in VERDICTS]
)
def test_the_first_thing_that_stops_decides(
    target: Target, seen: dict[str, Any], network: dict[str, Any], outcome: str | None
) -> None:
    result = classify(target, Seen(**seen), Network(**network))
    assert (str(result.outcome) if isinstance(result, Decision) else None) == outcome


def test_every_outcome_has_a_case() -> None:
    assert {case[4] for case in VERDICTS} == {*connectivity.EVIDENCE["outcome"].values, None}
