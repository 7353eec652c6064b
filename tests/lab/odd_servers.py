"""Servers that no honest program is, and two name servers: `python -m tests.lab.odd_servers FOLDER`, until killed.

FOLDER has the certificates. Says "ready" when all of them listen.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

import dns.message
import dns.rcode

from tests.lab.addresses import BACKEND, BACKENDS, BROKEN_UPSTREAM, PROXY, PROXY_PORTS, SILENT_UPSTREAM

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_FOREVER_S = 300.0
_HTTP2_SETTINGS = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
_HTTP2_GO_AWAY = b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + bytes(7) + b"\x01"


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(_FOREVER_S)


async def noise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(bytes(range(32, 256)) * 4)


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.transport.abort()


async def no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _head(reader)
    writer.write("これはHTTPではありません\n".encode() * 10)


async def only_http2(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(_HTTP2_SETTINGS + _HTTP2_GO_AWAY)


async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _head(reader)
    await asyncio.sleep(_FOREVER_S)


async def endless_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while not writer.is_closing():
        writer.write(b"X-Padding: a\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def gigabyte(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    for _ in range(15_000):
        if writer.is_closing():
            return
        writer.write(bytes(65_536))
        await writer.drain()


async def cut_short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nlab-up")


async def _head(reader: asyncio.StreamReader) -> None:
    await reader.readuntil(b"\r\n\r\n")


PLAIN: dict[str, Serve] = {"silent": silent, "noise": noise, "hangs-up": hang_up}
OVER_TLS: dict[str, Serve] = {
    "no-http": no_http,
    "only-http2": only_http2,
    "stalls": stall,
    "endless-head": endless_head,
    "gigabyte": gigabyte,
    "cut-short": cut_short,
}


def tidy(serve: Serve) -> Serve:
    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError, asyncio.LimitOverrunError):
            await serve(reader, writer)
        with suppress(OSError):
            writer.close()

    return serve_one


class BrokenResolver(asyncio.DatagramProtocol):
    """Answers SERVFAIL to everything."""

    transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio promises no more than a base transport here.
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        reply = dns.message.make_response(dns.message.from_wire(data))
        reply.set_rcode(dns.rcode.SERVFAIL)
        self.transport.sendto(reply.to_wire(), addr)


async def serve_all(folder: Path) -> None:
    # Else it complains of each client that goes away.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "good.pem", folder / "good.key")
    only_h2 = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    only_h2.load_cert_chain(folder / "good.pem", folder / "good.key")
    only_h2.set_alpn_protocols(["h2"])
    for name, serve in PLAIN.items():
        await asyncio.start_server(tidy(serve), BACKEND, BACKENDS[name])
    for name, serve in OVER_TLS.items():
        chosen = only_h2 if name == "only-http2" else context
        await asyncio.start_server(tidy(serve), BACKEND, BACKENDS[name], ssl=chosen)
    await asyncio.start_server(tidy(hang_up), PROXY, PROXY_PORTS["hangs-up"])
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(BrokenResolver, (BROKEN_UPSTREAM, 53))
    await loop.create_datagram_endpoint(asyncio.DatagramProtocol, (SILENT_UPSTREAM, 53))
    print("ready", flush=True)
    await asyncio.sleep(86_400)


if __name__ == "__main__":
    asyncio.run(serve_all(Path(sys.argv[1])))
