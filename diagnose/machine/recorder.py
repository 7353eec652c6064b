"""A machine that remembers what it was asked and answered, and writes it as a recorded machine.

The first answer to a question is served again, so that one run sees one picture of a computer that changes. Answers
are brought into the form that a recording can hold before they are served: a replay then gives exactly the same.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar, get_args

from diagnose.machine.file_patterns import fold_path
from diagnose.machine.file_reader import FileReader
from diagnose.machine.interface import READ_LIMIT, Machine
from diagnose.machine.line_search import FoundLines
from diagnose.machine.proxy_settings import without_credentials
from diagnose.machine.recorded_commands import Argv, fold_command
from diagnose.machine.recorded_files import unusable_path
from diagnose.machine.recorded_network import fold_host
from diagnose.machine.recorder_files import FilePicture, Parts
from diagnose.machine.recorder_seen import Seen
from diagnose.machine.recording_format import Architecture, ServiceStart, ServiceStatus, TlsQuestion
from diagnose.machine.recording_writer import RecordingWriter
from diagnose.machine.registry_data import as_recorded
from diagnose.machine.registry_paths import in_view, value_where
from diagnose.machine.registry_tree import sorted_names
from diagnose.machine.values import (
    Absent,
    Certificate,
    ClockOffset,
    CommandResult,
    Disk,
    DnsAnswer,
    DnsStatus,
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
    thumbprint,
)

A = TypeVar("A")
K = TypeVar("K", bound=Hashable)


class Once(Generic[K, A]):
    """The first answer to each question of one kind. Two threads may ask at once; both get what came first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[K, A] = {}

    def ask(self, question: K, answer: Callable[[], A]) -> A:
        """The kept answer, else the one that `answer` gives. No lock is held meanwhile: it may never come back."""
        with self._lock:
            if question in self._kept:
                return self._kept[question]
        given = answer()
        with self._lock:
            return self._kept.setdefault(question, given)

    def kept(self) -> dict[K, A]:
        """A copy of all questions with their answers."""
        with self._lock:
            return dict(self._kept)


class Recorder:
    """Implements `Machine` on top of another one."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._writer = RecordingWriter()
        self._writing = threading.Lock()
        self._files = FilePicture(machine.platform)
        self._signatures: Once[Parts, FileSignature | Absent | Unseen] = Once()
        self._now: Once[str, datetime] = Once()
        self._system: Once[str, System] = Once()
        self._registry: Once[str, RegistryKey | Absent | Unseen] = Once()
        self._lines: Once[tuple[Parts, tuple[str, ...]], FoundLines | Absent | Unseen] = Once()
        self._services: Once[str, tuple[Service, ...] | Unseen] = Once()
        self._processes: Once[str, tuple[Process, ...] | Unseen] = Once()
        self._listening: Once[str, tuple[ListeningPort, ...] | Unseen] = Once()
        self._disks: Once[str, tuple[Disk, ...] | Unseen] = Once()
        self._hotfixes: Once[str, tuple[str, ...] | Unseen] = Once()
        self._security_products: Once[str, tuple[SecurityProduct, ...] | Unseen] = Once()
        self._certificates: Once[Store, tuple[Certificate, ...] | Unseen] = Once()
        self._proxies: Once[str, tuple[ProxySetting, ...] | Unseen] = Once()
        self._events: Once[str, tuple[Event, ...] | Absent | Unseen] = Once()
        self._commands: Once[Argv, CommandResult | Absent | Unseen] = Once()
        self._dns: Once[tuple[str, Resolver], DnsAnswer | Unseen] = Once()
        self._tcp: Once[tuple[str, int], TcpAnswer | Unseen] = Once()
        self._tls: Once[TlsQuestion, TlsAnswer | Unseen] = Once()
        self._http: Once[tuple[str, Via], HttpAnswer | Unseen] = Once()
        self._downloads: Once[tuple[str, Via], Download | Unseen] = Once()
        self._clock: Once[str, ClockOffset | Unseen] = Once()

    def write(self, folder: Path) -> None:
        """Write all that was asked so far as a recorded machine; may be called again and again, from any thread.

        Each file is replaced as a whole and machine.yaml comes last. Raises OSError when the disk says no.
        """
        with self._writing:
            self._writer.write(folder, self._seen())

    @property
    def platform(self) -> Platform:
        return self._machine.platform

    @property
    def recorded(self) -> bool:
        return self._machine.recorded

    def now(self) -> datetime:
        return self._now.ask("", self._machine.now)

    def system(self) -> System:
        return self._system.ask("", lambda: _system(self._machine.system()))

    def registry_key(self, key: str, view: View = View.NATIVE) -> RegistryKey | Absent | Unseen:
        # Only the 32-bit view depends on the computer; the others need not wait for what it is.
        where = in_view(key, view, self.system().architecture if view is View.BITS_32 else None)
        found = self._registry.ask(
            where.lower(), lambda: _registry_answer(self._machine.registry_key(key, view), where)
        )
        # Asked in another spelling, the kept answer is given with that one, as a replay would.
        return found if found.where == where else _registry_answer(found, where)

    def file_info(self, path: str) -> FileInfo | Absent | Unseen:
        if fold_path(path, self.platform) is None:
            return unusable_path(path)
        known = self._files.known_info(path)
        return self._files.keep_info(path, self._machine.file_info(path)) if known is None else known

    def read_file(self, path: str, limit: int = READ_LIMIT) -> FileContent | Absent | Unseen:
        if fold_path(path, self.platform) is None:
            return unusable_path(path)
        known = self._files.known_content(path, limit)
        return self._files.keep_content(path, limit, self._machine.read_file(path, limit)) if known is None else known

    def open_file(self, path: str) -> FileReader | Absent | Unseen:
        """Not recorded: what a collection holds lies beside the recording, not in it."""
        return self._machine.open_file(path)

    def signature(self, path: str) -> FileSignature | Absent | Unseen:
        folded = fold_path(path, self.platform)
        if folded is None:
            return unusable_path(path)

        def ask() -> FileSignature | Absent | Unseen:
            found = self._machine.signature(path)
            if not isinstance(found, Absent):
                return found
            # One picture with the other questions about this file: what was there before cannot be absent.
            known = self._files.keep_info(path, found)
            return found if isinstance(known, Absent) else Unseen(Reason.FAILED, path)

        found = self._signatures.ask(folded, ask)
        match found:
            case FileSignature():
                return replace(found, path=path)
            case Absent():
                return Absent(path)
            case Unseen():
                return found

    def find_lines(self, path: str, patterns: Sequence[str], timeout_s: float = 10.0) -> FoundLines | Absent | Unseen:
        folded = fold_path(path, self.platform)
        if folded is None:
            return unusable_path(path)

        def ask() -> FoundLines | Absent | Unseen:
            known = self._files.known_info(path)
            found = known if isinstance(known, Absent) else self._machine.find_lines(path, patterns, timeout_s)
            if not isinstance(found, Absent):
                return found
            return found if isinstance(self._files.keep_info(path, found), Absent) else Unseen(Reason.FAILED, path)

        found = self._lines.ask((folded, tuple(patterns)), ask)
        match found:
            case FoundLines():
                return replace(found, path=path)
            case Absent():
                return Absent(path)
            case Unseen():
                return found

    def find_files(self, pattern: str) -> tuple[FileInfo, ...] | Unseen:
        if fold_path(pattern, self.platform) is None:
            return unusable_path(pattern)
        known = self._files.known_listing(pattern)
        return self._files.keep_listing(pattern, self._machine.find_files(pattern)) if known is None else known

    def services(self) -> tuple[Service, ...] | Unseen:
        return self._services.ask("", lambda: _each(self._machine.services(), _service))

    def processes(self) -> tuple[Process, ...] | Unseen:
        return self._processes.ask("", self._machine.processes)

    def listening_ports(self) -> tuple[ListeningPort, ...] | Unseen:
        return self._listening.ask("", self._machine.listening_ports)

    def disks(self) -> tuple[Disk, ...] | Unseen:
        return self._disks.ask("", self._machine.disks)

    def hotfixes(self) -> tuple[str, ...] | Unseen:
        return self._hotfixes.ask("", self._machine.hotfixes)

    def security_products(self) -> tuple[SecurityProduct, ...] | Unseen:
        return self._security_products.ask("", self._machine.security_products)

    def events(self, log: str) -> tuple[Event, ...] | Absent | Unseen:
        def answer(found: tuple[Event, ...] | Absent | Unseen) -> tuple[Event, ...] | Absent | Unseen:
            match found:
                case Absent():
                    return Absent(log)
                case Unseen():
                    return found
                case _:
                    return tuple(replace(event, log=log) for event in found)

        return answer(self._events.ask(log.lower(), lambda: answer(self._machine.events(log))))

    def certificates(self, store: Store) -> tuple[Certificate, ...] | Unseen:
        return self._certificates.ask(store, lambda: _each(self._machine.certificates(store), _certificate))

    def proxies(self) -> tuple[ProxySetting, ...] | Unseen:
        return self._proxies.ask("", lambda: _each(self._machine.proxies(), _proxy))

    def run(self, argv: Sequence[str], timeout_s: float = 10.0) -> CommandResult | Absent | Unseen:
        def answer(found: CommandResult | Absent | Unseen) -> CommandResult | Absent | Unseen:
            match found:
                case CommandResult():
                    return replace(found, argv=tuple(argv))
                case Absent():
                    return Absent(argv[0] if argv else "")
                case Unseen():
                    return found

        folded = fold_command(argv, self.platform)
        return answer(self._commands.ask(folded, lambda: answer(self._machine.run(argv, timeout_s))))

    def resolve(self, name: str, resolver: Resolver) -> DnsAnswer | Unseen:
        return self._dns.ask((fold_host(name), resolver), lambda: _dns(self._machine.resolve(name, resolver), name))

    def connect(self, host: str, port: int) -> TcpAnswer | Unseen:
        def ask() -> TcpAnswer | Unseen:
            found = self._machine.connect(host, port)
            return found if isinstance(found, Unseen) else replace(found, host=host, port=port)

        return self._tcp.ask((fold_host(host), port), ask)

    def handshake(self, host: str, port: int, via: Via = Via.DIRECT, address: str = "") -> TlsAnswer | Unseen:
        def ask() -> TlsAnswer | Unseen:
            found = self._machine.handshake(host, port, via, address)
            if isinstance(found, Unseen):
                return found
            return replace(found, host=host, port=port, via=via, address=address)

        return self._tls.ask(TlsQuestion(fold_host(host), port, via, address), ask)

    def fetch(self, url: str, via: Via = Via.DIRECT) -> HttpAnswer | Unseen:
        def ask() -> HttpAnswer | Unseen:
            found = self._machine.fetch(url, via)
            return found if isinstance(found, Unseen) else replace(found, url=url, via=via)

        return self._http.ask((url, via), ask)

    def download(self, url: str, most: int, keep: int, via: Via = Via.DIRECT) -> Download | Unseen:
        def ask() -> Download | Unseen:
            found = self._machine.download(url, most, keep, via)
            return found if isinstance(found, Unseen) else replace(found, url=url, via=via)

        return self._downloads.ask((url, via), ask)

    def clock_offset(self) -> ClockOffset | Unseen:
        return self._clock.ask("", lambda: _clock(self._machine.clock_offset()))

    def _seen(self) -> Seen:
        return Seen(
            platform=self.platform,
            now=self.now(),
            system=self.system(),
            registry=self._registry.kept(),
            files=self._files.seen(),
            signatures=self._signatures.kept(),
            lines=self._lines.kept(),
            services=self._services.kept().get(""),
            processes=self._processes.kept().get(""),
            listening=self._listening.kept().get(""),
            disks=self._disks.kept().get(""),
            hotfixes=self._hotfixes.kept().get(""),
            security_products=self._security_products.kept().get(""),
            proxies=self._proxies.kept().get(""),
            certificates=self._certificates.kept(),
            events=self._events.kept(),
            commands=self._commands.kept(),
            dns=self._dns.kept(),
            tcp=self._tcp.kept(),
            tls=self._tls.kept(),
            http=self._http.kept(),
            downloads=self._downloads.kept(),
            clock=self._clock.kept().get(""),
        )


def _each(found: tuple[A, ...] | Unseen, change: Callable[[A], A]) -> tuple[A, ...] | Unseen:
    return found if isinstance(found, Unseen) else tuple(map(change, found))


def _system(system: System) -> System:
    return system if system.architecture in get_args(Architecture) else replace(system, architecture=None)


def _registry_answer(found: RegistryKey | Absent | Unseen, where: str) -> RegistryKey | Absent | Unseen:
    match found:
        case RegistryKey():
            return _registry_key(found, where)
        case Absent():
            return Absent(where)
        case Unseen():
            return found


def _registry_key(found: RegistryKey, where: str) -> RegistryKey:
    """The key with the place that it was asked for, and only what a registry file can hold."""
    values: dict[str, tuple[str, RegistryValue]] = {}
    for raw, value in found.values.items():
        name = _half_characters_replaced(raw)
        values[name.lower()] = (name, as_recorded(value, value_where(where, name)))
    subkeys = sorted_names(name for name in found.subkeys if name and not set("\r\n\\\0") & set(name))
    return RegistryKey(where, dict(values.values()), tuple(map(_half_characters_replaced, subkeys)))


def _half_characters_replaced(text: str) -> str:
    return text.encode("utf-16-le", "replace").decode("utf-16-le")


def _service(service: Service) -> Service:
    return replace(
        service,
        status=service.status if service.status in get_args(ServiceStatus) else "unknown",
        start=service.start if service.start in get_args(ServiceStart) else "unknown",
    )


def _certificate(certificate: Certificate) -> Certificate:
    return replace(certificate, sha1=thumbprint(certificate.der))


def _proxy(setting: ProxySetting) -> ProxySetting:
    return replace(setting, url=without_credentials(setting.url), pac_url=without_credentials(setting.pac_url))


def _dns(found: DnsAnswer | Unseen, name: str) -> DnsAnswer | Unseen:
    if isinstance(found, Unseen):
        return found
    addresses = found.addresses if found.status is DnsStatus.ANSWERED else ()
    return replace(found, name=name, addresses=addresses)


def _clock(found: ClockOffset | Unseen) -> ClockOffset | Unseen:
    if isinstance(found, ClockOffset) and not math.isfinite(found.seconds):
        return Unseen(Reason.MALFORMED, "clock", str(found.seconds))
    return found
