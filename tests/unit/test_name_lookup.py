"""One look-up of a name serves all that is asked of a computer; the HTTP client takes part."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from diagnose.machine.posix import PosixMachine
from diagnose.machine.values import DnsAnswer, DnsStatus, HttpAnswer, Resolver, TcpAnswer, TcpStatus
from diagnose.network import http_probe, name_lookup
from diagnose.network.name_lookup import LookUps, NoAddress
from tests.unit.network_servers import closed_port, http_response, saying, tcp_server

HOST = "更新.example.co.jp"
WIRE = "xn--efv01a.example.co.jp"
NO = NoAddress(said_no=True, timed_out=False, detail="Name or service not known")
Answer = tuple[str, ...] | NoAddress
System = Callable[[Callable[[str], Answer]], list[str]]


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    """Lets a function answer for the system; gives the list of the names that it was asked for."""

    def say(answer: Callable[[str], Answer]) -> list[str]:
        asked: list[str] = []

        def getaddrinfo(name: str) -> Answer:
            asked.append(name)
            return answer(name)

        monkeypatch.setattr(name_lookup, "_getaddrinfo", getaddrinfo)
        return asked

    return say


@pytest.mark.parametrize("answer", [("10.1.2.3", "fd00::3"), NO])
def test_an_answer_is_shared(system: System, answer: Answer) -> None:
    asked, names = system(lambda _: answer), LookUps()
    assert [names.look_up(host, 2) for host in (HOST, WIRE, HOST)] == [answer] * 3
    assert asked == [WIRE]
    assert LookUps().look_up(HOST, 2) == answer
    assert asked == [WIRE, WIRE]


def test_whoever_asks_meanwhile_waits_for_the_same_answer(system: System) -> None:
    over = threading.Event()

    def slow(_: str) -> Answer:
        over.wait(5)
        return ("10.1.2.3",)

    asked, names = system(slow), LookUps()
    late = NoAddress(said_no=False, timed_out=True, detail="timeout")
    assert names.look_up(HOST, 0.02) == late
    assert names.look_up(HOST, -1) == late
    over.set()
    assert names.look_up(HOST, 5) == ("10.1.2.3",)
    assert asked == [WIRE]


def test_addresses_and_what_is_no_name_are_not_asked_for(system: System) -> None:
    asked, names = system(lambda _: NO), LookUps()
    assert names.look_up("192.0.2.7", 2) == ("192.0.2.7",)
    assert names.look_up("2001:db8::1", 2) == ("2001:db8::1",)
    assert names.look_up("a..b", 2) == NoAddress(said_no=False, timed_out=False, detail="name-not-resolved")
    assert asked == []


def test_only_so_many_answers_are_kept(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_lookup, "MOST_NAMES", 2)
    asked, names = system(lambda name: (f"10.0.0.{len(name)}",)), LookUps()
    hosts = ["a.example", "bb.example", "ccc.example"]
    for host in hosts * 2:
        assert names.look_up(host, 2) == (f"10.0.0.{len(host)}",)
    assert asked == [*hosts, "ccc.example"]


def test_an_error_of_our_own_reaches_every_caller(system: System) -> None:
    def broken(_: str) -> Answer:
        raise KeyError("broken")

    system(broken)
    names = LookUps()
    for _ in range(2):
        with pytest.raises(KeyError):
            names.look_up(HOST, 2)


def test_the_client_connects_to_the_addresses_that_were_looked_up() -> None:
    asked: list[str] = []

    def names(host: str, timeout_s: float) -> Answer:
        asked.append(host)
        assert timeout_s > 0
        return ("127.0.0.9", "127.0.0.1")

    heads: list[str] = []
    with tcp_server(saying(http_response(body=b"-2"), heads)) as port:
        answer = http_probe.get(f"http://nobody.invalid:{port}/a", timeout_s=4.0, names=names)
        proxied = http_probe.get("http://far.invalid/b", f"http://proxy.invalid:{port}", timeout_s=4.0, names=names)
    assert (answer.status, answer.body, answer.error) == (200, "-2", "")
    assert (proxied.status, proxied.error) == (200, "")
    assert f"Host: nobody.invalid:{port}" in heads[0]
    assert heads[1].startswith("GET http://far.invalid/b ")
    assert {*asked} == {"nobody.invalid", "proxy.invalid"}


def test_where_no_address_accepts_the_last_one_says_why() -> None:
    answer = http_probe.get(f"http://nobody.invalid:{closed_port()}/", names=lambda *_: ("127.0.0.9", "127.0.0.1"))
    assert (answer.status, answer.error) == (None, "refused")


def test_a_slow_resolver_costs_its_time_once(system: System) -> None:
    def slow(_: str) -> Answer:
        time.sleep(0.3)
        return ("127.0.0.1",)

    asked = system(slow)
    machine = PosixMachine(lambda: datetime.now(UTC), {})
    with tcp_server(saying(http_response(body=b"ok"))) as port:
        begun = time.monotonic()
        resolved = machine.resolve("slow.example", Resolver.SYSTEM)
        connected = machine.connect("slow.example", port)
        fetched = [machine.fetch(f"http://slow.example:{port}/") for _ in range(3)]
        taken = time.monotonic() - begun
    assert resolved == DnsAnswer("slow.example", Resolver.SYSTEM, DnsStatus.ANSWERED, ("127.0.0.1",))
    assert connected == TcpAnswer("slow.example", port, TcpStatus.CONNECTED)
    assert all(isinstance(answer, HttpAnswer) and answer.status == 200 for answer in fetched)
    assert asked == ["slow.example"]
    assert taken < 8
