"""A computer in memory for tests: what a test does not say is `Unseen(NOT_RECORDED)`."""

from __future__ import annotations

import fnmatch
import ntpath
import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Self, TypeVar

from diagnose.machine.file_reader import FileReader
from diagnose.machine.interface import READ_LIMIT
from diagnose.machine.line_search import FoundLines, lines_of
from diagnose.machine.registry_paths import in_view, normalise_key, value_where
from diagnose.machine.signed_file import signature_of
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

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

T = TypeVar("T")
Values = Mapping[str, RegistryValue | RegistryData]


def not_recorded(where: str) -> Unseen:
    return Unseen(Reason.NOT_RECORDED, where)


def _value(data: RegistryValue | RegistryData, where: str) -> RegistryValue:
    match data:
        case RegistryValue():
            return replace(data, where=data.where or where)
        case str():
            return RegistryValue("REG_SZ", data, where)
        case int():
            return RegistryValue("REG_DWORD", data, where)
        case bytes():
            return RegistryValue("REG_BINARY", data, where)
        case tuple():
            return RegistryValue("REG_MULTI_SZ", data, where)


class BytesReader:
    """A `FileReader` on bytes; a test may change `data`, or give a `failing` answer for ranges."""

    def __init__(self, path: str, data: bytes, modified: datetime | None = None) -> None:
        self.path = path
        self.data = data
        self.size = len(data)
        self.modified = modified
        self.held = (0, self.size)
        self.identity: tuple[int, int] | None = None
        self.failing: Callable[[int, int], Unseen | None] = lambda offset, count: None
        self.reads: list[tuple[int, int]] = []
        self.closed = False

    def read(self, offset: int, count: int) -> bytes | Unseen:
        self.reads.append((offset, count))
        return self.failing(offset, count) or self.data[offset : offset + count]

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class FakeMachine:
    """Implements `Machine`.

    `registry`: key to its values (plain data or RegistryValue), or to `Unseen`; parents and subkeys follow from the
    keys. `files`: path to its content, or to `Unseen`, or to a `FileInfo` of which nothing can be read.
    `modified`: path to a time. Given one of `registry` or `files`, what it does not name is `Absent`.
    `calls` lists every question that was asked.
    """

    def __init__(
        self,
        *,
        platform: Platform | str = Platform.WINDOWS,
        recorded: bool = False,
        now: datetime = NOON,
        system: System | None = None,
        registry: Mapping[str, Values | Unseen] | None = None,
        files: Mapping[str, bytes | Unseen | FileInfo] | None = None,
        modified: Mapping[str, datetime] | None = None,
        services: Iterable[Service] | Unseen | None = None,
        processes: Iterable[Process] | Unseen | None = None,
        listening_ports: Iterable[ListeningPort] | Unseen | None = None,
        disks: Iterable[Disk] | Unseen | None = None,
        hotfixes: Iterable[str] | Unseen | None = None,
        security_products: Iterable[SecurityProduct] | Unseen | None = None,
        certificates: Mapping[Store, Iterable[Certificate]] | None = None,
        proxies: Iterable[ProxySetting] | Unseen | None = None,
        events: Mapping[str, Iterable[Event] | Absent | Unseen] | None = None,
        commands: Mapping[tuple[str, ...], CommandResult | Absent | Unseen] | None = None,
        dns: Iterable[DnsAnswer] = (),
        tcp: Iterable[TcpAnswer] = (),
        tls: Iterable[TlsAnswer] = (),
        http: Iterable[HttpAnswer] = (),
        downloads: Iterable[Download | Unseen] = (),
        clock: ClockOffset | Unseen | None = None,
    ) -> None:
        self._platform = Platform(platform)
        self._recorded = recorded
        self._now = now
        self._system = system or System()
        self._registry = registry
        self._files = files
        self._modified = {self._fold(path): time for path, time in (modified or {}).items()}
        self._services = services
        self._processes = processes
        self._listening_ports = listening_ports
        self._disks = disks
        self._hotfixes = hotfixes
        self._security_products = security_products
        self._certificates = {store: tuple(found) for store, found in (certificates or {}).items()}
        self._proxies = proxies
        self._events = {log.lower(): found for log, found in (events or {}).items()}
        self._commands = commands or {}
        self._dns = {(answer.name.lower(), answer.resolver): answer for answer in dns}
        self._tcp = {(answer.host.lower(), answer.port): answer for answer in tcp}
        self._tls = {(answer.host.lower(), answer.port, answer.via, answer.address): answer for answer in tls}
        self._http = {(answer.url, answer.via): answer for answer in http}
        self._downloads = {(answer.where if isinstance(answer, Unseen) else answer.url): answer for answer in downloads}
        self._clock = clock
        self.calls: list[tuple[object, ...]] = []

    @property
    def platform(self) -> Platform:
        return self._platform

    @property
    def recorded(self) -> bool:
        return self._recorded

    def now(self) -> datetime:
        return self._now

    def system(self) -> System:
        self.calls.append(("system",))
        return self._system

    def registry_key(self, key: str, view: View = View.NATIVE) -> RegistryKey | Absent | Unseen:
        self.calls.append(("registry_key", key, view))
        where = in_view(key, view, self._system.architecture)
        if self._platform is not Platform.WINDOWS:
            return Unseen(Reason.UNSUPPORTED, where)
        if self._registry is None:
            return not_recorded(where)
        own: Values = {}
        found = False
        subkeys: dict[str, str] = {}
        for name, values in self._registry.items():
            normal = normalise_key(name)
            if normal.lower() == where.lower():
                if isinstance(values, Unseen):
                    return values
                own, found = values, True
            elif normal.lower().startswith(where.lower() + "\\"):
                child = normal[len(where) + 1 :].split("\\", 1)[0]
                subkeys.setdefault(child.lower(), child)
        if not found and not subkeys:
            return Absent(where)
        held = {name: _value(data, value_where(where, name)) for name, data in own.items()}
        return RegistryKey(where, held, tuple(subkeys.values()))

    def file_info(self, path: str) -> FileInfo | Absent | Unseen:
        self.calls.append(("file_info", path))
        held = self._held(path)
        match held:
            case bytes():
                return FileInfo(path, len(held), self._modified.get(self._fold(path)))
            case _:
                return held

    def read_file(self, path: str, limit: int = READ_LIMIT) -> FileContent | Absent | Unseen:
        self.calls.append(("read_file", path, limit))
        held = self._held(path)
        match held:
            case bytes():
                offset = max(0, len(held) - limit)
                return FileContent(path, held[offset:], len(held), offset, self._modified.get(self._fold(path)))
            case FileInfo():
                return Unseen(Reason.NOT_A_FILE, path) if held.is_folder else not_recorded(path)
            case _:
                return held

    def open_file(self, path: str) -> FileReader | Absent | Unseen:
        self.calls.append(("open_file", path))
        held = self._held(path)
        match held:
            case bytes():
                return BytesReader(path, held, self._modified.get(self._fold(path)))
            case FileInfo():
                return Unseen(Reason.NOT_A_FILE, path) if held.is_folder else not_recorded(path)
            case _:
                return held

    def signature(self, path: str) -> FileSignature | Absent | Unseen:
        self.calls.append(("signature", path))
        return signature_of(path, self.open_file(path))

    def find_lines(self, path: str, patterns: Sequence[str], timeout_s: float = 10.0) -> FoundLines | Absent | Unseen:
        self.calls.append(("find_lines", path))
        return lines_of(path, self.open_file(path), patterns, timeout_s)

    def find_files(self, pattern: str) -> tuple[FileInfo, ...] | Unseen:
        self.calls.append(("find_files", pattern))
        if self._files is None:
            return not_recorded(pattern)
        wanted = self._fold(pattern).split("/")
        found = []
        for path in self._files:
            parts = self._fold(path).split("/")
            if len(parts) == len(wanted) and all(
                fnmatch.fnmatchcase(part, want) for part, want in zip(parts, wanted, strict=True)
            ):
                info = self._held(path)
                found.append(
                    FileInfo(path, len(info), self._modified.get(self._fold(path)))
                    if isinstance(info, bytes)
                    else info
                    if isinstance(info, FileInfo)
                    else FileInfo(path, None, self._modified.get(self._fold(path)))
                )
        return tuple(sorted(found, key=lambda info: info.path))

    def services(self) -> tuple[Service, ...] | Unseen:
        return self._listed("services", self._services)

    def processes(self) -> tuple[Process, ...] | Unseen:
        return self._listed("processes", self._processes)

    def listening_ports(self) -> tuple[ListeningPort, ...] | Unseen:
        return self._listed("listening_ports", self._listening_ports)

    def disks(self) -> tuple[Disk, ...] | Unseen:
        return self._listed("disks", self._disks)

    def hotfixes(self) -> tuple[str, ...] | Unseen:
        return self._listed("hotfixes", self._hotfixes)

    def security_products(self) -> tuple[SecurityProduct, ...] | Unseen:
        return self._listed("security_products", self._security_products)

    def events(self, log: str) -> tuple[Event, ...] | Absent | Unseen:
        self.calls.append(("events", log))
        found = self._events.get(log.lower(), not_recorded(log))
        return found if isinstance(found, Absent | Unseen) else tuple(found)

    def certificates(self, store: Store) -> tuple[Certificate, ...] | Unseen:
        return self._listed(f"certificates {store}", self._certificates.get(store))

    def proxies(self) -> tuple[ProxySetting, ...] | Unseen:
        return self._listed("proxies", self._proxies)

    def run(self, argv: Sequence[str], timeout_s: float = 10.0) -> CommandResult | Absent | Unseen:
        self.calls.append(("run", tuple(argv)))
        return self._commands.get(tuple(argv), not_recorded(" ".join(argv)))

    def resolve(self, name: str, resolver: Resolver) -> DnsAnswer | Unseen:
        self.calls.append(("resolve", name, resolver))
        return self._dns.get((name.lower(), resolver), not_recorded(f"DNS {resolver} {name}"))

    def connect(self, host: str, port: int) -> TcpAnswer | Unseen:
        self.calls.append(("connect", host, port))
        return self._tcp.get((host.lower(), port), not_recorded(f"TCP {host}:{port}"))

    def handshake(self, host: str, port: int, via: Via = Via.DIRECT, address: str = "") -> TlsAnswer | Unseen:
        self.calls.append(("handshake", host, port, via, address))
        asked = (host.lower(), port, via, address)
        return self._tls.get(asked, not_recorded(f"TLS {host}:{port} {via} {address}"))

    def fetch(self, url: str, via: Via = Via.DIRECT) -> HttpAnswer | Unseen:
        self.calls.append(("fetch", url, via))
        return self._http.get((url, via), not_recorded(f"HTTP {via} {url}"))

    def download(self, url: str, most: int, keep: int, via: Via = Via.DIRECT) -> Download | Unseen:
        self.calls.append(("download", url, most, keep, via))
        return self._downloads.get(url, not_recorded(f"download {via} {url}"))

    def clock_offset(self) -> ClockOffset | Unseen:
        self.calls.append(("clock_offset",))
        return not_recorded("clock") if self._clock is None else self._clock

    def _listed(self, what: str, held: Iterable[T] | Unseen | None) -> tuple[T, ...] | Unseen:
        self.calls.append((what,))
        if held is None:
            return not_recorded(what)
        return held if isinstance(held, Unseen) else tuple(held)

    def _fold(self, path: str) -> str:
        if self._platform is Platform.WINDOWS:
            return ntpath.normpath(path).replace("\\", "/").lower()
        return posixpath.normpath(path)

    def _held(self, path: str) -> bytes | FileInfo | Absent | Unseen:
        if self._files is None:
            return not_recorded(path)
        wanted = self._fold(path)
        for name, content in self._files.items():
            if self._fold(name) == wanted:
                return content
        if any(self._fold(name).startswith(wanted.rstrip("/") + "/") for name in self._files):
            return FileInfo(path, None, None, is_folder=True)
        return Absent(path)
