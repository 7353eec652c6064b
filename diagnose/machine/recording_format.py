"""The YAML files of a recorded machine as typed records: what a person may write and what the recorder writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from diagnose.errors import InputError, Place
from diagnose.input_files import folder_entries, is_folder, is_there
from diagnose.machine.values import (
    Platform,
    Reason,
    Resolver,
    SignatureForm,
    Store,
    TcpStatus,
    TlsStatus,
    Transport,
    Via,
)
from diagnose.messages import message
from diagnose.yaml_file import Document, convert, load_yaml

MACHINE_FILE = "machine.yaml"
COMMANDS_FILE = "commands.yaml"
EVENTS_FILE = "events.yaml"
NETWORK_FILE = "network.yaml"
REGISTRY_FOLDER = "registry"
FILES_FOLDER = "files"
SIGNATURES_FOLDER = "signatures"
STORED_FOLDER = "files-renamed"
"""Files whose own name some file system cannot hold; `recording.stored_as` says which is which."""
CERTIFICATES_FOLDER = "certificates"

MAX_BYTES = 32_000_000
MAX_VALUES = 2_000_000

ServiceStatus = Literal["running", "stopped", "start_pending", "stop_pending", "paused", "failed", "unknown"]
ServiceStart = Literal["automatic", "delayed", "manual", "disabled", "unknown"]
Architecture = Literal["x86", "x86_64", "arm64"]

NotNegative = Annotated[int, msgspec.Meta(ge=0)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
HttpStatus = Annotated[int, msgspec.Meta(ge=100, le=999)]
"""Any three digits: real servers send 999, and what the recorder wrote must be readable again."""
Seconds = Annotated[float, msgspec.Meta(ge=-1e11, le=1e11)]
"""A few thousand years, so that a time can be put off by it."""

T = TypeVar("T")


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A piece of one of the files; what is left out is unknown."""


class OsPart(Part, frozen=True):
    """The operating system."""

    name: str | None = None
    version: str | None = None
    build: NotNegative | None = None
    ubr: NotNegative | None = None
    language: str | None = None
    server: bool | None = None


class ProcessorPart(Part, frozen=True):
    """Logical processors and their clock rate."""

    cores: Annotated[int, msgspec.Meta(ge=1)] | None = None
    mhz: NotNegative | None = None


class MemoryPart(Part, frozen=True):
    """In MiB."""

    total_mb: NotNegative | None = None
    available_mb: NotNegative | None = None


class DiskPart(Part, frozen=True):
    """In MiB."""

    path: str
    total_mb: NotNegative
    free_mb: NotNegative


class ServicePart(Part, frozen=True):
    """See `values.Service`."""

    name: str
    display_name: str = ""
    status: ServiceStatus = "unknown"
    start: ServiceStart = "unknown"
    path: str = ""


class ProcessPart(Part, frozen=True):
    """See `values.Process`."""

    name: str
    pid: NotNegative | None = None
    path: str = ""


class ListeningPart(Part, frozen=True):
    """See `values.ListeningPort`."""

    address: str
    port: Port
    process: str = ""


class SecurityProductPart(Part, frozen=True):
    """See `values.SecurityProduct`."""

    name: str
    state: int | None = None


class ProxyPart(Part, frozen=True):
    """See `values.ProxySetting`."""

    owner: str
    url: str = ""
    where: str = ""
    pac_url: str = ""


class CertificatePart(Part, frozen=True):
    """A certificate of a store; its DER lies in `certificates/<store>/`."""

    sha1: str
    where: str = ""


class PartialPart(Part, frozen=True):
    """A file of which not everything was read."""

    size: NotNegative
    offset: NotNegative = 0


class SignaturePart(Part, frozen=True):
    """See `values.FileSignature`; its structures lie in `signatures/` under the names in `stored`."""

    size: NotNegative
    form: SignatureForm
    digests: dict[str, str] = {}
    stored: tuple[str, ...] = ()
    detail: str = ""


class UnseenPart(Part, frozen=True):
    """A question (see `question`) that the computer did not answer."""

    what: str
    reason: Reason
    where: str = ""
    detail: str = ""


class AbsentPart(Part, frozen=True):
    """What was looked for and is not there."""

    registry: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class RecordingPart(Part, frozen=True):
    """Written by the recorder: then only what is listed here was looked at."""

    tool: str = ""
    registry: tuple[str, ...] = ()
    """Keys that were read; others stand in the registry files only as names of subkeys."""
    absent: AbsentPart = AbsentPart()
    folders: tuple[str, ...] = ()
    """File patterns whose matches are known completely."""
    file_sizes: dict[str, NotNegative | None] = {}
    """Files that were looked at, with their size in bytes, whether or not their content is kept."""
    directories: tuple[str, ...] = ()
    partial_files: dict[str, PartialPart] = {}
    stored_as: dict[str, str] = {}
    signatures: dict[str, SignaturePart] = {}
    certificates: dict[Store, tuple[CertificatePart, ...]] = {}
    proxies: tuple[ProxyPart, ...] | None = None
    unseen: tuple[UnseenPart, ...] = ()


class MachinePart(Part, frozen=True):
    """machine.yaml; times are ISO 8601 text."""

    platform: Platform
    now: str | None = None
    hostname: str | None = None
    os: OsPart = OsPart()
    architecture: Architecture | None = None
    processor: ProcessorPart = ProcessorPart()
    memory: MemoryPart = MemoryPart()
    disks: tuple[DiskPart, ...] | None = None
    boot_time: str | None = None
    elevated: bool | None = None
    services: tuple[ServicePart, ...] | None = None
    processes: tuple[ProcessPart, ...] | None = None
    listening: tuple[ListeningPart, ...] | None = None
    hotfixes: tuple[str, ...] | None = None
    security_products: tuple[SecurityProductPart, ...] | None = None
    file_times: dict[str, str] = {}
    environment: dict[str, str] | None = None
    """Proxy variables of a Linux or macOS computer."""
    recording: RecordingPart | None = None


class CommandPart(Part, frozen=True):
    """A program with its arguments, and what it said."""

    argv: tuple[str, ...]
    missing: bool = False
    """There is no such program."""
    exit: int = 0
    stdout: str = ""
    stderr: str = ""
    stdout_base64: str | None = None
    """The bytes as they were, where `stdout` cannot hold them."""
    stderr_base64: str | None = None


class EventPart(Part, frozen=True):
    """A record of an event log; the time is ISO 8601 text."""

    provider: str
    id: NotNegative
    level: NotNegative = 2
    time: str | None = None
    message: str = ""


class EventLogPart(Part, frozen=True):
    """All errors and warnings of one log, newest first, or that there is no such log."""

    log: str
    missing: bool = False
    events: tuple[EventPart, ...] = ()


class DnsPart(Part, frozen=True, kw_only=True):
    """A name lookup."""

    name: str
    resolver: Resolver = Resolver.SYSTEM
    answers: tuple[str, ...] | str
    """Addresses, or a word of `DnsStatus` other than `answered`."""
    server: str = ""
    transport: Transport = Transport.UDP
    silent: tuple[str, ...] = ()


class TcpPart(Part, frozen=True):
    """An attempt to connect."""

    host: str
    port: Port
    result: TcpStatus
    dead: tuple[str, ...] = ()


class TlsPart(Part, frozen=True):
    """A TLS handshake."""

    host: str
    port: Port
    result: TlsStatus
    issuer: str | None = None
    subject: str | None = None
    not_after: str | None = None
    error: str | None = None
    more_errors: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    version: str | None = None
    via: Via = Via.DIRECT
    address: str = ""


class HttpPart(Part, frozen=True):
    """A GET request."""

    url: str
    via: Via = Via.DIRECT
    status: HttpStatus | None = None
    body: str | None = None
    bytes: NotNegative | None = None
    error: str | None = None
    headers: dict[str, str] = {}


class DownloadPart(Part, frozen=True):
    """A file fetched as a whole; `body` is how it begins, `bytes` how much of it came."""

    url: str
    via: Via = Via.DIRECT
    status: HttpStatus | None = None
    body: str = ""
    body_base64: str | None = None
    """The bytes as they were, where `body` cannot hold them."""
    bytes: NotNegative | None = None
    """Left out: as many as `body` has."""
    declared: NotNegative | None = None
    error: str | None = None


class ClockPart(Part, frozen=True):
    """See `values.ClockOffset`."""

    offset_s: Seconds
    source: str = ""


class NetworkPart(Part, frozen=True):
    """network.yaml"""

    dns: tuple[DnsPart, ...] = ()
    tcp: tuple[TcpPart, ...] = ()
    tls: tuple[TlsPart, ...] = ()
    http: tuple[HttpPart, ...] = ()
    downloads: tuple[DownloadPart, ...] = ()
    clock: ClockPart | None = None


def load_part(path: Path, type_: type[T]) -> tuple[Document, T] | None:
    """One of the files; None when it is missing or empty. Raises InputError."""
    if not is_there(path):
        return None
    document = load_yaml(path, max_bytes=MAX_BYTES, max_values=MAX_VALUES)
    return None if document.data is None else (document, convert(document, (), type_))


def part_folder(path: Path) -> bool:
    """Whether a recording has this folder. Raises InputError when something else stands in its place."""
    if is_folder(path):
        return True
    if is_there(path):
        raise refuse(path, "recording-not-a-folder")
    return False


def part_entries(path: Path) -> tuple[Path, ...]:
    """What lies in a folder of a recording, without what file managers hide there. Raises InputError."""
    return tuple(entry for entry in folder_entries(path) if not entry.name.startswith("."))


def question(kind: str, *about: object) -> str:
    """How a question is called in `recording.unseen`; `about` must already be folded."""
    return " ".join((kind, *map(str, about)))


@dataclass(frozen=True, slots=True)
class TlsQuestion:
    """Which handshake was asked for; `host` is folded."""

    host: str
    port: int
    via: Via
    address: str

    def __str__(self) -> str:
        """The name that the reader of a recording knows it by."""
        way = [*([str(self.via)] if self.via is Via.PROXY else []), *([self.address] if self.address else [])]
        return question("TLS", f"{self.host}:{self.port}", *way)


class Times:
    """Reads the times of one file; a time without an offset has that of `zone`."""

    def __init__(self, document: Document, zone: tzinfo = UTC) -> None:
        self._document = document
        self.zone = zone

    def read(self, text: str, *path: str | int) -> datetime:
        """`text` stands at `path` of the file. Raises InputError when it is not an ISO 8601 time."""
        try:
            time = datetime.fromisoformat(text.strip())
        except ValueError:
            raise InputError(message("recording-time", value=text), self._document.place(path)) from None
        return time if time.tzinfo is not None else time.replace(tzinfo=self.zone)


def refuse(file: Path | str, what: str, **values: object) -> InputError:
    """The problem `what` with a whole file or folder of a recording."""
    return InputError(message(what, **values), Place(str(file)))
