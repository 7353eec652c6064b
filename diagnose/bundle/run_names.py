"""The names that a run is known to hold: those its recording states as names, and those its texts give away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from diagnose.machine.recording_format import (
    COMMANDS_FILE,
    EVENTS_FILE,
    FILES_FOLDER,
    MACHINE_FILE,
    NETWORK_FILE,
    REGISTRY_FOLDER,
    STORED_FOLDER,
    MachinePart,
    NetworkPart,
    load_part,
)
from diagnose.machine.text_file import decode_text
from diagnose.network.host_names import literal_address
from diagnose.redaction.find_domains import DOMAIN_SUFFIX
from diagnose.redaction.names import Names, discover_in, union

_TEXTS = (MACHINE_FILE, NETWORK_FILE, COMMANDS_FILE, EVENTS_FILE)
_FOLDERS = (REGISTRY_FOLDER, FILES_FOLDER, STORED_FOLDER)
_LONGEST = 1024 * 1024
"""Bytes of one file in which names are looked for; its end, where the newest lines are."""


def names_in_recording(recording: Path, public_domains: Iterable[str]) -> Names:
    """`public_domains` stay readable with every name in them. Raises InputError for a recording that is none."""
    keep = frozenset(domain.lower() for domain in public_domains)
    stated = union([Names(keep_hosts=keep), *(_name_of(host, keep) for host in _stated_hosts(recording))])
    suffix = _suffix_of(stated.hosts)
    owned: set[str] = set()

    def texts() -> Iterator[str]:
        for text in _texts(recording):
            owned.update(_with_domain(suffix, text))
            yield text

    return union([stated, discover_in(texts()), *(_name_of(host, keep) for host in owned)])


def _suffix_of(hosts: Iterable[str]) -> re.Pattern[str]:
    """A stated computer with its domain, which then is the customer's wherever it stands.

    In lower case and whatever stands before: a pattern that begins with plain letters is found ten times faster.
    """
    names = "|".join(re.escape(host.lower()) for host in sorted(hosts)) or r"(?!)"
    return re.compile(rf"(?:{names}){DOMAIN_SUFFIX}", re.ASCII)


def _with_domain(suffix: re.Pattern[str], text: str) -> Iterator[str]:
    low = text.lower()
    shown = text if len(text) == len(low) else low
    for found in suffix.finditer(low):
        start, end = found.span()
        before = low[start - 1 : start] if start else ""
        if before not in {".", "-", "_"} and not before.isalnum():
            yield shown[start:end]


def _stated_hosts(recording: Path) -> Iterator[str]:
    machine, network = (
        load_part(recording / MACHINE_FILE, MachinePart),
        load_part(recording / NETWORK_FILE, NetworkPart),
    )
    if machine is not None:
        yield machine[1].hostname or ""
        parts = machine[1].recording
        yield from (_host_of(proxy.url) for proxy in (parts.proxies or ())) if parts is not None else ()
    if network is not None:
        part = network[1]
        for dns in part.dns:
            yield from (dns.name, dns.server, *(dns.answers if isinstance(dns.answers, tuple) else ()))
        yield from (tcp.host for tcp in part.tcp)
        yield from (tls.host for tls in part.tls)
        yield from (_host_of(http.url) for http in part.http)


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _name_of(host: str, keep: frozenset[str]) -> Names:
    name = host.strip().strip(".")
    folded = name.lower()
    if not name or any(folded == domain or folded.endswith(f".{domain}") for domain in keep):
        return Names()
    if (address := literal_address(name)) is not None:
        return Names(addresses=frozenset({address}))
    short, _, domain = name.partition(".")
    return Names(hosts=frozenset({short}), domains=frozenset({domain} if domain else ()))


def _texts(recording: Path) -> Iterator[str]:
    files = [recording / name for name in _TEXTS]
    for folder in _FOLDERS:
        files += sorted((recording / folder).rglob("*"))
    for file in files:
        if file.is_file() and not file.is_symlink():
            yield str(file.relative_to(recording))
            yield _text_of(file)


def _text_of(file: Path) -> str:
    """Empty for what is no text: it does not go into a bundle."""
    with file.open("rb") as stream:
        size = file.stat().st_size
        stream.seek(max(0, size - _LONGEST))
        data = stream.read(_LONGEST)
    return decode_text(data, whole=size <= _LONGEST).text
