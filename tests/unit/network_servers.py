"""Real servers on loopback for the tests of the network probes: each in its own threads, gone at the end of `with`."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

Serve = Callable[[socket.socket, threading.Event], None]
"""Serves one connection; the event is set when the test is over."""
Answer = Callable[[dns.message.Message], bytes | None]
"""The wire form of a reply, or None for silence."""


@contextlib.contextmanager
def tcp_server(
    serve: Serve, address: tuple[str, int] = ("127.0.0.1", 0), family: int = socket.AF_INET
) -> Iterator[int]:
    over = threading.Event()
    threads: list[threading.Thread] = []

    def serve_one(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(2)
            serve(connection, over)

    def accept() -> None:
        # A shut down listener ends the loop.
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=serve_one, args=(connection,), daemon=True))
                threads[-1].start()

    with socket.create_server(address, family=family) as listener:
        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            for thread in [acceptor, *threads]:
                thread.join(2)


def silent(connection: socket.socket, over: threading.Event) -> None:
    over.wait(5)


def resetting(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def full_server(address: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[int]:
    """A port that answers no further connection, because its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(address)
        listener.listen(0)
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


# DNS


def replying(*records: str, code: int = dns.rcode.NOERROR) -> Answer:
    """Answers each question with those of `records` (addresses) that have its type."""

    def answer(question: dns.message.Message) -> bytes:
        reply = dns.message.make_response(question)
        reply.set_rcode(dns.rcode.Rcode(code))
        asked = question.question[0]
        for record in records:
            kind = "AAAA" if ":" in record else "A"
            if dns.rdatatype.to_text(asked.rdtype) == kind:
                reply.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, record))
        return reply.to_wire()

    return answer


@contextlib.contextmanager
def dns_server(
    answer: Answer, over_tcp: Answer | None = None, address: str = "127.0.0.1", port: int = 0
) -> Iterator[int]:
    """A server for UDP, and on the same port for TCP."""

    def serve_tcp(connection: socket.socket, over: threading.Event) -> None:
        length = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))[0]
        wire = (over_tcp or answer)(dns.message.from_wire(connection.recv(length, socket.MSG_WAITALL)))
        if wire is not None:
            connection.sendall(struct.pack("!H", len(wire)) + wire)

    def serve_udp() -> None:
        while True:
            wire, client = udp.recvfrom(4096)
            if not wire:
                return
            reply = answer(dns.message.from_wire(wire))
            if reply is not None:
                udp.sendto(reply, client)

    with (
        tcp_server(serve_tcp, (address, port)) as number,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stopper,
    ):
        udp.bind((address, number))
        thread = threading.Thread(target=serve_udp, daemon=True)
        thread.start()
        try:
            yield number
        finally:
            stopper.sendto(b"", (address, number))
            thread.join(2)


# TLS


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its key; `pem` is a file with both."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    pem: Path


def make_identity(
    folder: Path,
    common_name: str,
    hosts: tuple[str, ...] = (),
    issuer: Identity | None = None,
    valid_days: tuple[int, int] = (-1, 30),
    *,
    sends: tuple[Identity, ...] = (),
    issuer_url: str = "",
) -> Identity:
    """Without `hosts` an authority. Without an `issuer` self-signed. `valid_days` counts from today.

    `sends`: what a server shows beside its own certificate. `issuer_url`: where it says its issuer is.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=valid_days[0]))
        .not_valid_after(now + timedelta(days=valid_days[1]))
        .add_extension(x509.BasicConstraints(ca=not hosts, path_length=None), critical=True)
    )
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([_san(host) for host in hosts]), critical=False)
    if issuer_url:
        place = x509.UniformResourceIdentifier(issuer_url)
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    certificate = builder.sign(issuer.key if issuer else key, hashes.SHA256())
    pem = folder / f"{common_name.encode().hex()[:40]}-{certificate.serial_number}.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + b"".join(
            one.public_bytes(serialization.Encoding.PEM) for one in (certificate, *(i.certificate for i in sends))
        )
    )
    return Identity(certificate, key, pem)


def _san(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def server_context(pem: Path, *, old: bool = False) -> ssl.SSLContext:
    """`pem` holds a key and its certificate. `old` speaks TLS 1.0 only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    if old:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    return context


def over_tls(context: ssl.SSLContext, serve: Serve | None = None) -> Serve:
    """Shakes hands, then lets `serve` speak, or waits for the client to go."""

    def serve_secured(connection: socket.socket, over: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            if serve is None:
                secured.recv(1)
            else:
                serve(secured, over)

    return serve_secured


# HTTP


def read_head(connection: socket.socket) -> str:
    """The request up to the empty line."""
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = connection.recv(4096)
        if not chunk:
            break
        head += chunk
    return head.decode("latin-1")


def saying(response: bytes, requests: list[str] | None = None) -> Serve:
    """Answers any request with `response`, notes it, and closes."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        head = read_head(connection)
        if requests is not None:
            requests.append(head)
        connection.sendall(response)

    return serve


def http_response(status: str = "200 OK", body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
