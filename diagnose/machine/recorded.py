"""A computer from a folder: what a person wrote by hand, or what the recorder kept of a run.

What the folder does not hold is unknown (`Unseen` with NOT_RECORDED) and never "not there", except where a part of
the folder is a full picture; see `RecordedRegistry` and `RecordedFiles`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TypeVar

from diagnose.input_files import folder_entries, is_folder, is_link, real_path
from diagnose.machine import recorded_certificates
from diagnose.machine.file_patterns import fold_path, join_path
from diagnose.machine.file_reader import FileReader
from diagnose.machine.interface import READ_LIMIT
from diagnose.machine.line_search import FoundLines, lines_of
from diagnose.machine.proxy_settings import environment_file, environment_proxies, windows_proxies
from diagnose.machine.recorded_commands import load_commands
from diagnose.machine.recorded_events import RecordedEvents
from diagnose.machine.recorded_files import RecordedFiles, unusable_path
from diagnose.machine.recorded_lines import answer_from, load_lines
from diagnose.machine.recorded_network import load_network
from diagnose.machine.recorded_registry import RecordedRegistry, load_registry
from diagnose.machine.recorded_signatures import load_signatures
from diagnose.machine.recorded_system import system_of
from diagnose.machine.recording_format import (
    CERTIFICATES_FOLDER,
    COMMANDS_FILE,
    EVENTS_FILE,
    FILES_FOLDER,
    MACHINE_FILE,
    NETWORK_FILE,
    REGISTRY_FOLDER,
    SIGNATURES_FOLDER,
    STORED_FOLDER,
    MachinePart,
    RecordingPart,
    Times,
    load_part,
    question,
    refuse,
)
from diagnose.machine.signed_file import signature_of
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
    RegistryKey,
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
from diagnose.yaml_file import Document

P = TypeVar("P")
T = TypeVar("T")

ENVIRONMENT_FILE = "/etc/environment"


class RecordedMachine:
    """Implements `Machine` on a folder; `open` makes one."""

    def __init__(self, folder: Path, document: Document, part: MachinePart) -> None:
        self._part = part
        zone = _zone(document, part)
        times = Times(document, zone)
        file_times = {path: times.read(text, "file_times", path) for path, text in part.file_times.items()}
        self._now = _now(folder, part, times, file_times.values())
        self._unseen = _unseen(part.recording)
        self._registry = RecordedRegistry(load_registry(folder), part.recording, self._unseen)
        boot_time = times.read(part.boot_time, "boot_time") if part.boot_time else None
        self._system = system_of(part, boot_time, self._registry)
        self._files = RecordedFiles(folder, part.platform, file_times, part.recording, self._unseen)
        self._signatures = load_signatures(folder, part.recording, part.platform)
        stores = recorded_certificates.load_stores(folder)
        self._stores = (
            recorded_certificates.as_listed(stores, part.recording.certificates)
            if part.recording
            else recorded_certificates.as_exported(stores)
        )
        self._lines = load_lines(folder, part.platform)
        self._commands = load_commands(folder, part.platform, self._unseen)
        self._events = RecordedEvents.load(folder, times.zone, part.platform, self._unseen)
        self._network = load_network(folder, times, self._unseen)

    @classmethod
    def open(cls, folder: Path) -> RecordedMachine:
        """Read a recording. Raises InputError with the place of what is wrong, also for a missing folder."""
        if not is_folder(folder):
            raise refuse(folder, "recording-no-folder")
        _refuse_links_outside(folder)
        loaded = load_part(folder / MACHINE_FILE, MachinePart)
        if loaded is None:
            raise refuse(folder / MACHINE_FILE, "recording-no-machine")
        return cls(folder, *loaded)

    @property
    def platform(self) -> Platform:
        return self._part.platform

    @property
    def recorded(self) -> bool:
        return True

    def now(self) -> datetime:
        return self._now

    def system(self) -> System:
        return self._system

    def registry_key(self, key: str, view: View = View.NATIVE) -> RegistryKey | Absent | Unseen:
        return self._registry.key(key, view, self._part.platform, self._system.architecture)

    def file_info(self, path: str) -> FileInfo | Absent | Unseen:
        return self._files.info(path)

    def read_file(self, path: str, limit: int = READ_LIMIT) -> FileContent | Absent | Unseen:
        return self._files.read(path, limit)

    def open_file(self, path: str) -> FileReader | Absent | Unseen:
        return self._files.open(path)

    def signature(self, path: str) -> FileSignature | Absent | Unseen:
        """What the recorder kept of it, else what the file itself says, where the recording holds all of it."""
        folded = fold_path(path, self.platform)
        if folded is None:
            return unusable_path(path)
        if unseen := self._unseen.get(question("signature", join_path(folded, self.platform))):
            return unseen
        kept = self._signatures.get(folded)
        return replace(kept, path=path) if kept else signature_of(path, self._files.open(path))

    def find_lines(self, path: str, patterns: Sequence[str], timeout_s: float = 10.0) -> FoundLines | Absent | Unseen:
        """What the recorder kept of a search, else what a file says that the recording holds from its beginning."""
        folded = fold_path(path, self.platform)
        if folded is None:
            return unusable_path(path)
        if known := answer_from(path, patterns, self._lines, folded):
            return known
        if unseen := self._unseen.get(question("find_lines", join_path(folded, self.platform))):
            return unseen
        opened = self._files.open(path)
        if isinstance(opened, Absent | Unseen) or opened.held == (0, opened.size):
            return lines_of(path, opened, patterns, timeout_s)
        opened.close()
        return Unseen(Reason.NOT_RECORDED, path)

    def find_files(self, pattern: str) -> tuple[FileInfo, ...] | Unseen:
        return self._files.find(pattern)

    def services(self) -> tuple[Service, ...] | Unseen:
        return self._listed(
            "services", self._part.services, lambda s: Service(s.name, s.status, s.start, s.display_name, s.path)
        )

    def processes(self) -> tuple[Process, ...] | Unseen:
        return self._listed("processes", self._part.processes, lambda p: Process(p.name, p.pid, p.path))

    def listening_ports(self) -> tuple[ListeningPort, ...] | Unseen:
        return self._listed("listening", self._part.listening, lambda p: ListeningPort(p.address, p.port, p.process))

    def disks(self) -> tuple[Disk, ...] | Unseen:
        return self._listed("disks", self._part.disks, lambda d: Disk(d.path, d.total_mb, d.free_mb))

    def hotfixes(self) -> tuple[str, ...] | Unseen:
        return self._listed("hotfixes", self._part.hotfixes, str)

    def security_products(self) -> tuple[SecurityProduct, ...] | Unseen:
        return self._listed(
            "security_products", self._part.security_products, lambda p: SecurityProduct(p.name, p.state)
        )

    def events(self, log: str) -> tuple[Event, ...] | Absent | Unseen:
        return self._events.of(log)

    def certificates(self, store: Store) -> tuple[Certificate, ...] | Unseen:
        unseen = self._unseen.get(question("certificates", store))
        return unseen or recorded_certificates.answer(self._stores, store)

    def proxies(self) -> tuple[ProxySetting, ...] | Unseen:
        if self._part.recording is not None:
            return self._listed(
                "proxies", self._part.recording.proxies, lambda p: ProxySetting(p.owner, p.url, p.where, p.pac_url)
            )
        if self._part.platform is Platform.WINDOWS:
            return windows_proxies(self.registry_key)
        return self._environment_proxies()

    def run(self, argv: Sequence[str], timeout_s: float = 10.0) -> CommandResult | Absent | Unseen:  # noqa: ARG002
        return self._commands.run(argv)

    def resolve(self, name: str, resolver: Resolver) -> DnsAnswer | Unseen:
        return self._network.resolve(name, resolver)

    def connect(self, host: str, port: int) -> TcpAnswer | Unseen:
        return self._network.connect(host, port)

    def handshake(self, host: str, port: int, via: Via = Via.DIRECT, address: str = "") -> TlsAnswer | Unseen:
        return self._network.handshake(host, port, via, address)

    def fetch(self, url: str, via: Via = Via.DIRECT) -> HttpAnswer | Unseen:
        return self._network.fetch(url, via)

    def download(self, url: str, most: int, keep: int, via: Via = Via.DIRECT) -> Download | Unseen:
        return self._network.download(url, most, keep, via)

    def clock_offset(self) -> ClockOffset | Unseen:
        return self._network.clock_offset()

    def _listed(self, what: str, parts: Iterable[P] | None, make: Callable[[P], T]) -> tuple[T, ...] | Unseen:
        if parts is None:
            return self._unseen.get(what, Unseen(Reason.NOT_RECORDED, f"{MACHINE_FILE}: {what}"))
        return tuple(map(make, parts))

    def _environment_proxies(self) -> tuple[ProxySetting, ...] | Unseen:
        variables = self._part.environment
        settings = () if variables is None else environment_proxies(variables, f"{MACHINE_FILE}: environment")
        content = self.read_file(ENVIRONMENT_FILE)
        if isinstance(content, FileContent):
            in_file = environment_file(decode_text(content.data).text)
            return settings + environment_proxies(in_file, ENVIRONMENT_FILE)
        return settings or Unseen(Reason.NOT_RECORDED, f"{MACHINE_FILE}: environment")


def _zone(document: Document, part: MachinePart) -> tzinfo:
    """The offset that times without one have: that of `now`, else UTC."""
    now = Times(document).read(part.now, "now") if part.now else None
    return (now.tzinfo if now else None) or UTC


def _now(folder: Path, part: MachinePart, times: Times, file_times: Iterable[datetime]) -> datetime:
    """When the recording was made: as it says, else not before its newest file, else when it was written."""
    if part.now:
        return times.read(part.now, "now")
    if newest := max(file_times, default=None):
        return newest
    try:
        return datetime.fromtimestamp((folder / MACHINE_FILE).stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError) as error:
        raise refuse(folder / MACHINE_FILE, "file-unreadable", error=error) from None


def _unseen(recording: RecordingPart | None) -> dict[str, Unseen]:
    parts = recording.unseen if recording else ()
    return {part.what: Unseen(part.reason, part.where, part.detail) for part in parts}


def _refuse_links_outside(folder: Path) -> None:
    """A recording from somebody else must not make us read this computer's files."""
    root = real_path(folder)
    for path in _all_that_is_read(folder):
        if is_link(path) and not real_path(path).is_relative_to(root):
            raise refuse(path, "recording-link-outside")


def _all_that_is_read(folder: Path) -> Iterator[Path]:
    """A folder comes before what is in it. `files/` guards the links in it."""
    for name in (MACHINE_FILE, COMMANDS_FILE, EVENTS_FILE, NETWORK_FILE, FILES_FOLDER, STORED_FOLDER):
        yield folder / name
    waiting = [(folder / REGISTRY_FOLDER, 1), (folder / SIGNATURES_FOLDER, 1), (folder / CERTIFICATES_FOLDER, 2)]
    while waiting:
        path, levels = waiting.pop()
        yield path
        if levels and is_folder(path):
            waiting += [(entry, levels - 1) for entry in folder_entries(path)]
