"""The other end of the lab: name servers and web servers in one process, until its input is closed.

Started inside a network namespace of its own by `netlab`: `python -m tests.lab.internet WEB.pem AGENTS.pem`.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Mapping
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
AGENT_SERVERS = ("osce.example.co.jp", "apexone-sv01")
"""Names of the management server of agents; only the name server of the client's own network knows them."""
AGENT_SERVER_ADDRESS, AGENT_SERVER_PORTS = "10.78.0.3", (443, 4343)


def answer_public_name(question: dns.message.Message) -> bytes | None:
    return _answer(question, WEB)


def answer_name(question: dns.message.Message) -> bytes | None:
    return _answer(question, WEB | dict.fromkeys(AGENT_SERVERS, AGENT_SERVER_ADDRESS))


def _answer(question: dns.message.Message, known: Mapping[str, str]) -> bytes | None:
    address = known.get(question.question[0].name.to_text(omit_final_dot=True).lower())
    return (replying(address) if address else replying(code=dns.rcode.NXDOMAIN))(question)


def serve_page(connection: socket.socket, _: threading.Event) -> None:
    read_head(connection)
    date = format_datetime(datetime.now(UTC), usegmt=True)
    connection.sendall(http_response("200 OK", "試験用のページ".encode(), f"Date: {date}", "Connection: close"))


def serve_agent(connection: socket.socket, _: threading.Event) -> None:
    """The answer by which an agent knows that its server lives."""
    read_head(connection)
    connection.sendall(http_response("200 OK", b"-2", "Connection: close"))


def main(web: Path, agents: Path) -> None:
    with ExitStack() as stack:
        stack.enter_context(dns_server(answer_name, address=RESOLVER, port=53))
        for address in PUBLIC_RESOLVERS:
            stack.enter_context(dns_server(answer_public_name, address=address, port=53))
        stack.enter_context(dns_server(lambda _: None, address=SILENT_RESOLVER, port=53))
        page, agent = over_tls(server_context(web), serve_page), over_tls(server_context(agents), serve_agent)
        for address in WEB.values():
            stack.enter_context(tcp_server(serve_page, (address, 80)))
            stack.enter_context(tcp_server(page, (address, 443)))
        for port in AGENT_SERVER_PORTS:
            stack.enter_context(tcp_server(agent, (AGENT_SERVER_ADDRESS, port)))
        print("ready", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
