from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import dns.flags
import dns.message
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.machine.values import DnsAnswer, DnsStatus, Reason, Resolver, Unseen
from diagnose.network import dns_probe, dns_query, name_lookup
from diagnose.network.name_lookup import NoAddress, look_up
from tests.unit.network_servers import Answer, closed_port, dns_server, replying

NO_SUCH_NAME = NoAddress(said_no=True, timed_out=False, detail="Name or service not known")
TRY_AGAIN = NoAddress(said_no=False, timed_out=False, detail="Temporary failure in name resolution")
SHORT = 0.25
"""Seconds, where silence is expected; an answer gets PLENTY."""
PLENTY = 2.0


def reason(answer: object) -> Reason:
    assert isinstance(answer, Unseen), answer
    return answer.reason


# Looking up as the system does


def test_the_system_knows_localhost() -> None:
    addresses = look_up("localhost", 2)
    assert isinstance(addresses, tuple)
    assert "127.0.0.1" in addresses


@pytest.mark.parametrize(
    ("error", "said_no"), [(socket.EAI_NONAME, True), (socket.EAI_AGAIN, False), (socket.EAI_FAIL, False)]
)
def test_no_such_name_differs_from_not_found_out(error: int, said_no: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> object:
        raise socket.gaierror(error, "名前を解決できません")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert look_up("osce.example.co.jp", 2) == NoAddress(said_no, timed_out=False, detail="名前を解決できません")


@pytest.fixture
def system_says(monkeypatch: pytest.MonkeyPatch) -> Callable[[tuple[str, ...] | NoAddress], None]:
    def say(answer: tuple[str, ...] | NoAddress) -> None:
        monkeypatch.setattr(name_lookup, "_getaddrinfo", lambda name: answer)

    return say


SystemSays = Callable[[tuple[str, ...] | NoAddress], None]


def test_what_the_system_knows_is_the_answer(system_says: SystemSays) -> None:
    system_says(("10.1.2.3", "fd00::3"))
    answer = dns_probe.resolve_system("osce.example.co.jp", ["127.0.0.1"], PLENTY, port=closed_port())
    assert answer == DnsAnswer("osce.example.co.jp", Resolver.SYSTEM, DnsStatus.ANSWERED, ("10.1.2.3", "fd00::3"))


def test_a_literal_address_needs_no_server() -> None:
    for answer in (dns_probe.resolve_system("192.0.2.7", []), dns_probe.resolve_public("192.0.2.7", [])):
        assert isinstance(answer, DnsAnswer)
        assert (answer.status, answer.addresses) == (DnsStatus.ANSWERED, ("192.0.2.7",))


def test_a_name_that_cannot_be_is_malformed() -> None:
    assert reason(dns_probe.resolve_system("a..b", ["127.0.0.1"])) is Reason.MALFORMED
    assert reason(dns_probe.resolve_public("a b")) is Reason.MALFORMED


def test_without_servers_no_address_means_nothing(system_says: SystemSays) -> None:
    system_says(NO_SUCH_NAME)
    assert reason(dns_probe.resolve_system("osce.example.co.jp", [])) is Reason.FAILED


def code(value: int) -> Answer:
    return replying(code=value)


def mute(_: dns.message.Message) -> None:
    return None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (code(dns.rcode.NXDOMAIN), DnsStatus.NXDOMAIN),
        (code(dns.rcode.SERVFAIL), DnsStatus.SERVFAIL),
        (code(dns.rcode.FORMERR), DnsStatus.SERVFAIL),
        (code(dns.rcode.REFUSED), DnsStatus.REFUSED),
        (replying(), DnsStatus.ANSWERED),
        (mute, DnsStatus.TIMEOUT),
        (lambda question: b"\xff" * 40, DnsStatus.TIMEOUT),
    ],
)
def test_the_ways_of_not_answering_are_told_apart(system_says: SystemSays, answer: Answer, expected: DnsStatus) -> None:
    system_says(TRY_AGAIN)
    with dns_server(answer) as port:
        timeout_s = SHORT if expected is DnsStatus.TIMEOUT else PLENTY
        got = dns_probe.resolve_system("更新.example.co.jp", ["127.0.0.1"], timeout_s, port=port)
    assert got == DnsAnswer("更新.example.co.jp", Resolver.SYSTEM, expected, (), "127.0.0.1")


def test_a_server_where_nobody_listens_refuses_at_once(system_says: SystemSays) -> None:
    system_says(TRY_AGAIN)
    start = time.monotonic()
    answer = dns_probe.resolve_system("osce.example.co.jp", ["127.0.0.1"], 2.0, port=closed_port())
    assert isinstance(answer, DnsAnswer)
    assert answer.status is DnsStatus.REFUSED
    assert time.monotonic() - start < 15


def test_dead_servers_are_asked_side_by_side(system_says: SystemSays) -> None:
    system_says(TRY_AGAIN)
    addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
    with ExitStack() as stack:
        port = stack.enter_context(dns_server(mute, address=addresses[0]))
        for address in addresses[1:]:
            stack.enter_context(dns_server(mute, address=address, port=port))
        start = time.monotonic()
        answer = dns_probe.resolve_system("osce.example.co.jp", addresses, SHORT, port=port)
        assert time.monotonic() - start < 15
    assert answer == DnsAnswer("osce.example.co.jp", Resolver.SYSTEM, DnsStatus.TIMEOUT, (), "127.0.0.2")


@contextmanager
def two_servers(first: Answer, second: Answer) -> Iterator[int]:
    with dns_server(first, address="127.0.0.2") as port, dns_server(second, address="127.0.0.3", port=port):
        yield port


SLOW = NoAddress(said_no=False, timed_out=True, detail="timeout")
TWO = ("127.0.0.2", "127.0.0.3")


@pytest.mark.parametrize(
    ("first", "second", "status", "silent"),
    [
        (mute, replying("10.1.2.3"), DnsStatus.ANSWERED, TWO[:1]),
        (replying("10.1.2.3"), mute, DnsStatus.ANSWERED, TWO[1:]),
        (mute, code(dns.rcode.NXDOMAIN), DnsStatus.NXDOMAIN, TWO[:1]),
        (mute, code(dns.rcode.REFUSED), DnsStatus.REFUSED, TWO[:1]),
        (mute, mute, DnsStatus.TIMEOUT, ()),
        (replying("10.1.2.3"), replying("10.1.2.3"), DnsStatus.ANSWERED, ()),
    ],
)
def test_where_the_system_had_to_wait_the_silent_servers_are_told(
    system_says: SystemSays, first: Answer, second: Answer, status: DnsStatus, silent: tuple[str, ...]
) -> None:
    system_says(SLOW)
    with two_servers(first, second) as port:
        answer = dns_probe.resolve_system("osce.example.co.jp", [*TWO, TWO[0]], 2 * SHORT, port=port)
    assert isinstance(answer, DnsAnswer)
    assert (answer.status, answer.silent) == (status, silent)


def test_where_the_system_answers_at_once_nobody_asks_who_is_silent(system_says: SystemSays) -> None:
    for said in (("10.1.2.3",), NO_SUCH_NAME):
        system_says(said)
        with two_servers(mute, code(dns.rcode.NXDOMAIN)) as port:
            answer = dns_probe.resolve_system("osce.example.co.jp", TWO, SHORT, port=port)
        assert isinstance(answer, DnsAnswer)
        assert answer.silent == ()


@pytest.mark.parametrize(
    ("first", "second", "status", "server"),
    [
        (code(dns.rcode.SERVFAIL), replying("10.1.2.3"), DnsStatus.ANSWERED, "127.0.0.3"),
        (code(dns.rcode.NXDOMAIN), replying("10.1.2.3"), DnsStatus.NXDOMAIN, "127.0.0.2"),
        (mute, code(dns.rcode.REFUSED), DnsStatus.REFUSED, "127.0.0.3"),
        (code(dns.rcode.REFUSED), code(dns.rcode.SERVFAIL), DnsStatus.SERVFAIL, "127.0.0.3"),
    ],
)
def test_the_first_server_with_something_to_say_counts(
    system_says: SystemSays, first: Answer, second: Answer, status: DnsStatus, server: str
) -> None:
    system_says(TRY_AGAIN)
    with two_servers(first, second) as port:
        timeout_s = 2 * SHORT if mute in (first, second) else PLENTY
        answer = dns_probe.resolve_system("osce.example.co.jp", ["127.0.0.2", "127.0.0.3"], timeout_s, port=port)
        assert isinstance(answer, DnsAnswer)
        assert (answer.status, answer.server) == (status, server)


def test_a_system_that_denies_what_its_server_answers_is_contradictory(system_says: SystemSays) -> None:
    system_says(NO_SUCH_NAME)
    with dns_server(replying("10.1.2.3")) as port:
        answer = dns_probe.resolve_system("osce.example.co.jp", ["127.0.0.1"], PLENTY, port=port)
    assert reason(answer) is Reason.CONTRADICTORY


# Asking a server


def test_both_kinds_of_addresses_are_asked_for() -> None:
    with dns_server(replying("203.0.113.5", "2001:db8::5")) as port:
        reply = dns_query.ask("127.0.0.1", "xn--r8jz45g.jp", PLENTY, port)
    assert set(reply.addresses) == {"203.0.113.5", "2001:db8::5"}


def test_an_unanswered_question_for_ipv6_costs_little() -> None:
    def only_ipv4(question: dns.message.Message) -> bytes | None:
        return replying("203.0.113.5")(question) if question.question[0].rdtype == 1 else None

    start = time.monotonic()
    with dns_server(only_ipv4) as port:
        reply = dns_query.ask("127.0.0.1", "www.example.com", 2.0, port)
    assert (reply.status, reply.addresses) == (DnsStatus.ANSWERED, ("203.0.113.5",))
    assert time.monotonic() - start < 15


def test_no_address_of_one_kind_and_silence_about_the_other_is_no_answer() -> None:
    with dns_server(lambda question: replying()(question) if question.question[0].rdtype == 28 else None) as port:
        assert dns_query.ask("127.0.0.1", "www.example.com", SHORT, port).status is DnsStatus.TIMEOUT


def test_a_lost_question_is_asked_again() -> None:
    asked: list[int] = []

    def deaf_at_first(question: dns.message.Message) -> bytes | None:
        asked.append(question.id)
        return replying("203.0.113.5")(question) if asked.count(question.id) == 2 else None

    with dns_server(deaf_at_first) as port:
        assert dns_query.ask("127.0.0.1", "www.example.com", 4 * SHORT, port).addresses == ("203.0.113.5",)


def cut_short(question: dns.message.Message) -> bytes:
    reply = dns.message.make_response(question)
    reply.flags |= dns.flags.TC
    return reply.to_wire()


def test_a_truncated_answer_is_fetched_over_tcp() -> None:
    with dns_server(cut_short, over_tcp=replying("203.0.113.5")) as port:
        assert dns_query.ask("127.0.0.1", "www.example.com", PLENTY, port).addresses == ("203.0.113.5",)


def test_a_truncated_answer_without_tcp_says_nothing() -> None:
    with dns_server(cut_short, over_tcp=mute) as port:
        assert dns_query.ask("127.0.0.1", "www.example.com", SHORT, port).status is DnsStatus.TIMEOUT


def test_a_forged_reply_is_passed_over() -> None:
    def forged(question: dns.message.Message) -> bytes | None:
        other = dns.message.make_query("www.example.org", "A")
        return replying("192.0.2.66")(other)

    with dns_server(forged) as port:
        assert dns_query.ask("127.0.0.1", "www.example.com", SHORT, port).status is DnsStatus.TIMEOUT


@given(st.binary(max_size=200))
def test_any_reply_is_survived(wire: bytes) -> None:
    question = dns.message.make_query("www.example.com", "A", use_edns=False)
    head = question.to_wire()[:2] + b"\x81\x80"
    for reply in (wire, head + wire, head + question.to_wire()[4:] + wire):
        parsed = dns_query._parse(reply, [question])
        assert parsed is None or parsed.id == question.id


# Public servers


def test_the_first_definite_public_answer_wins() -> None:
    with two_servers(mute, replying("203.0.113.5")) as port:
        start = time.monotonic()
        answer = dns_probe.resolve_public("www.example.com", ["127.0.0.2", "127.0.0.3"], 2.0, port=port)
        assert time.monotonic() - start < 15
        assert answer == DnsAnswer(
            "www.example.com", Resolver.PUBLIC, DnsStatus.ANSWERED, ("203.0.113.5",), "127.0.0.3"
        )


def test_silent_public_servers_are_a_timeout() -> None:
    with dns_server(mute) as port:
        answer = dns_probe.resolve_public("www.example.com", ["127.0.0.1"], SHORT, port=port)
    assert answer == DnsAnswer("www.example.com", Resolver.PUBLIC, DnsStatus.TIMEOUT, (), "127.0.0.1")


def test_without_a_way_out_public_servers_are_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(server: str, port: int) -> socket.socket:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(dns_query, "_connected", unreachable)
    answer = dns_probe.resolve_public("www.example.com", timeout_s=SHORT)
    assert isinstance(answer, DnsAnswer)
    assert answer.status is DnsStatus.TIMEOUT
