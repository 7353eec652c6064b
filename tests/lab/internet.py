"""The other end of the lab: name servers and web servers in one process, until its input is closed.

Started inside a network namespace of its own by `netlab`: `python -m tests.lab.internet CERTIFICATE.pem`.
"""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import dns.message
import dns.rcode

from tests.unit.network_servers import (
    dns_server,
    http_response,
    over_tls,
    read_head,
    replying,
    server_context,
    tcp_server,
)

RESOLVER = "10.77.0.1"
"""The name server that the client is configured with."""
SILENT_RESOLVER = "192.0.2.53"
PUBLIC_RESOLVERS = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
WEB = {"www.example.com": "203.0.113.10", "example.org": "203.0.113.11", "www.iana.org": "203.0.113.12"}


def answer_name(question: dns.message.Message) -> bytes | None:
    address = WEB.get(question.question[0].name.to_text(omit_final_dot=True).lower())
    return (replying(address) if address else replying(code=dns.rcode.NXDOMAIN))(question)


def serve_page(connection: socket.socket, _: threading.Event) -> None:
    read_head(connection)
    date = format_datetime(datetime.now(UTC), usegmt=True)
    connection.sendall(http_response("200 OK", "試験用のページ".encode(), f"Date: {date}", "Connection: close"))


def main(certificate: Path) -> None:
    with ExitStack() as stack:
        for address in (RESOLVER, *PUBLIC_RESOLVERS):
            stack.enter_context(dns_server(answer_name, address=address, port=53))
        stack.enter_context(dns_server(lambda _: None, address=SILENT_RESOLVER, port=53))
        stack.enter_context(tcp_server(serve_page, ("0.0.0.0", 80)))
        stack.enter_context(tcp_server(over_tls(server_context(certificate), serve_page), ("0.0.0.0", 443)))
        print("ready", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
