"""A computer as it may be shown to a stranger: every answer redacted, every question still understood.

The flow is run on it once more, and the recorder writes what it saw: so the recording in a bundle holds what its
verdicts need and nothing else, and judges the same. A question comes with pseudonyms in it, because the rules got
them from earlier answers; they are turned back before the real recording is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from diagnose.bundle.signature_words import authorities_of, words_in
from diagnose.machine.file_reader import FileReader
from diagnose.machine.interface import READ_LIMIT, Machine
from diagnose.machine.line_search import FoundLines
from diagnose.machine.text_file import decode_text
from diagnose.machine.values import (
    Absent,
    Certificate,
    ClockOffset,
    CommandResult,
    Disk,
    DnsAnswer,
    Download,
    Event,
    FileContent,
    FileInfo,
    FileSignature,
    HttpAnswer,
    ListeningPort,
    Platform,
    Process,
    ProxySetting,
    Reason,
    RegistryData,
    RegistryKey,
    RegistryValue,
    Resolver,
    SecurityProduct,
    Service,
    Store,
    System,
    TcpAnswer,
    TlsAnswer,
    Unseen,
    Via,
    View,
)

T = TypeVar("T")

_SMALL = 8
"""Bytes of a binary registry value that can only be a number."""
NOT_TEXT = "not redacted: not a text"


@dataclass(frozen=True, slots=True)
class Veil:
    """How names are hidden, and found again."""

    redact: Callable[[str], str]
    reveal: Callable[[str], str]
    public: frozenset[str]
    """SHA-1 of certificates that everybody has; others can tell whose computer this is."""
    programs: tuple[str, ...] = ()
    """Programs of the product, as they are really called; those who have signed them are public."""


class RedactedMachine:
    """Implements `Machine` on top of another one. What cannot be redacted is Unseen."""

    def __init__(self, machine: Machine, veil: Veil) -> None:
        self._machine = machine
        self._veil = veil

    @property
    def platform(self) -> Platform:
        return self._machine.platform

    @property
    def recorded(self) -> bool:
        return self._machine.recorded

    def now(self) -> datetime:
        return self._machine.now()

    def system(self) -> System:
        system = self._machine.system()
        return replace(system, hostname=None if system.hostname is None else self._veil.redact(system.hostname))

    def registry_key(self, key: str, view: View = View.NATIVE) -> RegistryKey | Absent | Unseen:
        found = self._machine.registry_key(self._veil.reveal(key), view)
        if not isinstance(found, RegistryKey):
            return self._nothing(found)
        values = {self._redact(name): self._value(name, value) for name, value in found.values.items()}
        return RegistryKey(self._redact(found.where), values, tuple(map(self._redact, found.subkeys)))

    def file_info(self, path: str) -> FileInfo | Absent | Unseen:
        found = self._machine.file_info(self._veil.reveal(path))
        return replace(found, path=path) if isinstance(found, FileInfo) else self._nothing(found)

    def read_file(self, path: str, limit: int = READ_LIMIT) -> FileContent | Absent | Unseen:
        found = self._machine.read_file(self._veil.reveal(path), limit)
        if not isinstance(found, FileContent):
            return self._nothing(found)
        data = self._text(found.data, whole=found.whole)
        if data is None:
            return Unseen(Reason.FAILED, path, NOT_TEXT)
        # The text may be longer or shorter now; how much lay before it stays as it was.
        rest = 0 if found.whole else max(0, found.size - found.offset - len(found.data))
        return replace(found, path=path, data=data, size=found.offset + len(data) + rest)

    def open_file(self, path: str) -> FileReader | Absent | Unseen:
        """Not here: the logs of a bundle are redacted as streams."""
        return Unseen(Reason.UNSUPPORTED, path)

    def signature(self, path: str) -> FileSignature | Absent | Unseen:
        """As it is, or not at all: changed by a letter it would be that of nobody. A maker's names are public."""
        found = self._machine.signature(self._veil.reveal(path))
        if not isinstance(found, FileSignature):
            return self._nothing(found)
        if any(self._redact(words) != words for words in map(words_in, found.blobs)):
            return Unseen(Reason.FAILED, path, NOT_TEXT)
        return replace(found, path=path)

    def find_lines(self, path: str, patterns: Sequence[str], timeout_s: float = 10.0) -> FoundLines | Absent | Unseen:
        found = self._machine.find_lines(self._veil.reveal(path), patterns, timeout_s)
        if not isinstance(found, FoundLines):
            return self._nothing(found)
        lines = tuple(replace(line, text=self._redact(line.text)) for line in found.lines)
        return replace(found, path=path, lines=lines)

    def find_files(self, pattern: str) -> tuple[FileInfo, ...] | Unseen:
        found = self._machine.find_files(self._veil.reveal(pattern))
        return self._each(found, lambda info: replace(info, path=self._redact(info.path)))

    def services(self) -> tuple[Service, ...] | Unseen:
        return self._each(self._machine.services(), self._service)

    def processes(self) -> tuple[Process, ...] | Unseen:
        return self._each(
            self._machine.processes(),
            lambda process: replace(process, name=self._redact(process.name), path=self._redact(process.path)),
        )

    def listening_ports(self) -> tuple[ListeningPort, ...] | Unseen:
        return self._each(
            self._machine.listening_ports(),
            lambda port: replace(port, address=self._redact(port.address), process=self._redact(port.process)),
        )

    def disks(self) -> tuple[Disk, ...] | Unseen:
        return self._each(self._machine.disks(), lambda disk: replace(disk, path=self._redact(disk.path)))

    def hotfixes(self) -> tuple[str, ...] | Unseen:
        return self._each(self._machine.hotfixes(), self._redact)

    def security_products(self) -> tuple[SecurityProduct, ...] | Unseen:
        return self._each(
            self._machine.security_products(), lambda product: replace(product, name=self._redact(product.name))
        )

    def events(self, log: str) -> tuple[Event, ...] | Absent | Unseen:
        found = self._machine.events(log)
        if isinstance(found, Absent):
            return found
        return self._each(
            found,
            lambda event: replace(event, provider=self._redact(event.provider), message=self._redact(event.message)),
        )

    def certificates(self, store: Store) -> tuple[Certificate, ...] | Unseen:
        """Those that everybody has, and those that signatures shown here name; a company's own would name it."""
        found = self._machine.certificates(store)
        if isinstance(found, Unseen):
            return self._unseen(found)
        public = self._veil.public | self._authorities
        return tuple(certificate for certificate in found if certificate.sha1 in public)

    @cached_property
    def _authorities(self) -> frozenset[str]:
        shown = [self.signature(path) for path in self._veil.programs]
        blobs = [blob for one in shown if isinstance(one, FileSignature) for blob in one.blobs]
        stores = [self._machine.certificates(store) for store in Store]
        return authorities_of(blobs, [one for held in stores if not isinstance(held, Unseen) for one in held])

    def proxies(self) -> tuple[ProxySetting, ...] | Unseen:
        return self._each(
            self._machine.proxies(),
            lambda proxy: replace(
                proxy,
                url=self._redact(proxy.url),
                pac_url=self._redact(proxy.pac_url),
                where=self._redact(proxy.where),
            ),
        )

    def run(self, argv: Sequence[str], timeout_s: float = 10.0) -> CommandResult | Absent | Unseen:
        found = self._machine.run([self._veil.reveal(word) for word in argv], timeout_s)
        if not isinstance(found, CommandResult):
            return self._nothing(found)
        stdout, stderr = self._text(found.stdout), self._text(found.stderr)
        if stdout is None or stderr is None:
            return Unseen(Reason.FAILED, " ".join(argv), NOT_TEXT)
        return CommandResult(tuple(argv), found.exit_code, stdout, stderr)

    def resolve(self, name: str, resolver: Resolver) -> DnsAnswer | Unseen:
        found = self._machine.resolve(self._veil.reveal(name), resolver)
        if isinstance(found, Unseen):
            return self._unseen(found)
        addresses = tuple(map(self._redact, found.addresses))
        silent = tuple(map(self._redact, found.silent))
        return replace(found, name=name, addresses=addresses, server=self._redact(found.server), silent=silent)

    def connect(self, host: str, port: int) -> TcpAnswer | Unseen:
        found = self._machine.connect(self._veil.reveal(host), port)
        if isinstance(found, Unseen):
            return self._unseen(found)
        return replace(found, host=host, dead=tuple(map(self._redact, found.dead)))

    def handshake(self, host: str, port: int, via: Via = Via.DIRECT, address: str = "") -> TlsAnswer | Unseen:
        found = self._machine.handshake(self._veil.reveal(host), port, via, self._veil.reveal(address))
        if isinstance(found, Unseen):
            return self._unseen(found)
        issuer, subject, error = map(self._redact, (found.issuer, found.subject, found.error))
        more, chain = (tuple(map(self._redact, words)) for words in (found.more_errors, found.chain))
        return replace(
            found,
            host=host,
            address=address,
            issuer=issuer,
            subject=subject,
            error=error,
            more_errors=more,
            chain=chain,
        )

    def fetch(self, url: str, via: Via = Via.DIRECT) -> HttpAnswer | Unseen:
        found = self._machine.fetch(self._veil.reveal(url), via)
        if isinstance(found, Unseen):
            return self._unseen(found)
        headers = tuple((name, self._redact(value)) for name, value in found.headers)
        body, error = self._redact(found.body), self._redact(found.error)
        return replace(found, url=url, body=body, error=error, headers=headers)

    def download(self, url: str, most: int, keep: int, via: Via = Via.DIRECT) -> Download | Unseen:
        found = self._machine.download(self._veil.reveal(url), most, keep, via)
        if isinstance(found, Unseen):
            return self._unseen(found)
        return replace(found, url=url, start=(self._text(found.start) or b"")[:keep], error=self._redact(found.error))

    def clock_offset(self) -> ClockOffset | Unseen:
        found = self._machine.clock_offset()
        return self._unseen(found) if isinstance(found, Unseen) else replace(found, source=self._redact(found.source))

    def _redact(self, text: str) -> str:
        return self._veil.redact(text) if text else text

    def _nothing(self, found: Absent | Unseen) -> Absent | Unseen:
        return Absent(self._redact(found.where)) if isinstance(found, Absent) else self._unseen(found)

    def _unseen(self, found: Unseen) -> Unseen:
        return Unseen(found.reason, self._redact(found.where), self._redact(found.detail))

    def _each(self, found: Iterable[T] | Unseen, change: Callable[[T], T]) -> tuple[T, ...] | Unseen:
        return self._unseen(found) if isinstance(found, Unseen) else tuple(map(change, found))

    def _service(self, service: Service) -> Service:
        name, shown, path = map(self._redact, (service.name, service.display_name, service.path))
        return replace(service, name=name, display_name=shown, path=path)

    def _value(self, name: str, value: RegistryValue) -> RegistryValue:
        return replace(value, data=self._data(name, value.data), where=self._redact(value.where))

    def _data(self, name: str, data: RegistryData) -> RegistryData:
        match data:
            case str():
                return self._labelled(name, data)
            case tuple():
                return tuple(self._labelled(name, item) for item in data)
            case bytes():
                # Some agents keep text in binary; what is none could be a key, or a name in a shape that nobody knows.
                text = self._text(data)
                return (data if len(data) <= _SMALL else b"") if text is None else text
            case _:
                return data

    def _labelled(self, name: str, text: str) -> str:
        """A value beside its name, because the name may tell that it is a secret."""
        if not text:
            return text
        line = self._redact(f"{name}={text}")
        label, equals, shown = line.partition("=")
        return shown if equals and label == self._redact(name) else self._redact(text)

    def _text(self, data: bytes, *, whole: bool = True) -> bytes | None:
        """The redacted text in UTF-8; None for what is no text."""
        decoded = decode_text(data, whole=whole)
        return None if decoded.binary else self._redact(decoded.text).encode("utf-8", "replace")
