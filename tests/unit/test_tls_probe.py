from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from diagnose.machine.values import Reason, TlsAnswer, TlsStatus, Unseen, Via
from diagnose.network import tls_probe, tls_tunnel
from diagnose.network.certificate_names import names_of
from diagnose.network.tls_trust import Trust, judge
from tests.unit.network_servers import (
    Identity,
    Serve,
    closed_port,
    full_server,
    make_identity,
    over_tls,
    read_head,
    resetting,
    server_context,
    silent,
    tcp_server,
)

HOST = "更新.example.co.jp"
WIRE_HOST = "xn--efv01a.example.co.jp"
SHORT = 0.25
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Pki:
    """A trusted authority, another one, and the folder for more."""

    authority: Identity
    stranger: Identity
    folder: Path

    def server(self, *hosts: str) -> Identity:
        return make_identity(self.folder, hosts[0], hosts, self.authority)

    def trust(self) -> Trust:
        """A computer that trusts the authority, as the public does."""
        return Trust((der(self.authority),), (der(self.authority),))


def der(identity: Identity) -> bytes:
    return identity.certificate.public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    folder = tmp_path_factory.mktemp("pki")
    return Pki(make_identity(folder, "試験認証局"), make_identity(folder, "社内プロキシ CA"), folder)


def shake(
    pki: Pki, serve: Serve, host: str = HOST, timeout_s: float = 2.0, trust: Trust | None = None
) -> TlsAnswer | Unseen:
    with tcp_server(serve) as port:
        answer = tls_probe.handshake(host, ["127.0.0.1"], port, trust or pki.trust(), NOW, timeout_s)
    if isinstance(answer, TlsAnswer):
        assert (answer.host, answer.port) == (host, port)
    return answer


def answered(answer: TlsAnswer | Unseen) -> TlsAnswer:
    assert isinstance(answer, TlsAnswer), answer
    return answer


def reason(answer: object) -> Reason:
    assert isinstance(answer, Unseen), answer
    return answer.reason


def test_a_good_server_is_ok_and_names_its_issuer(pki: Pki) -> None:
    identity = pki.server(WIRE_HOST)
    answer = answered(shake(pki, over_tls(server_context(identity.pem))))
    assert (answer.status, answer.error) == (TlsStatus.OK, "")
    assert (answer.issuer, answer.subject) == ("CN=試験認証局", f"CN={WIRE_HOST}")
    assert answer.not_after == identity.certificate.not_valid_after_utc


def test_an_address_can_be_the_name(pki: Pki) -> None:
    serve = over_tls(server_context(pki.server("127.0.0.1").pem))
    assert answered(shake(pki, serve, "127.0.0.1")).status is TlsStatus.OK


def test_an_authority_that_nobody_knows_has_intercepted(pki: Pki) -> None:
    intercepted = make_identity(pki.folder, WIRE_HOST, (WIRE_HOST,), pki.stranger)
    answer = answered(shake(pki, over_tls(server_context(intercepted.pem))))
    assert answer.status is TlsStatus.INTERCEPTED
    assert answer.issuer == "CN=社内プロキシ CA"
    assert answer.not_after is not None
    assert "unable to get local issuer certificate" in answer.error
    assert answer.chain == (f"CN={WIRE_HOST}", "CN=社内プロキシ CA")


def test_an_authority_that_only_this_computer_trusts_has_intercepted_too(pki: Pki) -> None:
    intercepted = make_identity(pki.folder, WIRE_HOST, (WIRE_HOST,), pki.stranger)
    trust = Trust((der(pki.authority), der(pki.stranger)), (der(pki.authority),))
    answer = answered(shake(pki, over_tls(server_context(intercepted.pem)), trust=trust))
    assert (answer.status, answer.error) == (TlsStatus.INTERCEPTED, "private authority")


def test_a_public_authority_that_is_missing_here_is_no_interception(pki: Pki) -> None:
    trust = Trust((der(pki.stranger),), (der(pki.authority),))
    serve = over_tls(server_context(pki.server(WIRE_HOST).pem))
    assert answered(shake(pki, serve, trust=trust)).status is TlsStatus.UNTRUSTED
    assert answered(shake(pki, serve, trust=replace(trust, fetches_public=True))).status is TlsStatus.OK


def test_a_forgotten_intermediate_certificate_is_no_interception(pki: Pki) -> None:
    between = make_identity(pki.folder, "中間認証局", (), pki.authority)
    url = "http://pki.example.com/between.cer"
    bare = make_identity(pki.folder, WIRE_HOST, (WIRE_HOST,), between, issuer_url=url)
    answer = answered(shake(pki, over_tls(server_context(bare.pem))))
    assert (answer.status, answer.issuer) == (TlsStatus.UNTRUSTED, "CN=中間認証局")
    known = replace(pki.trust(), helpers=(der(between),))
    assert answered(shake(pki, over_tls(server_context(bare.pem)), trust=known)).status is TlsStatus.OK
    whole = make_identity(pki.folder, WIRE_HOST, (WIRE_HOST,), between, sends=(between,))
    answer = answered(shake(pki, over_tls(server_context(whole.pem))))
    assert answer.status is TlsStatus.OK
    assert answer.chain == (f"CN={WIRE_HOST}", "CN=中間認証局", "CN=試験認証局")


def test_a_forged_name_of_an_authority_is_seen_through(pki: Pki) -> None:
    forger = make_identity(pki.folder, "試験認証局")
    forged = make_identity(pki.folder, WIRE_HOST, (WIRE_HOST,), forger)
    answer = answered(shake(pki, over_tls(server_context(forged.pem))))
    assert answer.status is TlsStatus.INTERCEPTED
    assert "signature" in answer.error


def test_every_fault_is_told_and_the_first_decides(pki: Pki) -> None:
    bad = make_identity(pki.folder, "portal.example.co.jp", ("portal.example.co.jp",), pki.stranger, (-30, -1))
    answer = answered(shake(pki, over_tls(server_context(bad.pem))))
    assert answer.status is TlsStatus.INTERCEPTED
    assert "local issuer" in answer.error
    assert answer.more_errors == ("certificate has expired", "hostname mismatch")


def test_a_self_signed_server_is_untrusted(pki: Pki) -> None:
    answer = answered(shake(pki, over_tls(server_context(make_identity(pki.folder, WIRE_HOST, (WIRE_HOST,)).pem))))
    assert answer.status is TlsStatus.UNTRUSTED
    assert answer.issuer == answer.subject == f"CN={WIRE_HOST}"


@pytest.mark.parametrize(
    ("valid_days", "words"), [((-30, -1), "certificate has expired"), ((1, 30), "certificate is not yet valid")]
)
def test_a_certificate_outside_its_time_is_expired(pki: Pki, valid_days: tuple[int, int], words: str) -> None:
    identity = make_identity(pki.folder, WIRE_HOST, (WIRE_HOST,), pki.authority, valid_days)
    answer = answered(shake(pki, over_tls(server_context(identity.pem))))
    assert (answer.status, answer.error) == (TlsStatus.EXPIRED, words)
    assert answer.not_after is not None
    assert abs(answer.not_after - datetime.now(UTC) - timedelta(days=valid_days[1])) < timedelta(minutes=5)


@pytest.mark.parametrize("host", [HOST, "127.0.0.1"])
def test_a_certificate_for_another_name_is_a_mismatch(pki: Pki, host: str) -> None:
    answer = answered(shake(pki, over_tls(server_context(pki.server("portal.example.co.jp").pem)), host))
    assert answer.status is TlsStatus.NAME_MISMATCH
    assert answer.subject == "CN=portal.example.co.jp"


def test_a_server_with_tls_1_0_only_speaks_another_protocol(pki: Pki) -> None:
    answer = answered(shake(pki, over_tls(server_context(pki.server(WIRE_HOST).pem, old=True))))
    assert answer.status is TlsStatus.PROTOCOL
    assert answer.error  # whose words are those of the OpenSSL in use


def test_plain_text_on_the_port_is_no_tls(pki: Pki) -> None:
    def impatient(connection: socket.socket, _: object) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        read_head(connection)

    assert answered(shake(pki, impatient)).status is TlsStatus.PROTOCOL


def test_a_reset_and_a_close_are_a_reset(pki: Pki) -> None:
    def closing(connection: socket.socket, _: object) -> None:
        connection.recv(4096)

    assert answered(shake(pki, resetting)).status is TlsStatus.RESET
    assert answered(shake(pki, closing)).status is TlsStatus.RESET


def test_a_server_that_says_nothing_is_silent(pki: Pki) -> None:
    start = time.monotonic()
    answer = answered(shake(pki, silent, timeout_s=SHORT))
    assert (answer.status, answer.error) == (TlsStatus.SILENT, "no answer")
    assert time.monotonic() - start < 15


def test_a_server_that_drips_is_bounded(pki: Pki) -> None:
    def dripping(connection: socket.socket, over: threading.Event) -> None:
        for byte in b"\x16\x03\x03\x40\x00" + bytes(1000):
            connection.send(bytes([byte]))
            over.wait(0.02)

    start = time.monotonic()
    assert answered(shake(pki, dripping, timeout_s=SHORT)).status is TlsStatus.SILENT
    assert time.monotonic() - start < 15


def test_no_connection_is_unseen_and_says_why(pki: Pki) -> None:
    port = closed_port()
    answer = tls_probe.handshake(HOST, ["127.0.0.1"], port, pki.trust(), NOW, SHORT)
    assert isinstance(answer, Unseen)
    assert (answer.reason, answer.where) == (Reason.FAILED, f"TLS: {HOST}:{port}")
    assert answer.detail.startswith("refused")
    assert reason(tls_probe.handshake(HOST, [], port, pki.trust(), NOW, SHORT)) is Reason.TIMED_OUT


def test_a_silent_address_leaves_time_for_the_next(pki: Pki) -> None:
    serve = over_tls(server_context(pki.server(WIRE_HOST).pem))
    with tcp_server(serve) as port, full_server(("127.0.0.2", port)):
        addresses = ["127.0.0.2", "127.0.0.1"]
        answer = tls_probe.handshake(HOST, addresses, port, pki.trust(), NOW, 4 * SHORT)
    assert answered(answer).status is TlsStatus.OK


def test_a_name_that_cannot_be_is_malformed() -> None:
    assert reason(tls_probe.handshake("a..b", ["127.0.0.1"], 1, Trust((), ()), NOW, SHORT)) is Reason.MALFORMED


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_any_chain_is_survived(served: list[bytes]) -> None:
    judged = judge(served, "www.example.com", NOW, Trust((), ()))
    assert judged.status is TlsStatus.UNTRUSTED


@given(st.data())
def test_a_damaged_chain_is_survived(pki: Pki, data: st.DataObject) -> None:
    whole = der(pki.server(WIRE_HOST))
    at = data.draw(st.integers(0, 250))
    damaged = whole[:at] + data.draw(st.binary(min_size=1, max_size=3)) + whole[at + 1 :]
    judged = judge([damaged, der(pki.authority)], WIRE_HOST, NOW, pki.trust())
    assert judged.status is not TlsStatus.OK or names_of(damaged) is not None
    assert judge([whole, damaged], WIRE_HOST, NOW, pki.trust()).status is TlsStatus.OK


def hello(connection: socket.socket) -> bytes:
    """The client's first words, not taken from the queue."""
    return connection.recv(4096, socket.MSG_PEEK)


def refusing(name: str, serve: Serve, drop: Serve) -> Serve:
    """A device on the way that reads the server's name."""

    def filtering(connection: socket.socket, over: threading.Event) -> None:
        (drop if name.encode() in hello(connection) else serve)(connection, over)

    return filtering


@pytest.mark.parametrize("drop", [silent, resetting])
def test_who_is_stopped_for_the_servers_name_is_told_so(pki: Pki, drop: Serve) -> None:
    serve = refusing(WIRE_HOST, over_tls(server_context(pki.server(WIRE_HOST).pem)), drop)
    assert answered(shake(pki, serve, timeout_s=1.5)).status is TlsStatus.NAME_FILTERED


def test_a_server_that_was_late_once_is_judged_all_the_same(pki: Pki) -> None:
    good, seen = over_tls(server_context(pki.server(WIRE_HOST).pem)), []

    def late_once(connection: socket.socket, over: threading.Event) -> None:
        seen.append(hello(connection))
        (silent if len(seen) == 1 else good)(connection, over)

    assert answered(shake(pki, late_once, timeout_s=1.5)).status is TlsStatus.OK


def test_an_old_server_says_what_it_speaks(pki: Pki) -> None:
    answer = answered(shake(pki, over_tls(server_context(pki.server(WIRE_HOST).pem, old=True))))
    assert (answer.status, answer.version) == (TlsStatus.PROTOCOL, "TLSv1")


def test_a_server_that_never_comes_to_an_end_is_bounded(pki: Pki) -> None:
    def endless(connection: socket.socket, _: threading.Event) -> None:
        hello(connection)
        while True:
            connection.sendall(b"\x16\x03\x03\x40\x00" + bytes(0x4000))

    assert answered(shake(pki, endless)).status in (TlsStatus.PROTOCOL, TlsStatus.RESET)


def tunnel(serve: Serve, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> Serve:
    def connect(connection: socket.socket, over: threading.Event) -> None:
        head = read_head(connection)
        assert head.startswith(f"CONNECT {WIRE_HOST}:443 HTTP/1.1")
        assert "Proxy-Authorization: Basic dXNlcjpwQHNz" in head
        connection.sendall(answer)
        serve(connection, over)

    return connect


def through(pki: Pki, serve: Serve, timeout_s: float = 2.0) -> TlsAnswer | Unseen:
    with tcp_server(serve) as port:
        url = f"http://user:p%40ss@127.0.0.1:{port}"
        return tls_tunnel.handshake(HOST, 443, url, pki.trust(), NOW, timeout_s)


def test_the_chain_is_seen_through_a_proxy(pki: Pki) -> None:
    answer = answered(through(pki, tunnel(over_tls(server_context(pki.server(WIRE_HOST).pem)))))
    assert (answer.status, answer.via) == (TlsStatus.OK, Via.PROXY)


def test_a_proxy_that_inspects_is_seen(pki: Pki) -> None:
    inspected = make_identity(pki.folder, WIRE_HOST, (WIRE_HOST,), pki.stranger)
    answer = answered(through(pki, tunnel(over_tls(server_context(inspected.pem)))))
    assert (answer.status, answer.issuer) == (TlsStatus.INTERCEPTED, "CN=社内プロキシ CA")


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "protocol"),
        (b"", "protocol"),
        (b"x" * 20_000, "protocol"),
    ],
)
def test_a_tunnel_that_does_not_stand_says_why(pki: Pki, said: bytes, detail: str) -> None:
    answer = through(pki, tunnel(lambda *_: None, said))
    assert isinstance(answer, Unseen)
    assert (answer.reason, answer.detail) == (Reason.FAILED, detail)


def test_a_silent_proxy_is_bounded(pki: Pki) -> None:
    assert reason(through(pki, tunnel(silent, b""), timeout_s=SHORT)) is Reason.TIMED_OUT
