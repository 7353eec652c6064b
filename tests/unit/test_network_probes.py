from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from diagnose.machine.values import ClockOffset, Reason, TcpStatus, Unseen
from diagnose.network import bounded, clock_probe, failures, tcp_probe
from diagnose.network.failures import Failure, classify
from diagnose.network.host_names import ascii_host, literal_address
from tests.unit.network_servers import (
    Serve,
    closed_port,
    full_server,
    http_response,
    read_head,
    resetting,
    saying,
    silent,
    tcp_server,
)

SHORT = 0.25
"""Seconds, where silence is expected; an answer gets PLENTY."""
PLENTY = 2.0


def reason(answer: object) -> Reason:
    assert isinstance(answer, Unseen), answer
    return answer.reason


# Calls with a limit


def test_answers_come_in_the_order_of_arrival_and_slow_ones_are_missing() -> None:
    with tcp_server(silent) as port:

        def slow() -> str:
            with socket.create_connection(("127.0.0.1", port), 2) as connection:
                return repr(connection.recv(1))

        start = time.monotonic()
        assert bounded.collect([slow, lambda: "速い"], 0.1) == ["速い"]
        assert bounded.call_within(slow, 0.05) is None
        assert time.monotonic() - start < 15


def test_collecting_ends_when_it_is_enough() -> None:
    assert bounded.collect([lambda: 1] * 5, 1, enough=lambda seen: len(seen) == 2) == [1, 1]


def test_an_error_of_our_own_reaches_the_caller() -> None:
    def broken() -> int:
        raise KeyError("名前")

    with pytest.raises(KeyError, match="名前"):
        bounded.call_within(broken, 1)


def test_a_look_up_that_hangs_does_not_hold_up_the_end_of_the_program() -> None:
    code = (
        "import socket, threading; socket.getaddrinfo = lambda *a, **k: threading.Event().wait(60)\n"
        "from diagnose.network.name_lookup import look_up; print(look_up('osce.example.co.jp', 0.05).timed_out)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=5)
    assert (ran.stdout, ran.stderr) == ("True\n", "")


# Names and errors


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("例え.jp", "xn--r8jz45g.jp"),
        ("例え。JP", "xn--r8jz45g.jp"),
        ("PC_0423.example.co.jp.", "PC_0423.example.co.jp"),
        ("a" * 64 + ".jp", None),
        ("a..jp", None),
        ("", None),
        (".", None),
        ("a b", None),
        ("a\0b", None),
        ("あ" * 300, None),
        ("a." * 127 + "toolong", None),
    ],
)
def test_names_are_written_as_dns_does(host: str, expected: str | None) -> None:
    assert ascii_host(host) == expected


@given(st.text())
def test_any_text_is_a_name_or_not(host: str) -> None:
    name = ascii_host(host)
    assert name is None or (name.isascii() and 0 < len(name) < 254)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("192.0.2.1", "192.0.2.1"), ("[2001:DB8::1]", "2001:db8::1"), ("fe80::1%eth0", "fe80::1%eth0"), ("1.2.3", None)],
)
def test_addresses_stand_for_themselves(host: str, expected: str | None) -> None:
    assert literal_address(host) == expected


@pytest.mark.parametrize(
    ("winerror", "expected"),
    [
        (10061, Failure.REFUSED),
        (1225, Failure.REFUSED),
        (10060, Failure.TIMEOUT),
        (121, Failure.TIMEOUT),
        (10051, Failure.UNREACHABLE),
        (10065, Failure.UNREACHABLE),
        (1231, Failure.UNREACHABLE),
        (1232, Failure.UNREACHABLE),
        (10054, Failure.RESET),
        (10013, Failure.DENIED),
    ],
)
def test_the_number_of_windows_goes_before_errno(winerror: int, expected: Failure) -> None:
    error = OSError(errno.EINVAL, "無効な引数")
    setattr(error, "winerror", winerror)  # noqa: B010  it has this field on Windows only
    assert classify(error) is expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, ""), Failure.REFUSED),
        (TimeoutError("timed out"), Failure.TIMEOUT),
        (OSError(errno.EHOSTUNREACH, ""), Failure.UNREACHABLE),
        (socket.gaierror(socket.EAI_AGAIN, ""), Failure.NAME),
        (OSError(errno.EIO, ""), Failure.OTHER),
        (OSError("no number"), Failure.OTHER),
    ],
)
def test_errors_are_told_apart(error: OSError, expected: Failure) -> None:
    assert classify(error) is expected


def test_the_words_of_an_error_are_one_short_line() -> None:
    assert failures.words(OSError("一\n二 " * 500)).startswith("一 二 一")
    assert len(failures.words(OSError("x" * 500))) == 200


# TCP


def test_a_listening_port_is_connected_even_if_another_address_is_not() -> None:
    with tcp_server(silent, ("127.0.0.1", 0)) as port:
        assert tcp_probe.connect(["127.0.0.1"], port, PLENTY).status is TcpStatus.CONNECTED
        tried = tcp_probe.connect(["127.0.0.2", "127.0.0.1"], port, PLENTY)
    assert (tried.status, tried.dead) == (TcpStatus.CONNECTED, ("127.0.0.2",))


def test_an_address_without_any_way_to_it_is_not_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_ipv4(address: tuple[str, int], timeout: float) -> socket.socket:
        if ":" in address[0]:
            raise OSError(errno.ENETUNREACH, "no route")
        return socket.socket()

    monkeypatch.setattr(socket, "create_connection", only_ipv4)
    assert tcp_probe.connect(["2001:db8::1", "192.0.2.1"], 443, PLENTY) == tcp_probe.Tried(TcpStatus.CONNECTED)


def test_ipv6_is_tried_as_well() -> None:
    with tcp_server(silent, ("::1", 0), family=socket.AF_INET6) as port:
        assert tcp_probe.connect(["127.0.0.1", "::1"], port, PLENTY).status is TcpStatus.CONNECTED


def test_a_closed_port_is_refused() -> None:
    assert tcp_probe.connect(["127.0.0.1", "127.0.0.2"], closed_port(), PLENTY).status is TcpStatus.REFUSED


def test_a_port_that_does_not_answer_is_a_timeout() -> None:
    start = time.monotonic()
    with full_server() as port:
        assert tcp_probe.connect(["127.0.0.1"], port, SHORT).status is TcpStatus.TIMEOUT
    assert time.monotonic() - start < 15


@pytest.mark.parametrize(
    ("by_address", "expected"),
    [
        ({"192.0.2.1": errno.ETIMEDOUT, "2001:db8::1": errno.ENETUNREACH}, TcpStatus.TIMEOUT),
        ({"192.0.2.1": errno.ECONNREFUSED, "2001:db8::1": errno.ENETUNREACH}, TcpStatus.REFUSED),
        ({"192.0.2.1": errno.EHOSTUNREACH, "2001:db8::1": errno.ENETUNREACH}, TcpStatus.UNREACHABLE),
        ({"192.0.2.1": errno.EACCES}, TcpStatus.UNREACHABLE),
    ],
)
def test_of_several_addresses_the_most_telling_failure_counts(
    by_address: Mapping[str, int], expected: TcpStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(address: tuple[str, int], timeout: float) -> socket.socket:
        number = by_address[address[0]]
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(socket, "create_connection", fail)
    assert tcp_probe.connect(list(by_address), 443, SHORT).status is expected


# Clock

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def dated(offset_s: float, *headers: str) -> bytes:
    date = format_datetime(NOON + timedelta(seconds=offset_s), usegmt=True)
    return http_response("200 OK", b"", f"Date: {date}", *headers)


@contextmanager
def hosts(*serves: Serve) -> Iterator[list[str]]:
    with ExitStack() as stack:
        yield [f"127.0.0.1:{stack.enter_context(tcp_server(serve))}" for serve in serves]


def measure(*serves: Serve, timeout_s: float = PLENTY) -> ClockOffset | Unseen:
    with hosts(*serves) as names:
        return clock_probe.measure(names, lambda: NOON, timeout_s)


def test_a_clock_that_runs_ahead_has_a_positive_offset() -> None:
    answer = measure(saying(dated(-3600)), saying(dated(-3602)))
    assert isinstance(answer, ClockOffset)
    assert answer.seconds == 3601
    assert answer.source.count("127.0.0.1") == 2


def test_one_witness_is_enough_when_the_other_is_silent_or_gone() -> None:
    answer = measure(silent, saying(dated(0)), resetting, timeout_s=2 * SHORT)
    assert isinstance(answer, ClockOffset)
    assert answer.seconds == 0


def test_two_witnesses_that_disagree_are_contradictory() -> None:
    answer = measure(saying(dated(0)), saying(dated(-3600)))
    assert reason(answer) is Reason.CONTRADICTORY


def test_no_witness_is_unseen() -> None:
    assert reason(measure(silent, timeout_s=SHORT)) is Reason.TIMED_OUT
    assert reason(measure(resetting)) is Reason.FAILED
    assert reason(measure(saying(http_response()))) is Reason.FAILED


def test_a_server_that_dates_only_get_is_asked_again() -> None:
    def dates_get(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(dated(-120) if read_head(connection).startswith("GET") else http_response("405 No"))

    answer = measure(dates_get)
    assert isinstance(answer, ClockOffset)
    assert answer.seconds == 120


def test_an_answer_out_of_a_cache_is_dated_by_its_age() -> None:
    answer = measure(saying(dated(-500, "Age: 500")))
    assert isinstance(answer, ClockOffset)
    assert answer.seconds == 0


def test_where_nothing_else_gets_out_the_proxy_knows_the_time() -> None:
    asked: list[str] = []
    with tcp_server(saying(dated(-240), asked)) as port:
        proxy = f"http://127.0.0.1:{port}"
        answer = clock_probe.measure([f"127.0.0.1:{closed_port()}"], lambda: NOON, PLENTY, proxy)
    assert isinstance(answer, ClockOffset)
    assert answer.seconds == 240
    assert asked[0].startswith("HEAD http://127.0.0.1:")


def test_a_direct_answer_and_one_by_the_proxy_are_two_witnesses() -> None:
    with hosts(saying(dated(0))) as names, tcp_server(saying(dated(-3600))) as port:
        answer = clock_probe.measure(names, lambda: NOON, PLENTY, f"http://127.0.0.1:{port}")
    assert reason(answer) is Reason.CONTRADICTORY


@pytest.mark.parametrize(
    "proxy", [None, "http://127.0.0.1:{closed}", "socks5://127.0.0.1:{closed}", "ftp://x", "http://["]
)
def test_a_proxy_that_is_none_takes_nothing_from_a_direct_answer(proxy: str | None) -> None:
    way = proxy.format(closed=closed_port()) if proxy else None
    with hosts(saying(dated(60))) as names:
        answer = clock_probe.measure(names, lambda: NOON, PLENTY, way)
    assert isinstance(answer, ClockOffset)
    assert answer.seconds == -60


def test_a_silent_proxy_and_nobody_else_is_unseen() -> None:
    with tcp_server(silent) as port:
        answer = clock_probe.measure([f"127.0.0.1:{closed_port()}"], lambda: NOON, SHORT, f"http://127.0.0.1:{port}")
    assert reason(answer) is Reason.TIMED_OUT


@given(st.text(), st.text())
@example("Sat, 21 Nov 2026 12:00:00 -9999", "0")
@example("Sat, 21 Nov 9999 23:59:59 GMT", "99999999999999")
@example("Sat, 21 Nov 2026 12:00:00 GMT", "9" * 5000)
def test_any_date_is_survived(date: str, age: str) -> None:
    found = clock_probe._server_time({"date": date, "age": age})
    assert found is None or found.utcoffset() is not None
