"""What one answer of an endpoint means by itself: a table for each stage."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

from checks._endpoint import Target
from diagnose.machine.values import HttpAnswer, TcpStatus, TlsAnswer, TlsStatus


class Outcome(StrEnum):
    """How far one gets on the way to an endpoint."""

    REACHED = "reached"
    NETWORK_OFFLINE = "network_offline"
    SYSTEM_RESOLVER_DOWN = "system_resolver_down"
    NAME_NOT_RESOLVED = "name_not_resolved"
    ANSWER_DIFFERS = "answer_differs"
    HOSTS_OVERRIDE = "hosts_override"
    TCP_REFUSED = "tcp_refused"
    TCP_FILTERED = "tcp_filtered"
    TLS_INTERCEPTED = "tls_intercepted"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_EXPIRED = "tls_expired"
    TLS_NAME_MISMATCH = "tls_name_mismatch"
    TLS_PROTOCOL = "tls_protocol"
    TLS_RESET = "tls_reset"
    TLS_NAME_FILTERED = "tls_name_filtered"
    LARGE_PACKETS_LOST = "large_packets_lost"
    CAPTIVE_PORTAL = "captive_portal"
    HTTP_FORBIDDEN = "http_forbidden"
    HTTP_NOT_FOUND = "http_not_found"
    HTTP_RATE_LIMITED = "http_rate_limited"
    HTTP_UNEXPECTED_BODY = "http_unexpected_body"
    HTTP_ERROR = "http_error"
    HTTP_NO_ANSWER = "http_no_answer"
    PROXY_REQUIRED = "proxy_required"
    PROXY_UNREACHABLE = "proxy_unreachable"
    PROXY_AUTHENTICATION_REQUIRED = "proxy_authentication_required"
    PROXY_BLOCKED = "proxy_blocked"


TCP_FAULTS = {
    TcpStatus.REFUSED: Outcome.TCP_REFUSED,
    TcpStatus.TIMEOUT: Outcome.TCP_FILTERED,
    TcpStatus.UNREACHABLE: Outcome.TCP_FILTERED,
}
_TLS_FAULTS = {
    TlsStatus.INTERCEPTED: Outcome.TLS_INTERCEPTED,
    TlsStatus.UNTRUSTED: Outcome.TLS_UNTRUSTED,
    TlsStatus.EXPIRED: Outcome.TLS_EXPIRED,
    TlsStatus.NAME_MISMATCH: Outcome.TLS_NAME_MISMATCH,
    TlsStatus.PROTOCOL: Outcome.TLS_PROTOCOL,
    TlsStatus.RESET: Outcome.TLS_RESET,
    TlsStatus.SILENT: Outcome.TLS_RESET,
    TlsStatus.NAME_FILTERED: Outcome.TLS_NAME_FILTERED,
    TlsStatus.SIZE_FILTERED: Outcome.LARGE_PACKETS_LOST,
}
OF_ANOTHER_SERVER = frozenset({TlsStatus.UNTRUSTED, TlsStatus.INTERCEPTED, TlsStatus.NAME_MISMATCH, TlsStatus.EXPIRED})
"""What a server would show that is not the one that was meant."""
_HTTP_FAULTS = {
    401: Outcome.HTTP_FORBIDDEN,
    403: Outcome.HTTP_FORBIDDEN,
    404: Outcome.HTTP_NOT_FOUND,
    407: Outcome.PROXY_AUTHENTICATION_REQUIRED,
    429: Outcome.HTTP_RATE_LIMITED,
}


def tls_fault(target: Target, answer: TlsAnswer, *, answered: bool = True) -> Outcome | None:
    """A server that shows its own certificate may be unknown to every store, and may be called by a short name.

    That is no fault as long as the server `answered` all the same.
    """
    if target.own and answered and answer.status in (TlsStatus.UNTRUSTED, TlsStatus.INTERCEPTED):
        return None
    if target.own and answer.status is TlsStatus.INTERCEPTED:
        return Outcome.TLS_UNTRUSTED  # a private authority is what it should have
    if target.own and answer.status is TlsStatus.NAME_MISMATCH and (target.literal or "." not in target.host):
        return None
    return _TLS_FAULTS.get(answer.status)


def leads_elsewhere(answer: HttpAnswer) -> str:
    """The host of another site that the answer sends to, as a sign-in page does; empty when it does not.

    `www.` and further names before or behind a dot do not make another site.
    """
    if answer.status not in (301, 302, 303, 307, 308):
        return ""
    try:
        asked, sent = (urlsplit(url).hostname or "" for url in (answer.url, answer.header("location")))
    except ValueError:
        return ""
    inner, outer = sorted((asked, sent), key=len)
    return "" if not sent or f".{outer}".endswith(f".{inner}") else sent


def http_fault(target: Target, answer: HttpAnswer) -> Outcome | None:
    if answer.status is None:
        # The handshake alone offers more than the client that asks.
        return Outcome.TLS_PROTOCOL if answer.error == "tls" else Outcome.HTTP_NO_ANSWER
    if answer.status not in target.statuses:
        if leads_elsewhere(answer):
            return Outcome.HTTP_UNEXPECTED_BODY
        return _HTTP_FAULTS.get(answer.status, Outcome.HTTP_ERROR)
    if target.body_contains and target.body_contains not in answer.body:
        return Outcome.HTTP_UNEXPECTED_BODY
    return None
