from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from checks import connectivity
from diagnose.check import Measurement, Saw
from diagnose.machine.values import (
    HttpAnswer,
    Reason,
    Resolver,
    TcpStatus,
    TlsAnswer,
    TlsStatus,
    Unseen,
    Via,
)
from diagnose.specs import EndpointSpec
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import FakeMachine
from tests.unit.network_answers import (
    CONTROL,
    HOSTS,
    NXDOMAIN,
    PROXY,
    SERVER,
    TIMEOUT,
    URL,
    VENDOR,
    VENDOR_URL,
    dns,
    healthy_vendor,
    http,
    public,
    setting,
    tcp,
    tls,
    unseen,
    value,
)

RESOLVED = dns(VENDOR, "203.0.113.10")
PUBLIC_OK = public(VENDOR, "203.0.113.10")


def vendor(**changes: Any) -> EndpointSpec:
    return EndpointSpec(**{"id": "vendor", "host": VENDOR, "port": 443, "url": VENDOR_URL, **changes})


OWN_SPEC = EndpointSpec(
    id="server",
    host="{server.name}",
    port="{server.port}",
    url="https://{server.name}:{server.port}/officescan/cgi/cgionstart.exe",
    trust="own",
    public=False,
    body_contains="-2",
)
FACTS: dict[str, Any] = {"server.name": SERVER, "server.port": "4343"}
HEALTHY_OWN: dict[str, Any] = {
    "dns": [dns(SERVER, "10.1.2.3", server="10.0.0.53")],
    "tcp": [tcp(SERVER, port=4343)],
    "tls": [tls(TlsStatus.UNTRUSTED, SERVER, 4343)],
    "http": [http(body="-2", url=URL)],
}
HEALTHY_VENDOR = healthy_vendor()
PLAIN = f"http://{CONTROL}/"
SIGN_IN = "http://login.hotspot.example.net/?url=http%3A%2F%2Fwww.example.com%2F"


def measured(machine: FakeMachine, *specs: EndpointSpec, **context: Any) -> Measurement:
    return connectivity.measure(
        FakeContext(machine, **{"facts": FACTS, **context}), connectivity.Parameters(endpoints=specs)
    )


class TestConnectivity:
    def test_a_healthy_server_is_reached_without_asking_anybody_else(self) -> None:
        machine = FakeMachine(**HEALTHY_OWN, files={HOSTS: b""}, proxies=[setting("user", "")])
        evidence = measured(machine, OWN_SPEC)
        assert value(evidence["outcome"]) == "reached"
        assert value(evidence["reached"]) == (f"{SERVER}:4343",)
        assert value(evidence["failed"]) == ()
        assert value(evidence["addresses"]) == ("10.1.2.3",)
        assert value(evidence["resolvers"]) == ("10.0.0.53",)
        assert (value(evidence["host"]), value(evidence["port"]), value(evidence["url"])) == (SERVER, 4343, URL)
        assert value(evidence["issuer"]) == "CN=社内検査 CA"
        assert value(evidence["not_after"]) == datetime(2027, 1, 1, tzinfo=UTC)
        assert (value(evidence["http_status"]), value(evidence["body_start"])) == (200, "-2")
        assert (value(evidence["hosts_entry"]), value(evidence["proxy"])) == ("", "")
        assert value(evidence["public_name"]) is False
        asked = {call[1] for call in machine.calls if call[0] in ("resolve", "connect", "handshake")}
        assert asked == {SERVER}

    def test_the_first_endpoint_that_fails_leads_and_others_are_listed(self) -> None:
        machine = FakeMachine(
            dns=[*HEALTHY_OWN["dns"], RESOLVED, dns(CONTROL, "203.0.113.1")],
            tcp=[*HEALTHY_OWN["tcp"], tcp(VENDOR, TcpStatus.TIMEOUT), tcp(VENDOR, port=80), tcp(CONTROL)],
            tls=HEALTHY_OWN["tls"],
            http=HEALTHY_OWN["http"],
        )
        evidence = measured(machine, OWN_SPEC, vendor(), vendor(id="port", url=None, port=80))
        assert evidence["outcome"] == Saw("tcp_filtered", f"TCP {VENDOR}:443")
        assert value(evidence["endpoint"]) == "vendor"
        assert value(evidence["reached"]) == (f"{SERVER}:4343", f"{VENDOR}:80")
        assert value(evidence["failed"]) == (f"{VENDOR}:443",)
        assert value(evidence["control_online"]) is True
        assert unseen(evidence["hosts_entry"]).reason is Reason.NOT_RECORDED

    def test_nothing_recorded_is_unknown_and_names_the_probe(self) -> None:
        evidence = measured(FakeMachine(dns=HEALTHY_OWN["dns"]), OWN_SPEC)
        assert evidence["outcome"] == Unseen(Reason.NOT_RECORDED, f"TCP {SERVER}:4343")
        assert unseen(evidence["reached"]) == evidence["outcome"]
        assert unseen(evidence["control_online"]).reason is Reason.NOT_RECORDED

    def test_one_endpoint_not_recorded_keeps_the_others_from_counting_as_all(self) -> None:
        evidence = measured(FakeMachine(**HEALTHY_VENDOR), vendor(), OWN_SPEC)
        assert unseen(evidence["outcome"]).where == f"DNS system {SERVER}"
        assert value(evidence["reached"]) == (f"{VENDOR}:443",)
        assert value(evidence["endpoint"]) == "server"

    def test_a_failure_stands_although_another_endpoint_is_not_recorded(self) -> None:
        machine = FakeMachine(dns=[RESOLVED], tcp=[tcp(VENDOR, TcpStatus.REFUSED)])
        assert value(measured(machine, OWN_SPEC, vendor())["outcome"]) == "tcp_refused"

    def test_conditions_decide_which_endpoints_apply(self) -> None:
        machine = FakeMachine(**HEALTHY_VENDOR)
        hosted = vendor(id="hosted", host="saas.example", when="facts.saas")
        assert value(measured(machine, vendor(), hosted, conditions={"facts.saas": False})["outcome"]) == "reached"
        assert unseen(measured(machine, vendor(), hosted)["outcome"]).where == "facts.saas"
        nothing = measured(machine, hosted, conditions={"facts.saas": False})
        assert unseen(nothing["outcome"]).reason is Reason.MISSING
        assert "host" not in nothing

    @pytest.mark.parametrize(
        ("facts", "reason"),
        [
            ({"server.name": Unseen(Reason.DENIED, "HKLM"), "server.port": 4343}, Reason.DENIED),
            ({"server.name": " ", "server.port": 4343}, Reason.MALFORMED),
            ({"server.name": SERVER, "server.port": "四三四三"}, Reason.MALFORMED),
            ({"server.name": SERVER, "server.port": "-1"}, Reason.MALFORMED),
            ({"server.name": SERVER, "server.port": 10**30}, Reason.MALFORMED),
        ],
    )
    def test_a_host_or_port_that_is_not_known_is_unknown(self, facts: dict[str, Any], reason: Reason) -> None:
        evidence = measured(FakeMachine(**HEALTHY_OWN), OWN_SPEC, facts=facts)
        assert unseen(evidence["outcome"]).reason is reason

    def test_a_silent_resolver_is_down_when_public_dns_answers(self) -> None:
        machine = FakeMachine(dns=[dns(VENDOR, TIMEOUT, server="10.0.0.53"), public(VENDOR, "203.0.113.10")])
        evidence = measured(machine, vendor())
        assert value(evidence["outcome"]) == "system_resolver_down"
        assert (value(evidence["addresses"]), value(evidence["public_addresses"])) == ((), ("203.0.113.10",))
        assert ("connect", VENDOR, 443) not in machine.calls

    def test_a_silent_resolver_alone_is_unknown(self) -> None:
        evidence = measured(FakeMachine(dns=[dns(VENDOR, TIMEOUT)]), vendor())
        assert evidence["outcome"] == Unseen(Reason.NOT_RECORDED, f"DNS public {VENDOR}")

    def test_a_control_that_answers_blames_the_name(self) -> None:
        machine = FakeMachine(dns=[dns(VENDOR, TIMEOUT), dns("example.org", "203.0.113.2")])
        assert value(measured(machine, vendor())["outcome"]) == "name_not_resolved"

    def test_nothing_answers_at_all(self) -> None:
        names = (VENDOR, CONTROL)
        machine = FakeMachine(dns=[found(name, TIMEOUT) for name in names for found in (dns, public)])
        evidence = measured(machine, vendor())
        assert (value(evidence["outcome"]), value(evidence["control_online"])) == ("network_offline", False)

    def test_a_pinned_name_is_not_asked_for_and_its_entry_is_shown(self) -> None:
        machine = FakeMachine(
            files={HOSTS: f"10.9.9.9 {VENDOR}".encode()}, dns=[PUBLIC_OK], tcp=[tcp(VENDOR, TcpStatus.TIMEOUT)]
        )
        evidence = measured(machine, vendor())
        assert value(evidence["outcome"]) == "hosts_override"
        assert value(evidence["hosts_entry"]) == f"10.9.9.9 {VENDOR}"
        assert (value(evidence["addresses"]), value(evidence["public_addresses"])) == (("10.9.9.9",), ("203.0.113.10",))
        assert ("resolve", VENDOR, Resolver.SYSTEM) not in machine.calls

    def test_the_address_of_public_dns_is_tried_before_the_systems_is_called_wrong(self) -> None:
        other = public(VENDOR, "203.0.113.77")
        blocked = [tcp(VENDOR, TcpStatus.TIMEOUT), tcp("203.0.113.77", TcpStatus.TIMEOUT)]
        assert value(measured(FakeMachine(dns=[RESOLVED, other], tcp=blocked), vendor())["outcome"]) == "tcp_filtered"
        works = [blocked[0], tcp("203.0.113.77")]
        assert value(measured(FakeMachine(dns=[RESOLVED, other], tcp=works), vendor())["outcome"]) == "answer_differs"

    @pytest.mark.parametrize(
        ("owner", "outcome"), [("user", "proxy_required"), ("service", "reached"), ("policy", "reached")]
    )
    def test_a_proxy_is_tried_when_the_direct_way_is_closed(self, owner: str, outcome: str) -> None:
        machine = FakeMachine(
            dns=[RESOLVED],
            tcp=[tcp(VENDOR, TcpStatus.TIMEOUT), tcp("proxy.example.co.jp", port=8080)],
            http=[http(200, "通った", Via.PROXY)],
            proxies=[setting("user", ""), setting(owner)],
        )
        evidence = measured(machine, vendor())
        assert value(evidence["outcome"]) == outcome
        assert (value(evidence["proxy"]), value(evidence["body_start"])) == (PROXY, "通った")

    def test_odd_answers_stay_short_and_unknown_values_unknown(self) -> None:
        odd = TlsAnswer(VENDOR, 443, TlsStatus.OK, not_after=datetime(2027, 1, 1))
        machine = FakeMachine(**{**HEALTHY_VENDOR, "tls": [odd]})
        evidence = measured(machine, vendor())
        assert len(str(value(evidence["body_start"]))) == 80
        assert unseen(evidence["not_after"]).reason is Reason.MISSING
        silent = measured(
            FakeMachine(**{**HEALTHY_VENDOR, "http": [HttpAnswer(VENDOR_URL, Via.DIRECT, None, error="切断")]}),
            vendor(),
        )
        assert value(silent["outcome"]) == "http_no_answer"
        assert unseen(silent["http_status"]).detail == "切断"

    def test_endpoints_wait_side_by_side_and_each_keeps_what_it_saw(self, monkeypatch: pytest.MonkeyPatch) -> None:
        release = threading.Event()

        class Slow(FakeMachine):
            def fetch(self, url: str, via: Via = Via.DIRECT) -> HttpAnswer | Unseen:
                release.wait(5)
                return super().fetch(url, via)

        monkeypatch.setattr(connectivity, "_ENDPOINTS_S", 0.15)
        started = time.monotonic()
        evidence = measured(Slow(**HEALTHY_VENDOR), *(vendor(id=str(number)) for number in range(40)))
        release.set()
        assert time.monotonic() - started < 15
        assert unseen(evidence["outcome"]).reason is Reason.TIMED_OUT
        assert value(evidence["issuer"]) == "CN=社内検査 CA"


def sent_to(location: str, status: int = 302) -> HttpAnswer:
    return HttpAnswer(PLAIN, Via.DIRECT, status, headers=(("location", location),))


class TestPortal:
    """A sign-in page that takes every request until somebody signs in."""

    @pytest.mark.parametrize(
        "stopped",
        [
            {"tcp": [tcp(VENDOR, TcpStatus.TIMEOUT)]},
            {"tcp": [tcp(VENDOR, TcpStatus.REFUSED)]},
            {"tcp": [tcp(VENDOR)], "tls": [tls(TlsStatus.NAME_MISMATCH)]},
            {"tcp": [tcp(VENDOR)], "tls": [tls(TlsStatus.RESET)]},
            {"tcp": [tcp(VENDOR)], "tls": [tls()], "http": [http(511)]},
        ],
    )
    def test_whoever_is_sent_elsewhere_is_held_by_it(self, stopped: dict[str, Any]) -> None:
        answers = [*stopped.pop("http", []), sent_to(SIGN_IN)]
        evidence = measured(FakeMachine(dns=[RESOLVED, PUBLIC_OK], http=answers, **stopped), vendor())
        assert value(evidence["outcome"]) == "captive_portal"
        assert value(evidence["portal"]) == "login.hotspot.example.net"

    @pytest.mark.parametrize(
        "location", [f"https://{CONTROL}/", "https://example.com/", f"https://de.{CONTROL}/", "/start", "http://[", ""]
    )
    def test_a_site_that_sends_to_itself_is_no_portal(self, location: str) -> None:
        machine = FakeMachine(
            dns=[RESOLVED, PUBLIC_OK], tcp=[tcp(VENDOR, TcpStatus.TIMEOUT)], http=[sent_to(location, 301)]
        )
        evidence = measured(machine, vendor())
        assert (value(evidence["outcome"]), value(evidence["portal"])) == ("tcp_filtered", "")

    def test_nobody_asks_where_all_is_reached(self) -> None:
        machine = FakeMachine(**{**HEALTHY_VENDOR, "http": [*HEALTHY_VENDOR["http"], sent_to(SIGN_IN)]})
        evidence = measured(machine, vendor())
        assert (value(evidence["outcome"]), value(evidence["portal"])) == ("reached", "")
        assert ("fetch", PLAIN, Via.DIRECT) not in machine.calls

    def test_nobody_asks_where_the_name_is_missing(self) -> None:
        machine = FakeMachine(dns=[dns(VENDOR, NXDOMAIN), public(VENDOR, NXDOMAIN)], http=[sent_to(SIGN_IN)])
        assert value(measured(machine, vendor())["outcome"]) == "name_not_resolved"
        assert ("fetch", PLAIN, Via.DIRECT) not in machine.calls

    def test_a_proxy_that_answers_is_no_portals_prisoner(self) -> None:
        machine = FakeMachine(
            dns=[RESOLVED],
            tcp=[tcp(VENDOR, TcpStatus.TIMEOUT), tcp("proxy.example.co.jp", port=8080)],
            http=[http(200, "ok", Via.PROXY), sent_to(SIGN_IN)],
            proxies=[setting("service")],
        )
        assert value(measured(machine, vendor())["outcome"]) == "reached"


class TestWhatElseIsTold:
    """Fields beside the outcome, for the people who have to act."""

    def test_what_a_firewall_would_have_to_let_out(self) -> None:
        answers = {
            "filtered": (tcp("a.example", TcpStatus.TIMEOUT), None),
            "refused": (tcp("b.example", TcpStatus.REFUSED), None),
            "reset": (tcp("c.example"), tls(TlsStatus.RESET, "c.example")),
            "silent": (tcp("d.example"), tls(TlsStatus.SILENT, "d.example")),
            "named": (tcp("e.example"), tls(TlsStatus.NAME_FILTERED, "e.example")),
            "cut": (tcp("f.example"), tls(TlsStatus.SIZE_FILTERED, "f.example")),
            "expired": (tcp("g.example"), tls(TlsStatus.EXPIRED, "g.example")),
            "fine": (tcp("h.example"), tls(host="h.example")),
        }
        hosts = [one[0].host for one in answers.values()]
        machine = FakeMachine(
            dns=[dns(host, "203.0.113.10") for host in hosts],
            tcp=[one[0] for one in answers.values()] + [tcp("2001:db8::7", TcpStatus.TIMEOUT)],
            tls=[one[1] for one in answers.values() if one[1]],
        )
        specs = [vendor(id=host, host=host, url=None, tls=True) for host in [*hosts, "2001:db8::7", hosts[0]]]
        evidence = measured(machine, *specs)
        stopped = ("TCP a.example:443", "TCP b.example:443", "TCP c.example:443", "TCP d.example:443")
        assert value(evidence["to_allow"]) == (*stopped, "TCP e.example:443", "TCP [2001:db8::7]:443")
        assert value(evidence["outcome"]) == "tcp_filtered"
        assert value(evidence["other_faults"]) == (
            "b.example:443: tcp_refused",
            "c.example:443: tls_reset",
            "d.example:443: tls_reset",
            "e.example:443: tls_name_filtered",
            "f.example:443: large_packets_lost",
            "g.example:443: tls_expired",
        )

    def test_nothing_is_to_be_allowed_where_all_is_reached_or_unknown(self) -> None:
        for machine in (FakeMachine(**HEALTHY_VENDOR), FakeMachine(dns=[RESOLVED])):
            evidence = measured(machine, vendor())
            assert (value(evidence["to_allow"]), value(evidence["other_faults"])) == ((), ())

    def test_authority_and_version_of_the_handshake(self) -> None:
        chain = ("CN=leaf", "CN=間の認証局", "CN=社内ルート")
        shaken = replace(tls(), chain=chain, version="TLSv1.2", more_errors=("期限切れ",), error="不明な発行者")
        evidence = measured(FakeMachine(**{**HEALTHY_VENDOR, "tls": [shaken]}), vendor())
        assert evidence["authority"] == Saw("CN=社内ルート", f"TLS {VENDOR}:443")
        assert value(evidence["tls_version"]) == "TLSv1.2"
        assert value(evidence["tls_error"]) == "不明な発行者; 期限切れ"
        alone = measured(FakeMachine(**HEALTHY_VENDOR), vendor())
        assert (value(alone["authority"]), value(alone["tls_version"])) == ("CN=社内検査 CA", "")
        unknown = measured(FakeMachine(dns=[RESOLVED], tcp=[tcp(VENDOR)]), vendor())
        assert unseen(unknown["authority"]).reason is Reason.NOT_RECORDED

    def test_what_the_proxy_shows_is_told_where_it_decides(self) -> None:
        inspected = replace(tls(TlsStatus.INTERCEPTED), via=Via.PROXY, chain=("CN=leaf", "CN=検査 CA"))
        machine = FakeMachine(
            dns=[RESOLVED],
            tcp=[tcp(VENDOR, TcpStatus.TIMEOUT), tcp("proxy.example.co.jp", port=8080)],
            tls=[inspected],
            http=[http(200, "ok", Via.PROXY)],
            proxies=[setting("service")],
        )
        evidence = measured(machine, vendor())
        assert evidence["outcome"] == Saw("tls_intercepted", f"TLS proxy {VENDOR}:443")
        assert evidence["authority"] == Saw("CN=検査 CA", f"TLS proxy {VENDOR}:443")

    def test_addresses_that_stay_silent_beside_one_that_answers(self) -> None:
        half = replace(tcp(VENDOR), dead=("2001:db8::10", "203.0.113.9"))
        evidence = measured(FakeMachine(**{**HEALTHY_VENDOR, "tcp": [half]}), vendor())
        assert evidence["dead_addresses"] == Saw(("2001:db8::10", "203.0.113.9"), f"TCP {VENDOR}:443")
        unknown = measured(FakeMachine(**{**HEALTHY_VENDOR, "tcp": []}), vendor())
        assert value(unknown["outcome"]) == "reached"
        assert unseen(unknown["dead_addresses"]).reason is Reason.NOT_RECORDED

    def test_how_the_proxy_wants_to_be_asked(self) -> None:
        refused = HttpAnswer(VENDOR_URL, Via.PROXY, 407, headers=(("proxy-authenticate", "Negotiate, NTLM"),))
        machine = FakeMachine(
            dns=[RESOLVED],
            tcp=[tcp(VENDOR, TcpStatus.TIMEOUT), tcp("proxy.example.co.jp", port=8080)],
            http=[refused],
            proxies=[setting("service")],
        )
        evidence = measured(machine, vendor())
        assert value(evidence["outcome"]) == "proxy_authentication_required"
        assert value(evidence["proxy_schemes"]) == "Negotiate, NTLM"
        assert value(measured(FakeMachine(**HEALTHY_VENDOR), vendor())["proxy_schemes"]) == ""
