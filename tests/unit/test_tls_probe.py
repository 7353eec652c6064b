from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.machine.values import Reason, TlsAnswer, TlsStatus, Unseen
from diagnose.network import tls_probe
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


@dataclass(frozen=True)
class Pki:
    """A trusted authority, another one, and the folder for more."""

    authority: Identity
    stranger: Identity
    folder: Path

    def server(self, *hosts: str) -> Identity:
        return make_identity(self.folder, hosts[0], hosts, self.authority)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    folder = tmp_path_factory.mktemp("pki")
    return Pki(make_identity(folder, "試験認証局"), make_identity(folder, "社内プロキシ CA"), folder)


def shake(pki: Pki, serve: Serve, host: str = HOST, timeout_s: float = 2.0) -> TlsAnswer | Unseen:
    with tcp_server(serve) as port:
        answer = tls_probe.handshake(host, ["127.0.0.1"], port, timeout_s, cafile=str(pki.authority.pem))
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


def test_an_unknown_authority_is_named(pki: Pki) -> None:
    intercepted = make_identity(pki.folder, WIRE_HOST, (WIRE_HOST,), pki.stranger)
    answer = answered(shake(pki, over_tls(server_context(intercepted.pem))))
    assert answer.status is TlsStatus.UNTRUSTED
    assert answer.issuer == "CN=社内プロキシ CA"
    assert answer.not_after is not None
    assert "unable to get local issuer certificate" in answer.error


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


def test_a_server_that_says_nothing_is_unseen(pki: Pki) -> None:
    start = time.monotonic()
    answer = shake(pki, silent, timeout_s=SHORT)
    assert reason(answer) is Reason.TIMED_OUT
    assert time.monotonic() - start < 15


def test_a_server_that_drips_is_bounded(pki: Pki) -> None:
    def dripping(connection: socket.socket, over: threading.Event) -> None:
        for byte in b"\x16\x03\x03\x40\x00" + bytes(1000):
            connection.send(bytes([byte]))
            over.wait(0.02)

    start = time.monotonic()
    assert reason(shake(pki, dripping, timeout_s=SHORT)) is Reason.TIMED_OUT
    assert time.monotonic() - start < 15


def test_no_connection_is_unseen_and_says_why(pki: Pki) -> None:
    port = closed_port()
    answer = tls_probe.handshake(HOST, ["127.0.0.1"], port, SHORT)
    assert isinstance(answer, Unseen)
    assert (answer.reason, answer.where) == (Reason.FAILED, f"TLS: {HOST}:{port}")
    assert answer.detail.startswith("refused")
    assert reason(tls_probe.handshake(HOST, [], port, SHORT)) is Reason.TIMED_OUT


def test_a_silent_address_leaves_time_for_the_next(pki: Pki) -> None:
    serve = over_tls(server_context(pki.server(WIRE_HOST).pem))
    with tcp_server(serve) as port, full_server(("127.0.0.2", port)):
        addresses = ["127.0.0.2", "127.0.0.1"]
        answer = tls_probe.handshake(HOST, addresses, port, 2 * SHORT, cafile=str(pki.authority.pem))
    assert answered(answer).status is TlsStatus.OK


def test_a_missing_store_is_not_an_untrusted_server(tmp_path: Path) -> None:
    answer = tls_probe.handshake(HOST, ["127.0.0.1"], 1, SHORT, cafile=str(tmp_path / "なし.pem"))
    assert reason(answer) is Reason.FAILED


def test_a_name_that_cannot_be_is_malformed() -> None:
    assert reason(tls_probe.handshake("a..b", ["127.0.0.1"], 1, SHORT)) is Reason.MALFORMED


def test_the_store_of_the_environment_is_honoured(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(pki.authority.pem))
    with tcp_server(over_tls(server_context(pki.server(WIRE_HOST).pem))) as port:
        answer = tls_probe.handshake(HOST, ["127.0.0.1"], port, 2.0)
    assert answered(answer).status is TlsStatus.OK


@given(st.binary(max_size=300))
def test_any_certificate_is_survived(der: bytes) -> None:
    assert tls_probe._read_leaf(der) == tls_probe.Leaf()
