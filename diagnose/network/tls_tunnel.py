"""A TLS handshake through a proxy: what the server's chain looks like on the only way that leads out."""

from __future__ import annotations

import base64
import socket
import time
from datetime import datetime
from urllib.parse import SplitResult, unquote, urlsplit

from diagnose import __version__
from diagnose.machine.values import Reason, TlsAnswer, TlsStatus, Unseen, Via
from diagnose.network.failures import Failure, classify, words
from diagnose.network.host_names import ascii_host, literal_address
from diagnose.network.name_lookup import LookUp, look_up
from diagnose.network.tls_client import Profile, open_connection, shake_hands
from diagnose.network.tls_probe import judged_answer
from diagnose.network.tls_trust import Trust

_LONGEST_HEAD = 16 * 1024
_LOOK_UP_S = 2.0


def handshake(  # noqa: PLR0917
    host: str,
    port: int,
    proxy: str,
    trust: Trust,
    now: datetime,
    timeout_s: float = 6.0,
    names: LookUp = look_up,
) -> TlsAnswer | Unseen:
    """`proxy` is `http://[user:password@]host:port`. What keeps the tunnel from standing is Unseen: `407`, ..."""
    where = f"TLS {Via.PROXY}: {host}:{port}"
    literal = literal_address(host.partition("%")[0])
    name = literal or ascii_host(host)
    if name is None:
        return Unseen(Reason.MALFORMED, where)
    deadline = time.monotonic() + timeout_s
    try:
        target = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
        connection = _tunnel(urlsplit(proxy), target, deadline, names)
    except OSError as error:
        timed_out = classify(error) is Failure.TIMEOUT
        return Unseen(Reason.TIMED_OUT if timed_out else Reason.FAILED, where, f"{classify(error)}: {words(error)}")
    except ValueError as refusal:
        return Unseen(Reason.FAILED, where, str(refusal))
    shaken = shake_hands(connection, None if literal else name, deadline, Profile.MODERN)
    answer = TlsAnswer(host, port, TlsStatus.OK, via=Via.PROXY)
    return judged_answer(answer, shaken, name, now, trust)


def _tunnel(proxy: SplitResult, target: str, deadline: float, names: LookUp) -> socket.socket:
    """Raises OSError; ValueError with the status of a proxy that refuses, or for a proxy of another kind."""
    if proxy.scheme != "http" or not proxy.hostname:
        raise ValueError(f"proxy: {proxy.scheme}")
    addresses = names(proxy.hostname, _LOOK_UP_S)
    if not isinstance(addresses, tuple):
        raise ValueError(Failure.NAME)
    connection, _ = open_connection(addresses, proxy.port or 80, deadline)
    try:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        connection.sendall(_request(proxy, target))
        status = _status(connection, deadline)
    except (OSError, ValueError):
        connection.close()
        raise
    if status != "200":
        connection.close()
        raise ValueError(status or "protocol")
    return connection


def _request(proxy: SplitResult, target: str) -> bytes:
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", f"User-Agent: diagnose/{__version__}"]
    if proxy.username is not None:
        login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(login.encode()).decode()}")
    return "\r\n".join([*lines, "", ""]).encode()


def _status(connection: socket.socket, deadline: float) -> str:
    """Of the proxy's answer, read byte by byte: what follows its head belongs to the server behind it."""
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        byte = connection.recv(1)
        if not byte or len(head) > _LONGEST_HEAD:
            raise ValueError("protocol")
        head += byte
    first = head.split(b"\r\n", 1)[0].split()
    return first[1].decode("latin-1")[:3] if len(first) > 1 and first[0].startswith(b"HTTP/") else ""
