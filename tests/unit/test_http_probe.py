from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.machine.posix import PosixMachine
from diagnose.machine.values import Download, HttpAnswer, Unseen, Via
from diagnose.network import http_probe
from diagnose.network.http_headers import telling_headers
from diagnose.network.http_probe import BODY_LIMIT, COUNT_LIMIT
from tests.unit.network_servers import (
    Serve,
    closed_port,
    full_server,
    http_response,
    make_identity,
    over_tls,
    read_head,
    resetting,
    saying,
    server_context,
    silent,
    tcp_server,
)

SHORT = 0.25
"""Seconds, where silence is expected; an answer gets PLENTY."""
PLENTY = 2.0


def get(serve: Serve, timeout_s: float = PLENTY, path: str = "/officescan/cgi/cgionstart.exe") -> HttpAnswer:
    with tcp_server(serve) as port:
        return http_probe.get(f"http://127.0.0.1:{port}{path}", timeout_s=timeout_s)


def plain(connection: socket.socket, over: threading.Event) -> None:
    """Answers a greeting of TLS with plain text."""
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    connection.recv(4096)


@contextmanager
def proxy(serve: Serve) -> Iterator[str]:
    with tcp_server(serve) as port:
        yield f"http://127.0.0.1:{port}"


def test_an_answer_has_its_status_and_body() -> None:
    with tcp_server(saying(http_response("200 OK", b"-2"))) as port:
        url = f"http://127.0.0.1:{port}/?言語=日本"
        assert http_probe.get(url) == HttpAnswer(url, Via.DIRECT, 200, "-2", 2, "")


@pytest.mark.parametrize(
    ("status", "headers"),
    [("404 Not Found", ()), ("302 Found", ("Location: http://192.0.2.1/portal",)), ("503 混雑", ()), ("204 No", ())],
)
def test_a_status_is_reported_and_nothing_is_followed(status: str, headers: tuple[str, ...]) -> None:
    answer = get(saying(http_response(status, b"", *headers)))
    assert (answer.status, answer.error) == (int(status[:3]), "")


def test_nothing_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    requests: list[str] = []
    assert get(saying(http_response(), requests)).status == 200
    assert "Accept-Encoding: identity" in requests[0]
    assert "Cookie" not in requests[0]


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("; charset=Shift_JIS", "更新サーバー".encode("cp932")),
        ("", "更新サーバー".encode()),
        ("; charset=zlib_codec", "更新サーバー".encode()),
        ("; charset=undefined", "更新サーバー".encode()),
    ],
)
def test_the_body_is_decoded_whatever_the_server_claims(charset: str, body: bytes) -> None:
    assert get(saying(http_response("200 OK", body, f"Content-Type: text/html{charset}"))).body == "更新サーバー"


def test_of_a_long_body_the_beginning_is_kept_and_all_is_counted() -> None:
    answer = get(saying(http_response("200 OK", b"x" * 100_000)))
    assert (len(answer.body), answer.size, answer.error) == (BODY_LIMIT, 100_000, "")


def test_an_endless_body_is_counted_up_to_the_limit() -> None:
    def endless(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    answer = get(endless)
    assert (answer.status, answer.size, len(answer.body), answer.error) == (200, COUNT_LIMIT, BODY_LIMIT, "")


@pytest.mark.parametrize("pause", [0.02, 5.0])
def test_a_slow_body_is_bounded_and_keeps_the_status(pause: float) -> None:
    def slow(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not over.is_set():
            connection.sendall(b"x")
            over.wait(pause)

    start = time.monotonic()
    answer = get(slow, SHORT)
    assert time.monotonic() - start < 15
    assert (answer.status, answer.error) == (200, "timeout")
    assert set(answer.body) == {"x"}


def test_a_slow_head_is_bounded() -> None:
    def slow(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not over.is_set():
            connection.sendall(b"X-Y: z\r\n")
            over.wait(0.02)

    start = time.monotonic()
    answer = get(slow, SHORT)
    assert time.monotonic() - start < 15
    assert (answer.status, answer.error) == (None, "timeout")


def test_a_body_that_is_cut_off_keeps_the_status() -> None:
    answer = get(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf"))
    assert (answer.status, answer.body, answer.size, answer.error) == (200, "half", 4, "protocol")


@pytest.mark.parametrize(
    ("serve", "error"),
    [
        (silent, "timeout"),
        (resetting, "reset"),
        (saying(b""), "reset"),
        (saying(b"220 mail.example.co.jp ESMTP\r\n\r\n"), "protocol"),
        (saying(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 200_000), "protocol"),
    ],
)
def test_the_ways_of_not_answering_are_told_apart(serve: Serve, error: str) -> None:
    answer = get(serve, SHORT if error == "timeout" else PLENTY)
    assert (answer.status, answer.error, answer.size) == (None, error, None)


def test_a_closed_port_is_refused() -> None:
    assert http_probe.get(f"http://127.0.0.1:{closed_port()}/").error == "refused"


def test_a_server_that_does_not_accept_is_a_timeout() -> None:
    with full_server() as port:
        assert http_probe.get(f"http://127.0.0.1:{port}/", timeout_s=SHORT).error == "timeout"


@pytest.mark.parametrize(
    "url", ["http://a..b/", "http://[::1/", "ftp://127.0.0.1/", "更新サーバー", "", "http://a:99999/"]
)
def test_what_is_no_address_of_the_web_is_an_error(url: str) -> None:
    answer = http_probe.get(url, timeout_s=SHORT)
    assert answer.status is None
    assert answer.error in {"name-not-resolved", "InvalidURL", "UnsupportedProtocol"}


def test_certificates_are_not_judged_here(tmp_path: Path) -> None:
    context = server_context(make_identity(tmp_path, "自己署名", ("other.example",), valid_days=(-9, -8)).pem)
    with tcp_server(over_tls(context, saying(http_response("200 OK", b"ok")))) as port:
        answer = http_probe.get(f"https://127.0.0.1:{port}/")
    assert (answer.status, answer.body) == (200, "ok")


def test_plain_text_where_tls_belongs_is_a_tls_error() -> None:
    with tcp_server(plain) as port:
        assert http_probe.get(f"https://127.0.0.1:{port}/").error == "tls"


# Proxies


def test_a_proxy_is_asked_with_the_whole_address_and_our_name() -> None:
    requests: list[str] = []
    with proxy(saying(http_response("200 OK", b"-2"), requests)) as url:
        answer = http_probe.get("http://203.0.113.5/x", url.replace("//", "//user:p%40ss@"))
    assert (answer.via, answer.status, answer.body) == (Via.PROXY, 200, "-2")
    assert requests[0].startswith("GET http://203.0.113.5/x HTTP/1.1")
    assert "Proxy-Authorization: Basic dXNlcjpwQHNz" in requests[0]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 禁止", "502 Bad Gateway"])
def test_the_refusal_of_a_proxy_is_a_status(scheme: str, status: str) -> None:
    with proxy(saying(http_response(status, b"denied"))) as url:
        answer = http_probe.get(f"{scheme}://203.0.113.5/", url)
    assert (answer.status, answer.error) == (int(status[:3]), "")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_refusal_of_a_proxy_says_how_it_wants_to_be_asked(scheme: str) -> None:
    wants = (
        "Proxy-Authenticate: Negotiate",
        "Proxy-Authenticate: NTLM TlRMTVNTUAAC",
        'Proxy-Authenticate: Basic realm="社内"',
    )
    refusal = http_response(
        "407 Proxy Authentication Required", b"", *wants, "X-Squid-Error: ERR_CACHE_ACCESS_DENIED 0"
    )
    with proxy(saying(refusal)) as url:
        answer = http_probe.get(f"{scheme}://203.0.113.5/", url)
    assert answer.header("proxy-authenticate") == "Negotiate, NTLM, Basic"
    assert answer.header("x-squid-error") == "ERR_CACHE_ACCESS_DENIED 0"


def test_only_telling_headers_are_kept_and_bounded() -> None:
    sent = [(b"Set-Cookie", b"session=secret"), (b"Location", b"http://portal/\x00\r" + b"x" * 5000), (b"Server", b"a")]
    kept = dict(telling_headers([*sent, (b"Server", b"b")]))
    assert kept.keys() == {"location", "server"}
    assert len(kept["location"]) == 300
    assert kept["location"].startswith("http://portal/  xxx")
    assert kept["server"] == "a"


@given(st.lists(st.tuples(st.binary(max_size=30), st.binary(max_size=3000))))
def test_any_headers_are_survived(sent: list[tuple[bytes, bytes]]) -> None:
    forced = [(b"WWW-Authenticate", value) for _, value in sent]
    for name, value in telling_headers([*sent, *forced]):
        assert name == name.lower()
        assert len(value) <= 300
        assert value.isprintable()


def tunnel(serve: Serve) -> Serve:
    def connect(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        serve(connection, over)

    return connect


def test_a_tunnel_leads_to_the_server(tmp_path: Path) -> None:
    context = server_context(make_identity(tmp_path, "server", ("203.0.113.5",)).pem)
    with proxy(tunnel(over_tls(context, saying(http_response("200 OK", b"ok"))))) as url:
        assert http_probe.get("https://203.0.113.5/", url).body == "ok"


@pytest.mark.parametrize(
    ("serve", "error"),
    [
        (tunnel(resetting), "reset"),
        (tunnel(plain), "tls"),
        (tunnel(silent), "timeout"),
        (silent, "timeout"),
        (saying(b"nonsense\r\n\r\n"), "protocol"),
    ],
)
def test_behind_a_proxy_that_answers_it_is_not_the_proxy_that_is_unreachable(serve: Serve, error: str) -> None:
    timeout_s = SHORT if error == "timeout" else PLENTY
    with proxy(serve) as url:
        assert http_probe.get("https://203.0.113.5/", url, timeout_s).error == error


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_dead_proxy_is_unreachable(scheme: str) -> None:
    dead = f"http://127.0.0.1:{closed_port()}"
    assert http_probe.get(f"{scheme}://203.0.113.5/", dead).error == "proxy-unreachable"
    assert http_probe.get(f"{scheme}://203.0.113.5/", "http://a..b:8080").error == "proxy-unreachable"
    with full_server() as port:
        answer = http_probe.get(f"{scheme}://203.0.113.5/", f"http://127.0.0.1:{port}", SHORT)
    assert answer == HttpAnswer(f"{scheme}://203.0.113.5/", Via.PROXY, None, "", None, "proxy-unreachable")


def test_a_proxy_of_another_kind_is_an_error_and_no_crash() -> None:
    for url in ("socks5://127.0.0.1:1", "gopher://127.0.0.1:1"):
        assert http_probe.get("http://203.0.113.5/", url, SHORT).error != ""


def test_the_machine_fetches_by_the_proxy_of_its_environment() -> None:
    with proxy(saying(http_response("407 Proxy Authentication Required"))) as url:
        machine = PosixMachine(lambda: None, {"HTTPS_PROXY": url})  # type: ignore[arg-type, return-value]
        answer = machine.fetch("http://203.0.113.5/", Via.PROXY)
    assert isinstance(answer, HttpAnswer)
    assert answer.status == 407


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=120), st.booleans())
def test_any_answer_is_survived(data: bytes, well_begun: bool) -> None:
    answer = get(saying(b"HTTP/1.1 200 OK\r\n" * well_begun + data))
    assert answer.status is None or 0 <= answer.status <= 999


def piece(sent: bytes, declared: int, then: float = 0.0) -> Serve:
    """Announces `declared` bytes, sends `sent` and hangs up after `then` seconds."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {declared}\r\n\r\n".encode() + sent)
        over.wait(then)

    return serve


def test_a_download_keeps_how_it_begins_and_counts_all_of_it() -> None:
    with tcp_server(saying(http_response("200 OK", b"Rar!" + b"x" * 300_000))) as port:
        url = f"http://127.0.0.1:{port}/nod9133.nup"
        found = http_probe.download(url, 1_000_000, 4)
    assert found == Download(url, Via.DIRECT, 200, b"Rar!", 300_004, 300_004)


def test_a_download_ends_at_the_limit_that_the_caller_sets() -> None:
    with tcp_server(piece(b"x" * 200_000, 90_000_000, then=PLENTY)) as port:
        found = http_probe.download(f"http://127.0.0.1:{port}/", 100_000, 10)
    assert (found.size, len(found.start), found.declared, found.error) == (100_000, 10, 90_000_000, "")


def test_a_download_that_is_cut_says_how_far_it_came() -> None:
    with tcp_server(piece(b"x" * 50_000, 68_441_911)) as port:
        found = http_probe.download(f"http://127.0.0.1:{port}/", 70_000_000, 4)
    assert (found.status, found.size, found.declared, found.error) == (200, 50_000, 68_441_911, "protocol")


def test_a_download_that_goes_silent_has_stalled() -> None:
    with tcp_server(piece(b"x" * 100, 1_000, then=PLENTY)) as port:
        found = http_probe.download(f"http://127.0.0.1:{port}/", 1_000, 4, stall_s=SHORT)
    assert (found.status, found.size, found.error) == (200, 100, "stalled")


def test_a_download_that_is_merely_slow_is_left_when_our_time_is_over() -> None:
    def drip(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not over.wait(0.02):
            connection.sendall(b"x")

    with tcp_server(drip) as port:
        found = http_probe.download(f"http://127.0.0.1:{port}/", 1_000, 4, timeout_s=SHORT, stall_s=PLENTY)
    assert (found.status, found.error) == (200, "timeout")
    assert found.size > 0


@pytest.mark.parametrize("length", ["-1", "1e9", "x", "9" * 30])
def test_a_size_that_cannot_be_is_not_taken_for_one(length: str) -> None:
    def serve(connection: socket.socket, over: threading.Event) -> None:
        read_head(connection)
        connection.sendall(f"HTTP/1.0 200 OK\r\nContent-Length: {length}\r\n\r\nabc".encode())

    with tcp_server(serve) as port:
        assert http_probe.download(f"http://127.0.0.1:{port}/", 10, 10).declared is None


def test_the_machine_downloads_directly_and_by_the_proxy_of_its_environment() -> None:
    with proxy(saying(http_response("403 Forbidden", b"blocked"))) as url:
        machine = PosixMachine(lambda: None, {"HTTP_PROXY": url})  # type: ignore[arg-type, return-value]
        found = machine.download("http://203.0.113.5/nod9133.nup", 100, 7, Via.PROXY)
        assert isinstance(found, Download)
        assert (found.status, found.start, found.via) == (403, b"blocked", Via.PROXY)
        direct = machine.download(f"{url}/x", 100, 100)
        assert isinstance(direct, Download)
        assert direct.status == 403
    without = PosixMachine(lambda: None, {})  # type: ignore[arg-type, return-value]
    assert isinstance(without.download("http://203.0.113.5/", 1, 1, Via.PROXY), Unseen)
