from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from checks import clock, connectivity, internet, listener, name_resolution, proxy
from checks._hosts_file import read_hosts
from checks._proxy_settings import address_of
from checks._side_by_side import latest
from diagnose.check import Check, Measurement, NoParameters, Saw
from diagnose.machine.values import (
    ClockOffset,
    DnsAnswer,
    DnsStatus,
    HttpAnswer,
    ListeningPort,
    Platform,
    ProxySetting,
    Reason,
    Resolver,
    TcpStatus,
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
    REFUSED,
    SERVER,
    SERVFAIL,
    TIMEOUT,
    VENDOR,
    dns,
    healthy_vendor,
    http,
    public,
    setting,
    tcp,
    unseen,
    value,
)

OFFLINE: dict[str, Any] = {"dns": [dns(CONTROL, TIMEOUT), public(CONTROL, TIMEOUT)]}
ROOT = Path(__file__).resolve().parents[2]
CHECKS: dict[str, Check[Any]] = {
    "name_resolution": name_resolution.CHECK,
    "internet": internet.CHECK,
    "connectivity": connectivity.CHECK,
    "proxy": proxy.CHECK,
    "clock": clock.CHECK,
    "listener": listener.CHECK,
}


class TestLatest:
    def test_keeps_what_a_slow_job_has_seen_and_stops_it_before_its_next_probe(self) -> None:
        release, probes = threading.Event(), []

        def slow() -> Iterator[str]:
            yield "遅い"
            release.wait(5)
            probes.append(1)
            yield "late"
            probes.append(2)

        def quick() -> Iterator[str]:
            yield "first"
            yield "last"

        started = time.monotonic()
        jobs: list[Callable[[], Iterable[str]]] = [slow, quick, list]
        assert latest(jobs, 0.1) == ["遅い", "last", None]
        assert time.monotonic() - started < 15
        release.set()
        for thread in [thread for thread in threading.enumerate() if thread.daemon]:
            thread.join(1)
        assert probes == [1]

    def test_runs_more_jobs_than_workers(self) -> None:
        assert latest([partial(list, [number]) for number in range(20)], 2.0, workers=3) == list(range(20))
        assert latest([], 1.0) == []

    def test_an_exception_is_the_callers(self) -> None:
        def broken() -> Iterator[int]:
            yield 1
            raise RuntimeError("壊れた")

        with pytest.raises(RuntimeError):
            latest([broken], 1.0)


class TestHostsFile:
    def test_reads_pins_without_case_and_leaves_out_comments_and_the_computer_itself(self) -> None:
        text = (
            "\ufeff# 社内メモ\r\n127.0.0.1 localhost\r\n"
            f"10.9.9.9\tOSCE.example.co.jp  別名 # {VENDOR}\r\n10.1.1.1 {SERVER}\r\nbad {VENDOR}\r\n::1 localhost x\r\n"
        )
        hosts = read_hosts(FakeMachine(files={HOSTS: text.encode()}))
        assert not isinstance(hosts, Unseen)
        assert hosts.entry(SERVER + ".") == Saw(f"10.9.9.9 {SERVER}.", HOSTS)
        assert (hosts.address("別名"), hosts.address("x")) == ("10.9.9.9", "::1")
        assert (hosts.address(VENDOR), hosts.address("localhost")) == ("", "")

    def test_it_is_read_where_windows_itself_looks(self) -> None:
        version = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
        tcpip = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
        files = {r"D:\WINNT\etc\hosts": f"10.9.9.9 {SERVER}".encode(), HOSTS: b""}
        registry = {version: {"SystemRoot": "D:\\WINNT"}, tcpip: {"DataBasePath": r"%systemroot%\etc\\"}}
        hosts = read_hosts(FakeMachine(files=files, registry=registry))
        assert not isinstance(hosts, Unseen)
        assert hosts.entry(SERVER) == Saw(f"10.9.9.9 {SERVER}", r"D:\WINNT\etc\hosts")
        for odd in ({}, {tcpip: {"DataBasePath": 1}}, {tcpip: {"DataBasePath": ""}}):
            usual = read_hosts(FakeMachine(files=files, registry=odd))
            assert not isinstance(usual, Unseen)
            assert usual.where == HOSTS

    def test_a_missing_file_pins_nothing_and_one_that_cannot_be_read_is_unknown(self) -> None:
        absent = read_hosts(FakeMachine(files={"C:\\other": b""}))
        assert not isinstance(absent, Unseen)
        assert value(absent.entry(SERVER)) == ""
        denied = Unseen(Reason.DENIED, HOSTS)
        assert read_hosts(FakeMachine(files={HOSTS: denied})) is denied

    def test_the_end_of_a_huge_file_proves_a_pin_but_no_absence(self) -> None:
        lines = b"# \x83\x81\x83\x82 " + b"x" * 5_000_000 + f"\n10.9.9.9 {SERVER}".encode()
        hosts = read_hosts(FakeMachine(platform=Platform.LINUX, files={"/etc/hosts": lines}))
        assert not isinstance(hosts, Unseen)
        assert value(hosts.entry(SERVER)) == f"10.9.9.9 {SERVER}"
        assert unseen(hosts.entry(VENDOR)).reason is Reason.MALFORMED

    @given(st.binary(max_size=300))
    def test_no_content_breaks_it(self, data: bytes) -> None:
        hosts = read_hosts(FakeMachine(files={HOSTS: data}))
        assert not isinstance(hosts, Unseen)
        assert all(name == name.lower() for name in hosts.pins if name.isascii())


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (PROXY, ("proxy.example.co.jp", 8080)),
        ("proxy:3128", ("proxy", 3128)),
        ("http://proxy", ("proxy", 80)),
        ("https://proxy/", ("proxy", 443)),
        ("http://[2001:db8::1]:8080", ("2001:db8::1", 8080)),
        ("http://:8080", None),
        ("http://proxy:99999", None),
        ("http://プロキシ:八十", None),
        ("", None),
        ("odd://proxy", None),
    ],
)
def test_a_proxy_url_names_a_host_and_a_port(url: str, address: tuple[str, int] | None) -> None:
    assert address_of(url) == address


@given(st.text(max_size=40))
def test_no_proxy_url_breaks_it(url: str) -> None:
    address = address_of(url)
    assert address is None or (address[0] and 0 < address[1] < 65536)


class TestNameResolution:
    def check(self, *answers: DnsAnswer, **machine: Any) -> Measurement:
        self.machine = FakeMachine(dns=answers, **machine)
        return name_resolution.measure(FakeContext(self.machine), name_resolution.Parameters())

    def test_the_first_name_that_works_is_enough(self) -> None:
        evidence = self.check(
            dns(CONTROL, TIMEOUT, server="10.0.0.53"), dns("example.org", "203.0.113.2"), files={HOSTS: b""}
        )
        assert value(evidence["system"]) == "works"
        assert (value(evidence["resolved"]), value(evidence["failed"])) == (("example.org",), (CONTROL,))
        assert value(evidence["resolvers"]) == ("10.0.0.53",)
        assert value(evidence["hosts_entry"]) == ""
        assert unseen(evidence["public"]).reason is Reason.NOT_RECORDED
        assert ("resolve", "www.iana.org", Resolver.SYSTEM) not in self.machine.calls

    @pytest.mark.parametrize(
        ("states", "system", "public_dns"),
        [
            ([NXDOMAIN, NXDOMAIN], "name_missing", "name_missing"),
            ([TIMEOUT, SERVFAIL], "down", "down"),
            ([REFUSED, TIMEOUT], "refused", "down"),
            ([NXDOMAIN, TIMEOUT], "name_missing", "name_missing"),
        ],
    )
    def test_names_how_the_resolvers_fail(self, states: list[DnsStatus], system: str, public_dns: str) -> None:
        names = name_resolution.Parameters().names
        pairs = list(zip(names, states, strict=False))
        evidence = self.check(*(dns(*pair) for pair in pairs), *(public(*pair) for pair in pairs))
        assert (value(evidence["system"]), value(evidence["public"])) == (system, public_dns)
        assert (value(evidence["resolved"]), value(evidence["failed"])) == ((), names[:2])
        assert unseen(evidence["resolvers"]).reason is Reason.MISSING

    def test_servers_that_keep_everybody_waiting_are_named_once(self) -> None:
        waited = replace(dns(CONTROL, TIMEOUT), silent=("10.0.0.53", "10.0.0.54"))
        answered = replace(dns("example.org", "203.0.113.2", server="10.0.0.55"), silent=("10.0.0.53",))
        evidence = self.check(waited, answered)
        assert value(evidence["system"]) == "works"
        assert evidence["silent_resolvers"] == Saw(("10.0.0.53", "10.0.0.54"), "DNS system")
        assert value(self.check(dns(CONTROL, "203.0.113.1"))["silent_resolvers"]) == ()

    def test_nothing_recorded_is_unknown(self) -> None:
        evidence = self.check()
        assert {name for name, sighting in evidence.items() if isinstance(sighting, Unseen)} == set(evidence)
        assert unseen(evidence["system"]).where == f"DNS system {CONTROL}"

    def test_shows_a_control_that_the_hosts_file_pins(self) -> None:
        evidence = self.check(files={HOSTS: "0.0.0.0 example.org # 遮断".encode()})
        assert value(evidence["hosts_entry"]) == "0.0.0.0 example.org"

    def test_a_computer_without_any_resolver_is_down(self) -> None:
        class NoNetwork(FakeMachine):
            def resolve(self, name: str, resolver: Resolver) -> DnsAnswer | Unseen:
                return Unseen(Reason.FAILED, name) if resolver is Resolver.SYSTEM else public(name, TIMEOUT)

        evidence = name_resolution.measure(FakeContext(NoNetwork()), name_resolution.Parameters())
        assert (value(evidence["system"]), value(evidence["public"])) == ("down", "down")


class TestInternet:
    def check(self, **machine: Any) -> Measurement:
        return internet.measure(FakeContext(FakeMachine(**machine)), internet.Parameters())

    def test_one_control_is_enough(self) -> None:
        evidence = self.check(
            dns=[dns(CONTROL, "203.0.113.1"), dns("example.org", "203.0.113.2")],
            tcp=[tcp(CONTROL, TcpStatus.TIMEOUT), tcp("example.org")],
        )
        assert value(evidence["online"]) is True
        assert (value(evidence["control"]), value(evidence["controls_failed"])) == ("example.org", (CONTROL,))

    def test_a_dead_resolver_is_not_a_dead_network(self) -> None:
        evidence = self.check(dns=[dns(CONTROL, TIMEOUT), public(CONTROL, "203.0.113.1")], tcp=[tcp("203.0.113.1")])
        assert value(evidence["online"]) is True

    @pytest.mark.parametrize(
        "machine",
        [
            {"dns": [dns(CONTROL, "203.0.113.1")], "tcp": [tcp(CONTROL, TcpStatus.UNREACHABLE)]},
            {"dns": [dns(CONTROL, TIMEOUT), public(CONTROL, TIMEOUT)]},
            {"tcp": [tcp(CONTROL, TcpStatus.REFUSED)]},
        ],
    )
    def test_offline_when_all_that_was_seen_failed(self, machine: dict[str, Any]) -> None:
        evidence = self.check(**machine)
        assert (value(evidence["online"]), value(evidence["control"])) == (False, "")
        assert value(evidence["controls_failed"]) == (CONTROL,)

    @pytest.mark.parametrize(
        ("status", "error", "answers"),
        [(200, "", True), (407, "", True), (502, "", True), (None, "proxy-unreachable", False), (None, "reset", False)],
    )
    @pytest.mark.parametrize("owner", ["user", "service", "environment"])
    def test_where_nothing_is_reached_the_proxy_is_asked(
        self, owner: str, status: int | None, error: str, answers: bool
    ) -> None:
        said = HttpAnswer(f"http://{CONTROL}/", Via.PROXY, status, error=error)
        evidence = self.check(**OFFLINE, http=[said], proxies=[setting("policy", ""), setting(owner)])
        assert evidence["online"] == Saw(False, f"DNS {CONTROL}")
        assert evidence["proxy_answers"] == Saw(answers, f"HTTP proxy http://{CONTROL}/")
        assert evidence["proxy_asked"] == Saw(PROXY, f"設定: {owner}")

    def test_a_proxy_is_not_asked_where_it_is_not_needed(self) -> None:
        machine = FakeMachine(dns=[dns(CONTROL, "203.0.113.1")], tcp=[tcp(CONTROL)], proxies=[setting("user")])
        evidence = internet.measure(FakeContext(machine), internet.Parameters())
        assert "proxy_answers" not in evidence
        assert value(evidence["proxy_asked"]) == PROXY
        assert not [call for call in machine.calls if call[0] == "fetch"]

    def test_no_proxy_answers_where_none_is_set_and_somebody_looked(self) -> None:
        evidence = self.check(**OFFLINE, proxies=[setting("user", ""), setting("service", "")])
        assert evidence["proxy_answers"] == Saw(False, "設定: user, 設定: service")
        assert value(evidence["proxy_asked"]) == ""

    @pytest.mark.parametrize(
        ("proxies", "reason"),
        [
            ([], Reason.MISSING),
            (Unseen(Reason.DENIED, "HKCU"), Reason.DENIED),
            (None, Reason.NOT_RECORDED),
        ],
    )
    def test_a_proxy_that_nobody_can_name_is_unknown(
        self, proxies: list[ProxySetting] | Unseen | None, reason: Reason
    ) -> None:
        evidence = self.check(**OFFLINE, proxies=proxies)
        assert {unseen(evidence[name]).reason for name in ("proxy_answers", "proxy_asked")} == {reason}
        assert value(evidence["online"]) is False

    @pytest.mark.parametrize("places", [{"url": PROXY}, {"url": "", "pac": "http://wpad.example.co.jp/proxy.pac"}])
    def test_a_proxy_that_nobody_asked_is_unknown(self, places: dict[str, str]) -> None:
        evidence = self.check(**OFFLINE, proxies=[setting("service", ""), setting("user", **places)])
        assert unseen(evidence["proxy_answers"]).reason is Reason.NOT_RECORDED
        assert value(evidence["proxy_asked"]) == [*places.values()][-1]

    @pytest.mark.parametrize("found", [[], [dns(CONTROL, TIMEOUT)], [public(CONTROL, TIMEOUT)]])
    def test_unknown_when_no_control_was_decided(self, found: list[DnsAnswer]) -> None:
        evidence = self.check(dns=found)
        assert {unseen(sighting).reason for sighting in evidence.values()} == {Reason.NOT_RECORDED}


class TestProxy:
    def check(self, *settings: ProxySetting, **machine: Any) -> Measurement:
        return proxy.measure(FakeContext(FakeMachine(proxies=settings, **machine)), proxy.Parameters())

    def test_names_each_owners_proxy(self) -> None:
        evidence = self.check(setting("user"), setting("service", ""), setting("environment", ""))
        assert value(evidence["configured"]) is True
        assert evidence["user_proxy"] == Saw(PROXY, "設定: user")
        assert (value(evidence["service_proxy"]), value(evidence["environment_proxy"])) == ("", "")
        assert value(evidence["service_lacks_proxy"]) is True
        assert unseen(evidence["proxy_status"]).where == "TCP proxy.example.co.jp:8080"
        assert unseen(evidence["direct_works"]).reason is Reason.NOT_RECORDED

    def test_a_policy_counts_for_services(self) -> None:
        evidence = self.check(setting("user"), setting("service", ""), setting("policy"))
        assert (value(evidence["service_proxy"]), value(evidence["service_lacks_proxy"])) == (PROXY, False)

    def test_a_place_that_nobody_looked_at_stays_unknown(self) -> None:
        evidence = self.check(setting("user"))
        assert unseen(evidence["service_proxy"]).reason is Reason.MISSING
        assert unseen(evidence["service_lacks_proxy"]).reason is Reason.MISSING
        assert value(self.check(setting("user", ""))["service_lacks_proxy"]) is False

    def test_no_proxy_anywhere(self) -> None:
        evidence = self.check(
            setting("user", ""), setting("service", ""), dns=[dns(CONTROL, "203.0.113.1")], tcp=[tcp(CONTROL)]
        )
        assert (value(evidence["configured"]), value(evidence["pac_url"])) == (False, "")
        assert (value(evidence["proxy_status"]), value(evidence["direct_works"])) == ("not_configured", True)

    def test_settings_that_cannot_be_read_are_unknown_but_the_direct_way_is_still_tried(self) -> None:
        machine = FakeMachine(proxies=Unseen(Reason.DENIED, "HKCU"), tcp=[tcp(CONTROL, TcpStatus.TIMEOUT)])
        evidence = proxy.measure(FakeContext(machine), proxy.Parameters())
        assert value(evidence["direct_works"]) is False
        rest = [sighting for name, sighting in evidence.items() if name != "direct_works"]
        assert {unseen(sighting).reason for sighting in rest} == {Reason.DENIED}
        assert unseen(self.check()["configured"]).reason is Reason.MISSING

    @pytest.mark.parametrize(
        ("connection", "status", "expected"),
        [
            (TcpStatus.REFUSED, None, "unreachable"),
            (TcpStatus.TIMEOUT, None, "unreachable"),
            (TcpStatus.CONNECTED, 200, "reachable"),
            (TcpStatus.CONNECTED, 503, "reachable"),
            (TcpStatus.CONNECTED, 407, "authentication_required"),
            (TcpStatus.CONNECTED, 403, "blocked"),
            (TcpStatus.CONNECTED, None, "unreachable"),
        ],
    )
    def test_says_how_far_a_request_through_it_comes(
        self, connection: TcpStatus, status: int | None, expected: str
    ) -> None:
        evidence = self.check(
            setting("service"),
            tcp=[tcp("proxy.example.co.jp", connection, 8080)],
            http=[http(status, via=Via.PROXY, url=f"http://{CONTROL}/")],
        )
        assert value(evidence["proxy_status"]) == expected

    def test_an_open_port_alone_does_not_make_a_proxy_reachable(self) -> None:
        evidence = self.check(setting("service"), tcp=[tcp("proxy.example.co.jp", port=8080)])
        assert unseen(evidence["proxy_status"]).where == f"HTTP proxy http://{CONTROL}/"

    def test_a_script_or_a_broken_address_is_not_judged(self) -> None:
        script = self.check(setting("user", "", "http://wpad.example.co.jp/プロキシ.pac"), setting("service", ""))
        assert value(script["pac_url"]) == "http://wpad.example.co.jp/プロキシ.pac"
        assert (value(script["configured"]), value(script["service_lacks_proxy"])) == (True, True)
        assert unseen(script["proxy_status"]).reason is Reason.UNSUPPORTED
        assert unseen(self.check(setting("user", "http://:x"))["proxy_status"]).reason is Reason.MALFORMED


class TestClock:
    @pytest.mark.parametrize(("seconds", "ahead"), [(0.0, False), (-400.5, False), (86400.0, True)])
    def test_gives_the_offset(self, seconds: float, ahead: bool) -> None:
        machine = FakeMachine(clock=ClockOffset(seconds, "ntp.nict.jp"))
        evidence = clock.measure(FakeContext(machine), NoParameters())
        assert (value(evidence["offset_s"]), value(evidence["ahead"])) == (seconds, ahead)
        assert value(evidence["source"]) == "ntp.nict.jp"

    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            (None, Reason.NOT_RECORDED),
            (Unseen(Reason.TIMED_OUT, "HTTP Date"), Reason.TIMED_OUT),
            (ClockOffset(float("nan")), Reason.MALFORMED),
            (ClockOffset(float("-inf")), Reason.MALFORMED),
        ],
    )
    def test_is_unknown_without_a_usable_witness(self, found: ClockOffset | Unseen | None, reason: Reason) -> None:
        evidence = clock.measure(FakeContext(FakeMachine(clock=found)), NoParameters())
        assert {unseen(sighting).reason for sighting in evidence.values()} == {reason}


class TestListener:
    def check(self, port: Any, *entries: ListeningPort, process: str = "") -> Measurement:
        machine = FakeMachine(listening_ports=entries)
        return listener.measure(
            FakeContext(machine, {"agent.port": port}), listener.Parameters(port="agent.port", process=process)
        )

    @pytest.mark.parametrize("port", [21112, "21112", " 21112 "])
    @pytest.mark.parametrize("process", ["", "tmlisten", "TmListen.exe"])
    def test_sees_the_agents_own_listener(self, port: object, process: str) -> None:
        entries = [ListeningPort("::", 21112, ""), ListeningPort("0.0.0.0", 21112, "TMListen.exe")]
        evidence = self.check(port, *entries, process=process)
        assert (value(evidence["listening"]), value(evidence["listen_port"])) == (True, 21112)
        assert value(evidence["listener"]) == "TMListen.exe"

    def test_a_port_may_be_given_as_a_number(self) -> None:
        machine = FakeMachine(listening_ports=[ListeningPort("0.0.0.0", 13000, "klnagent.exe")])
        evidence = listener.measure(FakeContext(machine), listener.Parameters(port=13000, process="klnagent"))
        assert (value(evidence["listening"]), value(evidence["listen_port"])) == (True, 13000)

    def test_nobody_listens(self) -> None:
        evidence = self.check(21112, ListeningPort("0.0.0.0", 80, "httpd.exe"))
        assert (value(evidence["listening"]), value(evidence["listener"])) == (False, "")

    def test_another_program_sits_on_the_port(self) -> None:
        evidence = self.check(21112, ListeningPort("0.0.0.0", 21112, "業務.exe"), process="TmListen.exe")
        assert (value(evidence["listening"]), value(evidence["listener"])) == (False, "業務.exe")

    def test_an_owner_that_cannot_be_seen_is_no_stranger(self) -> None:
        assert value(self.check(21112, ListeningPort("::", 21112), process="TmListen.exe")["listening"]) is True

    @pytest.mark.parametrize("port", [0, -1, 70000, 10**30, "ポート", "", "２１１１２", True, 21112.5, ("1",)])
    def test_a_port_that_is_none_is_unknown(self, port: object) -> None:
        evidence = self.check(port, ListeningPort("::", 21112))
        assert {unseen(sighting).reason for sighting in evidence.values()} == {Reason.MALFORMED}

    def test_a_list_that_was_not_seen_is_unknown(self) -> None:
        context = FakeContext(FakeMachine(listening_ports=Unseen(Reason.DENIED, "netstat")), {"agent.port": 21112})
        evidence = listener.measure(context, listener.Parameters(port="agent.port"))
        assert value(evidence["listen_port"]) == 21112
        assert unseen(evidence["listening"]).reason is Reason.DENIED
        assert unseen(self.check(Unseen(Reason.DENIED, "HKLM"))["listen_port"]).reason is Reason.DENIED


@pytest.mark.parametrize("name", CHECKS)
def test_every_field_has_labels_in_both_languages(name: str) -> None:
    labels = yaml.safe_load((ROOT / "rules" / "evidence" / f"{name}.yaml").read_text("utf-8"))["evidence"]
    assert set(labels) == set(CHECKS[name].evidence)
    for field, type_ in CHECKS[name].evidence.items():
        values = labels[field].get("values", {})
        assert not type_.values or set(values) == set(type_.values)
        assert all(text["ja"] and text["en"] for text in (labels[field]["title"], *values.values()))


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_gives_only_evidence_that_it_declares(name: str) -> None:
    parameters: dict[str, Any] = {
        "connectivity": connectivity.Parameters(endpoints=(EndpointSpec(id="vendor", host=VENDOR, port=443),)),
        "listener": listener.Parameters(port="agent.port"),
    }
    check = CHECKS[name]
    for machine in (FakeMachine(), FakeMachine(**healthy_vendor(), clock=ClockOffset(1), listening_ports=[])):
        context = FakeContext(machine, {"agent.port": 1})
        assert set(check.measure(context, parameters.get(name) or check.parameters())) <= set(check.evidence)
