"""Network questions to a recorded machine: network.yaml."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from diagnose.errors import InputError, nearest
from diagnose.machine.recorded_commands import recorded_bytes
from diagnose.machine.recording_format import (
    NETWORK_FILE,
    DnsPart,
    DownloadPart,
    HttpPart,
    NetworkPart,
    Times,
    TlsPart,
    TlsQuestion,
    load_part,
    question,
)
from diagnose.machine.values import (
    ClockOffset,
    DnsAnswer,
    DnsStatus,
    Download,
    HttpAnswer,
    Reason,
    Resolver,
    TcpAnswer,
    TlsAnswer,
    Unseen,
    Via,
)
from diagnose.messages import did_you_mean, message
from diagnose.yaml_file import Document

_IMPLIED_PORTS = {"http": 80, "https": 443}
DNS_WORDS = tuple(status.value for status in DnsStatus if status is not DnsStatus.ANSWERED)


def fold_host(host: str) -> str:
    """What two spellings of one host name have in common."""
    return host.strip().rstrip(".").lower()


def fold_url(url: str) -> str:
    """What two spellings of one URL have in common: the host in lower case, no port that the scheme implies."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url
    host = fold_host(parts.hostname or "")
    shown = f"[{host}]" if ":" in host else host
    if port is not None and port != _IMPLIED_PORTS.get(parts.scheme):
        shown += f":{port}"
    return urlunsplit((parts.scheme, shown, parts.path or "/", parts.query, ""))


class RecordedNetwork:
    """Answers that probes got; of two entries for the same question the first counts."""

    def __init__(self, document: Document | None, part: NetworkPart, times: Times, unseen: dict[str, Unseen]) -> None:
        self._unseen = unseen
        self._dns: dict[tuple[str, Resolver], DnsAnswer] = {}
        self._tls: dict[TlsQuestion, TlsAnswer] = {}
        for index, dns in enumerate(part.dns):
            self._dns.setdefault((fold_host(dns.name), dns.resolver), _dns_answer(dns, document, index))
        for index, tls in enumerate(part.tls):
            asked = TlsQuestion(fold_host(tls.host), tls.port, tls.via, tls.address)
            self._tls.setdefault(asked, _tls_answer(tls, times, index))
        self._tcp = {
            (fold_host(tcp.host), tcp.port): TcpAnswer(tcp.host, tcp.port, tcp.result, tcp.dead)
            for tcp in reversed(part.tcp)
        }
        self._http = {(fold_url(http.url), http.via): _http_answer(http) for http in reversed(part.http)}
        self._downloads: dict[tuple[str, Via], Download] = {}
        for index, download in enumerate(part.downloads):
            key = (fold_url(download.url), download.via)
            if document is not None:
                self._downloads.setdefault(key, _download(download, document, index))
        self._clock = ClockOffset(part.clock.offset_s, part.clock.source) if part.clock else None

    def resolve(self, name: str, resolver: Resolver) -> DnsAnswer | Unseen:
        """See `Machine.resolve`."""
        asked = question("DNS", resolver, fold_host(name))
        return self._dns.get((fold_host(name), resolver)) or self._not_seen(asked)

    def connect(self, host: str, port: int) -> TcpAnswer | Unseen:
        """See `Machine.connect`."""
        asked = question("TCP", f"{fold_host(host)}:{port}")
        return self._tcp.get((fold_host(host), port)) or self._not_seen(asked)

    def handshake(self, host: str, port: int, via: Via, address: str) -> TlsAnswer | Unseen:
        """See `Machine.handshake`."""
        asked = TlsQuestion(fold_host(host), port, via, address)
        return self._tls.get(asked) or self._not_seen(str(asked))

    def fetch(self, url: str, via: Via) -> HttpAnswer | Unseen:
        """See `Machine.fetch`."""
        return self._http.get((fold_url(url), via)) or self._not_seen(question("HTTP", via, url))

    def download(self, url: str, most: int, keep: int, via: Via) -> Download | Unseen:
        """See `Machine.download`. A request whose whole answer was recorded tells as much."""
        key, asked = (fold_url(url), via), question("download", via, url)
        found = self._downloads.get(key) or _as_download(self._http.get(key)) or self._not_seen(asked)
        if isinstance(found, Unseen):
            return found
        return replace(found, url=url, start=found.start[:keep], size=min(found.size, most))

    def clock_offset(self) -> ClockOffset | Unseen:
        """See `Machine.clock_offset`."""
        return self._clock or self._not_seen("clock")

    def _not_seen(self, asked: str) -> Unseen:
        return self._unseen.get(asked) or Unseen(Reason.NOT_RECORDED, asked)


def load_network(folder: Path, zone: Times, unseen: dict[str, Unseen]) -> RecordedNetwork:
    """network.yaml of a recording, if there is one; times without an offset have that of `zone`. Raises InputError."""
    loaded = load_part(folder / NETWORK_FILE, NetworkPart)
    if loaded is None:
        return RecordedNetwork(None, NetworkPart(), zone, unseen)
    document, part = loaded
    return RecordedNetwork(document, part, Times(document, zone.zone), unseen)


def _dns_answer(part: DnsPart, document: Document | None, index: int) -> DnsAnswer:
    if not isinstance(part.answers, str):
        return _dns_answered(part, DnsStatus.ANSWERED, part.answers)
    if part.answers not in DNS_WORDS:
        guess = did_you_mean(nearest(part.answers, DNS_WORDS))
        place = document.place(("dns", index, "answers")) if document else None
        raise InputError(message("recording-dns-answers", guess, value=part.answers, words=", ".join(DNS_WORDS)), place)
    return _dns_answered(part, DnsStatus(part.answers), ())


def _dns_answered(part: DnsPart, status: DnsStatus, addresses: tuple[str, ...]) -> DnsAnswer:
    return DnsAnswer(part.name, part.resolver, status, addresses, part.server, part.transport, part.silent)


def _http_answer(part: HttpPart) -> HttpAnswer:
    headers = tuple((name.lower(), value) for name, value in part.headers.items())
    return HttpAnswer(part.url, part.via, part.status, part.body or "", part.bytes, part.error or "", headers)


def _as_download(answer: HttpAnswer | None) -> Download | None:
    """None when nobody knows what a longer answer held."""
    if answer is None:
        return None
    start = answer.body.encode("utf-8", "replace")
    size = len(start) if answer.size is None else answer.size
    if answer.status == 200 and size > len(start):
        return None
    return Download(answer.url, answer.via, answer.status, start, size, None, answer.error)


def _download(part: DownloadPart, document: Document, index: int) -> Download:
    start = recorded_bytes(document, ("downloads", index, "body_base64"), part.body, part.body_base64)
    size = len(start) if part.bytes is None else part.bytes
    return Download(part.url, part.via, part.status, start, size, part.declared, part.error or "")


def _tls_answer(part: TlsPart, times: Times, index: int) -> TlsAnswer:
    ends = times.read(part.not_after, "tls", index, "not_after") if part.not_after else None
    return TlsAnswer(
        host=part.host,
        port=part.port,
        status=part.result,
        issuer=part.issuer or "",
        subject=part.subject or "",
        not_after=ends,
        error=part.error or "",
        more_errors=part.more_errors,
        chain=part.chain,
        version=part.version or "",
        via=part.via,
        address=part.address,
    )
