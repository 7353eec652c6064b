"""GET one URL, directly or through one proxy, and say what came back."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from diagnose.machine.values import Download, HttpAnswer, Via
from diagnose.network.bounded import call_within
from diagnose.network.failures import Failure, classify
from diagnose.network.http_client import open_client
from diagnose.network.http_headers import telling_headers
from diagnose.network.name_lookup import LookUp, look_up

if TYPE_CHECKING:
    import httpx

BODY_LIMIT = 4 * 1024
COUNT_LIMIT = 1024 * 1024
DOWNLOAD_S = 60.0
STALL_S = 15.0
"""Without a single byte: nothing more will come of a download."""
_PLAIN_WORDS = frozenset(Failure) - {Failure.OTHER}


class _Exchange:
    """What has come back so far; it is read when the thread that fills it is given up."""

    def __init__(self, timeout_s: float, keep: int = BODY_LIMIT, most: int = COUNT_LIMIT) -> None:
        self.deadline = time.monotonic() + timeout_s
        self.keep = keep
        self.most = most
        self.reached = False
        """A TCP connection stood: to the proxy, if there is one."""
        self.status: int | None = None
        self.charset: str | None = None
        self.body = bytearray()
        self.size: int | None = None
        self.declared: int | None = None
        self.error = ""
        self.headers: tuple[tuple[str, str], ...] = ()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            self.reached = True
        elif event == "http11.receive_response_headers.complete":
            # Also of a proxy's answer to CONNECT, of which the client keeps nothing but the status.
            self.headers = telling_headers(info["return_value"][3])


def get(url: str, proxy: str | None = None, timeout_s: float = 10.0, names: LookUp = look_up) -> HttpAnswer:
    """GET `url`; takes at most about `timeout_s` seconds. `proxy` is `http://[user:password@]host:port` or https.

    `body` holds at most BODY_LIMIT bytes, `size` counts up to COUNT_LIMIT. `status` may be the proxy's own (407, 403).
    `error`: timeout, refused, reset, unreachable, name-not-resolved, proxy-unreachable, tls, protocol, or the name of
    an exception; with a status it says why the body ended early.
    """
    via = Via.DIRECT if proxy is None else Via.PROXY
    exchange = _Exchange(timeout_s)
    _ask(exchange, url, proxy, timeout_s / 2, timeout_s, names=names)
    body = _decode(bytes(exchange.body), exchange.charset)
    return HttpAnswer(url, via, exchange.status, body, exchange.size, exchange.error, exchange.headers)


def download(
    url: str,
    most: int,
    keep: int,
    proxy: str | None = None,
    *,
    timeout_s: float = DOWNLOAD_S,
    stall_s: float = STALL_S,
    names: LookUp = look_up,
) -> Download:
    """GET the file behind `url`, up to `most` bytes; `error` as for `get`, or `stalled`, and `timeout` while it flows.

    A connection that ends before the announced size is `protocol` or `reset`.
    """
    via = Via.DIRECT if proxy is None else Via.PROXY
    exchange = _Exchange(timeout_s, keep, most)
    _ask(exchange, url, proxy, stall_s, stall_s, names=names)
    error = exchange.error
    if error == "timeout" and exchange.status is not None and time.monotonic() < exchange.deadline:
        error = "stalled"
    return Download(
        url, via, exchange.status, bytes(exchange.body), exchange.size or 0, exchange.declared, error
    )  # fmt: skip


def _ask(exchange: _Exchange, url: str, proxy: str | None, name_s: float, step_s: float, *, names: LookUp) -> None:
    """Fill `exchange`; a single step of it takes at most `step_s` seconds, looking the name up `name_s`."""
    exchange.error = _name_trouble(proxy or url, name_s, names, proxied=proxy is not None)
    if not exchange.error:
        # A little longer than the client's own limits, which know better where it got stuck.
        left_s = exchange.deadline - time.monotonic() + 0.2
        finished = call_within(lambda: _run(exchange, url, proxy, step_s, names), left_s)
        if finished is None:
            exchange.error = "timeout" if exchange.reached or proxy is None else "proxy-unreachable"


def _name_trouble(url: str, timeout_s: float, names: LookUp, *, proxied: bool) -> str:
    """Asked beforehand: the client would hide a dead resolver behind `timeout`."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return "InvalidURL"
    if not host:
        return "InvalidURL"
    if isinstance(names(host, timeout_s), tuple):
        return ""
    return "proxy-unreachable" if proxied else Failure.NAME.value


def _run(exchange: _Exchange, url: str, proxy: str | None, step_s: float, names: LookUp) -> bool:
    import httpx

    try:
        with (
            open_client(max(0.001, min(step_s, exchange.deadline - time.monotonic())), proxy, names=names) as client,
            client.stream("GET", url, extensions={"trace": exchange.trace}) as response,
        ):
            exchange.status, exchange.charset, exchange.size = response.status_code, response.charset_encoding, 0
            exchange.declared = _declared(response.headers.get("Content-Length", ""))
            _receive(exchange, response.iter_raw())
    except httpx.ProxyError as error:
        _read_refusal(exchange, error)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError) as error:
        exchange.error = _word(error, through_proxy=proxy is not None, reached=exchange.reached)
    return True


def _receive(exchange: _Exchange, chunks: Iterator[bytes]) -> None:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        exchange.size = min(size, exchange.most)
        exchange.body += chunk[: exchange.keep - len(exchange.body)]
        if size >= exchange.most:
            return
        if time.monotonic() > exchange.deadline:
            exchange.error = "timeout"
            return


def _declared(header: str) -> int | None:
    return int(header) if header.isascii() and header.isdecimal() and len(header) <= 15 else None


def _read_refusal(exchange: _Exchange, error: httpx.ProxyError) -> None:
    """The client keeps nothing of a proxy's answer to CONNECT but the text of this error: `407 Proxy Authen...`."""
    status = re.match(r"[1-9][0-9]{2}\b", str(error))
    if status:
        exchange.status = int(status[0])
    else:
        exchange.error = "protocol"


def _word(error: Exception, *, through_proxy: bool, reached: bool) -> str:
    import httpx

    if through_proxy and not reached and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return "proxy-unreachable"
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    if isinstance(error, httpx.RemoteProtocolError):
        return "reset" if "without sending a response" in str(error) else "protocol"
    return next((word for cause in _causes(error) if (word := _word_of_cause(cause))), type(error).__name__)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    # A bound, because nothing but manners keeps a chain of causes from being a ring.
    for _ in range(10):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or cause.__context__


def _word_of_cause(cause: BaseException) -> str:
    if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "reset"
    if isinstance(cause, ssl.SSLError):
        return "tls"
    if isinstance(cause, OSError):
        failure = classify(cause)
        return failure.value if failure in _PLAIN_WORDS else ""
    return ""


def _decode(body: bytes, charset: str | None) -> str:
    """The charset is the server's claim; a wrong or odd one must not cost the text."""
    if charset:
        try:
            return body.decode(charset, errors="replace")
        except (LookupError, ValueError):
            pass
    return body.decode("utf-8", errors="replace")
