"""Public resolvers over TLS and HTTPS: believed when they prove who they are, and more than anybody on port 53."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import dns.message
import dns.rcode
import pytest

from diagnose.machine.values import DnsAnswer, DnsStatus, Transport
from diagnose.network import dns_probe, dns_secure
from diagnose.network.dns_secure import SecureServers, ask_securely
from tests.unit.network_servers import (
    Answer,
    Identity,
    Serve,
    closed_port,
    dns_server,
    http_response,
    make_identity,
    over_tls,
    replying,
    server_context,
    silent,
    tcp_server,
)

NAME = "update.example.com"
NONE = SecureServers(over_https=(), over_tls=())


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> tuple[Identity, Identity]:
    folder = tmp_path_factory.mktemp("pki")
    authority = make_identity(folder, "公開認証局")
    return authority, make_identity(folder, "127.0.0.1", ("127.0.0.1",), authority)


def over_https(answer: Answer) -> Serve:
    """A resolver for one question a connection, as RFC 8484 says."""

    def serve(connection: socket.socket, _: threading.Event) -> None:
        with connection.makefile("rb") as lines:
            while head := _head(lines):
                wire = answer(dns.message.from_wire(lines.read(int(head["content-length"]))))
                if wire is None:
                    return
                connection.sendall(http_response("200 OK", wire, "Content-Type: application/dns-message"))

    return serve


def _head(lines: object) -> dict[str, str]:
    found: dict[str, str] = {}
    while (line := lines.readline().strip()) != b"":  # type: ignore[attr-defined]
        name, _, value = line.decode().partition(":")
        found[name.lower()] = value.strip()
    return found


def over_dot(answer: Answer) -> Serve:
    def serve(connection: socket.socket, _: threading.Event) -> None:
        while length := connection.recv(2):
            wire = answer(dns.message.from_wire(connection.recv(struct.unpack("!H", length)[0])))
            if wire is None:
                return
            connection.sendall(struct.pack("!H", len(wire)) + wire)

    return serve


@contextmanager
def https_resolver(pki: tuple[Identity, Identity], answer: Answer) -> Iterator[SecureServers]:
    with tcp_server(over_tls(server_context(pki[1].pem), over_https(answer))) as port:
        yield replace(NONE, over_https=(f"https://127.0.0.1:{port}/dns-query",), authorities=str(pki[0].pem))


def test_an_answer_over_https_counts(pki: tuple[Identity, Identity]) -> None:
    with https_resolver(pki, replying("198.51.100.7")) as servers:
        reply = ask_securely(NAME, servers, 5.0, None)
    assert reply is not None
    assert (reply.status, reply.addresses, reply.transport) == (
        DnsStatus.ANSWERED,
        ("198.51.100.7",),
        Transport.HTTPS,
    )


def test_an_answer_over_tls_counts(pki: tuple[Identity, Identity]) -> None:
    with tcp_server(over_tls(server_context(pki[1].pem), over_dot(replying("198.51.100.7")))) as port:
        servers = replace(NONE, over_tls=("127.0.0.1",), tls_port=port, authorities=str(pki[0].pem))
        reply = ask_securely(NAME, servers, 5.0, None)
    assert reply is not None
    assert (reply.addresses, reply.transport) == (("198.51.100.7",), Transport.TLS)


def test_the_next_one_is_asked_at_once_where_one_gives_nothing_and_never_where_one_answers(
    pki: tuple[Identity, Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dns_secure, "_APART_S", 60.0)
    asked: list[str] = []

    def answering(question: dns.message.Message) -> bytes | None:
        asked.append(str(question.question[0].name))
        return replying("198.51.100.7")(question)

    with (
        https_resolver(pki, answering) as first,
        tcp_server(over_tls(server_context(pki[1].pem), over_dot(answering))) as port,
    ):
        both = replace(first, over_tls=("127.0.0.1",), tls_port=port)
        reply = ask_securely(NAME, both, 5.0, None)
        assert reply is not None
        assert reply.transport is Transport.HTTPS
        assert len(asked) == 2  # one for each kind of address
        refusing = replace(both, over_https=(f"https://127.0.0.1:{closed_port()}/dns-query",))
        reply = ask_securely(NAME, refusing, 5.0, None)
    assert reply is not None
    assert reply.transport is Transport.TLS


def test_a_resolver_that_cannot_prove_who_it_is_is_not_believed(pki: tuple[Identity, Identity], tmp_path: Path) -> None:
    stranger = make_identity(tmp_path, "社内プロキシ CA")
    with https_resolver(pki, replying("10.0.0.99")) as servers:
        assert ask_securely(NAME, replace(servers, authorities=str(stranger.pem)), 5.0, None) is None


@pytest.mark.parametrize("answer", [lambda _: b"\xff" * 40, replying(code=dns.rcode.SERVFAIL), lambda _: None])
def test_what_is_no_answer_is_none(pki: tuple[Identity, Identity], answer: Answer) -> None:
    with https_resolver(pki, answer) as servers:
        assert ask_securely(NAME, servers, 5.0, None) is None


def test_silence_is_bounded(pki: tuple[Identity, Identity]) -> None:
    with tcp_server(silent) as port:
        servers = replace(NONE, over_https=(f"https://127.0.0.1:{port}/dns-query",), authorities=str(pki[0].pem))
        assert ask_securely(NAME, servers, 0.25, None) is None


def test_it_counts_more_than_what_somebody_on_the_way_says(pki: tuple[Identity, Identity]) -> None:
    lie = replying(code=dns.rcode.NXDOMAIN)
    with dns_server(lie) as port, https_resolver(pki, replying("198.51.100.7")) as servers:
        answer = dns_probe.resolve_public(NAME, ["127.0.0.1"], 5.0, port=port, secure=servers)
    assert isinstance(answer, DnsAnswer)
    assert (answer.status, answer.addresses) == (DnsStatus.ANSWERED, ("198.51.100.7",))
    assert answer.server.startswith("https://127.0.0.1")


def test_where_it_is_blocked_the_plain_answer_stands(pki: tuple[Identity, Identity]) -> None:
    blocked = replace(NONE, over_https=(f"https://127.0.0.1:{closed_port()}/dns-query",), authorities=str(pki[0].pem))
    with dns_server(replying("198.51.100.7")) as port:
        answer = dns_probe.resolve_public(NAME, ["127.0.0.1"], 2.0, port=port, secure=blocked)
    assert isinstance(answer, DnsAnswer)
    assert (answer.addresses, answer.transport) == (("198.51.100.7",), Transport.UDP)
