"""What a Machine answers with: frozen, typed values and the two ways of having no value.

`Absent` means "we looked, and it is not there". `Unseen` means "we could not look, because ...".
The difference decides verdicts: the first is evidence, the second never is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class Platform(StrEnum):
    WINDOWS = "windows"
    LINUX = "linux"
    MACOS = "macos"


class Reason(StrEnum):
    """Why something could not be seen."""

    MISSING = "missing"  # looked in every place that is known; it stands in none
    NOT_RECORDED = "not_recorded"  # a recorded machine holds nothing about it
    DENIED = "denied"  # permission, or the agent's self-defence
    UNSUPPORTED = "unsupported"  # this platform has no such thing
    TIMED_OUT = "timed_out"
    MALFORMED = "malformed"  # there, but not in a form that we can read
    NOT_A_FILE = "not_a_file"  # a pipe, a device, a folder
    FAILED = "failed"  # the operating system said no in another way
    NO_SOURCE = "no_source"  # no machine source is known for this fact
    NOT_ANSWERED = "not_answered"  # a question that nobody answered, or "don't know"
    CONTRADICTORY = "contradictory"  # two witnesses disagree
    CHECK_BROKE = "check_broke"  # our own fault
    DEADLINE = "deadline"  # our check was abandoned at its deadline


@dataclass(frozen=True, slots=True)
class Unseen:
    """We could not look."""

    reason: Reason
    where: str
    """The place as a support engineer would write it: `HKLM\\...\\Misc. : NoProgramUpgrade`, a path, a host."""
    detail: str = ""
    """The system's own words, untranslated; may be empty."""


@dataclass(frozen=True, slots=True)
class Absent:
    """We looked, and it is not there."""

    where: str


class View(StrEnum):
    """Which side of the 32/64-bit registry split to read."""

    NATIVE = "native"
    BITS_32 = "32"
    BITS_64 = "64"


RegistryData = str | int | bytes | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegistryValue:
    """`data`: str for REG_SZ/REG_EXPAND_SZ, int for REG_DWORD/REG_QWORD, tuple for REG_MULTI_SZ, bytes for the rest."""

    kind: str
    """REG_SZ, REG_EXPAND_SZ, REG_DWORD, REG_QWORD, REG_MULTI_SZ, REG_BINARY, REG_NONE, or `REG_TYPE_<n>`."""
    data: RegistryData
    where: str = ""


@dataclass(frozen=True, slots=True)
class RegistryKey:
    """One key: its own values (names as stored; "" is the default value) and the names of its direct subkeys."""

    where: str
    values: Mapping[str, RegistryValue]
    subkeys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileInfo:
    path: str
    size: int | None
    """Bytes; None when a recording knows only that the file exists."""
    modified: datetime | None
    is_folder: bool = False


_NEVER = datetime(1, 1, 1, tzinfo=UTC)


def newest_first(files: Iterable[FileInfo]) -> list[FileInfo]:
    """By modified time, then by path, which orders logs that carry their time in the name; unknown times come last."""
    return sorted(files, key=lambda info: (info.modified or _NEVER, info.path), reverse=True)


@dataclass(frozen=True, slots=True)
class FileContent:
    path: str
    data: bytes
    size: int
    """Bytes of the whole file, which may be more than `data` holds."""
    offset: int = 0
    """Where `data` starts in the file: above 0 when only the tail was read."""
    modified: datetime | None = None

    @property
    def whole(self) -> bool:
        return self.offset == 0 and len(self.data) >= self.size


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    status: str
    """running, stopped, start_pending, stop_pending, paused, failed, or unknown."""
    start: str = "unknown"
    """automatic, delayed, manual, disabled, or unknown."""
    display_name: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Process:
    name: str
    pid: int | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class ListeningPort:
    address: str
    port: int
    process: str = ""


@dataclass(frozen=True, slots=True)
class Disk:
    path: str
    total_mb: int
    free_mb: int


@dataclass(frozen=True, slots=True)
class SecurityProduct:
    """As root\\SecurityCenter2 gives it; `state` is the productState number."""

    name: str
    state: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One record of an event log of Windows."""

    log: str
    """The channel: `System`, `Application`, `Microsoft-Windows-Windows Defender/Operational`."""
    provider: str
    id: int
    level: int
    """1 critical, 2 error, 3 warning."""
    time: datetime | None
    message: str
    """As the event viewer shows it; where the program that wrote it is gone, only its inserted words."""


@dataclass(frozen=True, slots=True)
class Certificate:
    sha1: str
    """The `thumbprint` of the DER."""
    der: bytes = field(repr=False)
    where: str = ""


def thumbprint(der: bytes) -> str:
    """Upper-case SHA-1, as Windows shows it: a name, not a protection."""
    return hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()


class SignatureForm(StrEnum):
    """What a file holds of a signature, before anything of it is verified."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"  # a program without a certificate table
    BROKEN = "broken"  # a program whose headers and certificate table do not fit the file: cut off, appended to
    NOT_A_PROGRAM = "not_a_program"


@dataclass(frozen=True, slots=True)
class FileSignature:
    """The Authenticode signature of a program, and what the program itself amounts to; neither is judged."""

    path: str
    size: int
    """Bytes of the file."""
    form: SignatureForm
    blobs: tuple[bytes, ...] = field(default=(), repr=False)
    """The PKCS#7 structures (DER) of the certificate table."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """sha1, sha256, sha384, sha512: those that the structures name, of what Authenticode covers; hexadecimal."""
    detail: str = ""
    """For BROKEN: what does not fit."""


class Store(StrEnum):
    ROOT = "ROOT"
    CA = "CA"
    DISALLOWED = "DISALLOWED"


@dataclass(frozen=True, slots=True)
class System:
    """What the computer is. None means unknown. Memory in MiB."""

    hostname: str | None = None
    os_name: str | None = None
    os_version: str | None = None
    os_build: int | None = None
    os_ubr: int | None = None
    os_language: str | None = None
    os_server: bool | None = None
    architecture: str | None = None
    """x86, x86_64 or arm64."""
    cores: int | None = None
    mhz: int | None = None
    memory_total_mb: int | None = None
    memory_available_mb: int | None = None
    boot_time: datetime | None = None
    elevated: bool | None = None


@dataclass(frozen=True, slots=True)
class CommandResult:
    argv: tuple[str, ...]
    exit_code: int
    stdout: bytes
    stderr: bytes


class Resolver(StrEnum):
    SYSTEM = "system"
    PUBLIC = "public"


class DnsStatus(StrEnum):
    ANSWERED = "answered"
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    TIMEOUT = "timeout"
    REFUSED = "refused"


class Transport(StrEnum):
    """How a DNS server was asked."""

    UDP = "udp"
    TLS = "tls"
    HTTPS = "https"
    HTTPS_BY_PROXY = "https_by_proxy"


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    name: str
    resolver: Resolver
    status: DnsStatus
    addresses: tuple[str, ...] = ()
    server: str = ""
    """The server that answered or was asked last; empty when unknown."""
    transport: Transport = Transport.UDP
    silent: tuple[str, ...] = ()
    """Servers of this computer that did not answer although another one did; known only where it had to wait."""


class TcpStatus(StrEnum):
    CONNECTED = "connected"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class TcpAnswer:
    host: str
    port: int
    status: TcpStatus
    dead: tuple[str, ...] = ()
    """Addresses of the host that do not accept although another one does."""


class Via(StrEnum):
    DIRECT = "direct"
    PROXY = "proxy"


class TlsStatus(StrEnum):
    OK = "ok"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    INTERCEPTED = "intercepted"
    NAME_MISMATCH = "name_mismatch"
    PROTOCOL = "protocol"
    RESET = "reset"
    SILENT = "silent"
    """The connection stands, and nothing more comes."""
    NAME_FILTERED = "name_filtered"
    """Stopped for this server name; another name passes to the same address."""
    SIZE_FILTERED = "size_filtered"
    """Stopped unless the packets are small."""


@dataclass(frozen=True, slots=True)
class TlsAnswer:
    host: str
    port: int
    status: TlsStatus
    issuer: str = ""
    subject: str = ""
    not_after: datetime | None = None
    error: str = ""
    """The system's own words for the fault that decides."""
    more_errors: tuple[str, ...] = ()
    """Those for the other faults of the chain."""
    chain: tuple[str, ...] = ()
    """Names of the certificates from the server up; the last is its authority, as far as that is known."""
    version: str = ""
    """The version of TLS that was agreed, or that the server would speak; empty when unknown."""
    via: Via = Via.DIRECT
    address: str = ""
    """The one that was asked for the host; empty: those that the computer resolves its name to."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    url: str
    via: Via
    status: int | None
    """None when no answer came back; `error` then says why."""
    body: str = ""
    """The first few kilobytes, decoded."""
    size: int | None = None
    """Bytes received."""
    error: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """Those that tell who answered and why: see `diagnose.network.http_headers`; names in lower case."""

    def header(self, name: str) -> str:
        """Empty when it did not come."""
        return dict(self.headers).get(name, "")


@dataclass(frozen=True, slots=True)
class Download:
    """What came of a file that was fetched as a whole: how much of it, and how it begins."""

    url: str
    via: Via
    status: int | None
    """None when no answer came back; `error` then says why."""
    start: bytes = field(default=b"", repr=False)
    """The first bytes, as many as were to be kept."""
    size: int = 0
    """Bytes received."""
    declared: int | None = None
    """Bytes that the server announced."""
    error: str = ""
    """Why it ended early; `timeout` when it only took longer than we wait, `stalled` when nothing more came."""


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """This computer's clock minus the network's, in seconds; positive means that it runs ahead."""

    seconds: float
    source: str = ""


@dataclass(frozen=True, slots=True)
class ProxySetting:
    """One place that names a proxy. `owner`: user, service, environment or policy."""

    owner: str
    url: str
    """`http://host:port`, never with a password; empty when this place says "no proxy"."""
    where: str
    pac_url: str = ""
