"""One question to one DNS server, so that each way of not answering can be told apart.

A connected UDP socket sees at once that nobody listens there; the resolver of a library would wait for its time limit.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diagnose.machine.values import DnsStatus, Transport
from diagnose.network.failures import Failure, classify

if TYPE_CHECKING:
    import dns.message

MOST_ADDRESSES = 32
# Some servers never answer the question for IPv6 addresses; who has an address need not wait for them to the end.
GRACE_S = 0.3


@dataclass(frozen=True, slots=True)
class Reply:
    """`addresses` is empty with ANSWERED when the name exists but has no address."""

    server: str
    status: DnsStatus
    addresses: tuple[str, ...] = ()
    transport: Transport = Transport.UDP


def ask(server: str, name: str, timeout_s: float, port: int = 53) -> Reply:
    """Ask `server` (an address) for the IPv4 and IPv6 addresses of `name` (ASCII).

    Takes at most `timeout_s` seconds, and as long again when the answer does not fit into a datagram. A server that
    cannot be reached is TIMEOUT, one where nobody listens REFUSED.
    """
    import dns.message

    # Without EDNS: old appliances drop what they do not know, and that would look like silence.
    questions = [dns.message.make_query(name, record, use_edns=False) for record in ("A", "AAAA")]
    try:
        replies = _ask_by_udp(server, port, questions, timeout_s)
        return judge_replies(server, _complete(server, port, questions, replies, timeout_s))
    except OSError as error:
        refused = classify(error) in (Failure.REFUSED, Failure.RESET)
        return Reply(server, DnsStatus.REFUSED if refused else DnsStatus.TIMEOUT)


def _ask_by_udp(
    server: str, port: int, questions: Sequence[dns.message.Message], timeout_s: float
) -> list[dns.message.Message]:
    start = time.monotonic()
    deadline, resend_at = start + timeout_s, start + timeout_s / 2
    open_questions = list(questions)
    replies: list[dns.message.Message] = []
    with _connected(server, port) as udp:
        for question in open_questions:
            udp.send(question.to_wire())
        while open_questions and (now := time.monotonic()) < deadline:
            udp.settimeout(max(0.001, min(deadline, resend_at if now < resend_at else deadline) - now))
            try:
                wire = udp.recv(65_535)
            except TimeoutError:
                if now < resend_at <= time.monotonic():
                    for question in open_questions:
                        udp.send(question.to_wire())
                continue
            reply = _parse(wire, open_questions)
            if reply is None:
                continue
            replies.append(reply)
            open_questions = [question for question in open_questions if question.id != reply.id]
            if _addresses([reply]):
                deadline = min(deadline, time.monotonic() + GRACE_S)
    return replies


def _connected(server: str, port: int) -> socket.socket:
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    family, kind, protocol, _, address = socket.getaddrinfo(server, port, type=socket.SOCK_DGRAM, flags=flags)[0]
    udp = socket.socket(family, kind, protocol)
    try:
        udp.connect(address)
    except OSError:
        udp.close()
        raise
    return udp


def _parse(wire: bytes, questions: Iterable[dns.message.Message]) -> dns.message.Message | None:
    """The reply if it belongs to one of `questions`; anything else may be a forgery and is passed over."""
    import dns.exception
    import dns.message

    try:
        reply = dns.message.from_wire(wire, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        return None
    return reply if any(question.is_response(reply) for question in questions) else None


def _complete(
    server: str,
    port: int,
    questions: Sequence[dns.message.Message],
    replies: Sequence[dns.message.Message],
    timeout_s: float,
) -> list[dns.message.Message]:
    """Each truncated reply replaced by the whole one over TCP. When that fails, an empty one says nothing."""
    import dns.exception
    import dns.flags
    import dns.query

    by_id = {question.id: question for question in questions}
    deadline = time.monotonic() + timeout_s
    complete: list[dns.message.Message] = []
    for reply in replies:
        whole = reply
        if reply.flags & dns.flags.TC:
            try:
                whole = dns.query.tcp(by_id[reply.id], server, max(0.001, deadline - time.monotonic()), port)
            except (OSError, EOFError, ValueError, dns.exception.DNSException):
                if not reply.answer:
                    continue
        complete.append(whole)
    return complete


def judge_replies(server: str, replies: Sequence[dns.message.Message], transport: Transport = Transport.UDP) -> Reply:
    """What the answers to the two questions, for IPv4 and IPv6 addresses, say together."""
    import dns.rcode

    addresses = _addresses(replies)
    if addresses:
        return Reply(server, DnsStatus.ANSWERED, addresses, transport)
    codes = {reply.rcode() for reply in replies}
    if dns.rcode.NXDOMAIN in codes:
        return Reply(server, DnsStatus.NXDOMAIN, (), transport)
    if codes <= {dns.rcode.NOERROR}:
        # Only when both questions were answered is "no address" known.
        return Reply(server, DnsStatus.ANSWERED if len(replies) == 2 else DnsStatus.TIMEOUT, (), transport)
    return Reply(server, DnsStatus.REFUSED if dns.rcode.REFUSED in codes else DnsStatus.SERVFAIL, (), transport)


def _addresses(replies: Iterable[dns.message.Message]) -> tuple[str, ...]:
    import dns.rdatatype

    found: dict[str, None] = {}
    for reply in replies:
        for rrset in reply.answer:
            if rrset.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
                found.update(dict.fromkeys(record.address for record in rrset))
    return tuple(found)[:MOST_ADDRESSES]
